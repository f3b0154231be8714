// Entry of the terminal program: arguments in, text and exit code out.
import { runCommand } from './cli.ts';
import type { Terminal } from './terminal.ts';

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  ...(process.stderr.isTTY && { progress: (line) => void process.stderr.write(`\r\x1b[2K${line}`) }),
};
const programs = {
  kernelFile: join(__dirname, 'kernel.wasm'),
  sliceThread: join(__dirname, 'sliceThread.js'),
};
void runCli(process.argv.slice(2), terminal, programs).then((code) => (const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
void runCommand(process.argv.slice(2), terminal, __dirname, controller.signal).then(
  (code) => void (process.exitCode = code),
);
