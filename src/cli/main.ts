// Entry of the terminal program: arguments in, text and exit code out.
import { join } from 'node:path';
import { runCli } from './cli.ts';
import type { Terminal } from './terminal.ts';

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  ...(process.stderr.isTTY && { progress: (line) => void process.stderr.write(`\r\x1b[2K${line}`) }),
};
const programs = {
  kernelFile: join(__dirname, 'kernel.wasm'),
  sliceThread: join(__dirname, 'sliceThread.js'),
  engine: {
    engineProgram: join(__dirname, 'engine.js'),
    engineFolders: [join(__dirname, 'engine')],
    rowsFile: join(__dirname, 'rows.wasm'),
  },
};
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
void runCli(process.argv.slice(2), terminal, programs, controller.signal).then(
  (code) => void (process.exitCode = code),
);
