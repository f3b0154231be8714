// Entry of the terminal program: arguments in, text and exit code out.
import { runCli } from './cli.ts';

process.exitCode = runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
