// Entry of the terminal program: arguments in, text and exit code out.
import { join } from 'node:path';
import { runCli } from './cli.ts';
import type { Terminal } from './terminal.ts';

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  ...(process.stderr.isTTY && { progress: (line) => void process.stderr.write(`\r\x1b[2K${line}`) }),
};
process.exitCode = runCli(process.argv.slice(2), terminal, join(__dirname, 'kernel.wasm'));
