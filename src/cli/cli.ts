// The commands of the terminal program and their exit codes.
import { inspection } from '../app/present/report.ts';
import { Failure, wrongUsage } from '../core/base/failure.ts';
import { readArguments } from './arguments.ts';
import { inspectionText } from './inspectText.ts';
import { openPath, whyUnreadable } from './openPath.ts';
import { stats } from './stats.ts';
import { EXIT, type Terminal } from './terminal.ts';

const USAGE = `Usage: quantscope inspect PATH [--json]
       quantscope stats PATH [--tensor NAME] [--json]

  inspect PATH   what a GGUF or safetensors model is made of; PATH is the model, any of its shards or its index
  stats PATH     the numbers in it: every weight of every tensor is decoded and counted
  --tensor NAME  only of this tensor
  --json         the same as JSON, with every tensor
  --help         this text
`;

/** @param kernelFile path of kernel.wasm */
export function runCli(args: readonly string[], terminal: Terminal, kernelFile: string): number {
  try {
    const [command, ...rest] = args;
    if (command === undefined) throw wrongUsage('no command given; try: quantscope inspect PATH');
    if (['--help', '-h', 'help'].includes(command) || rest.includes('--help') || rest.includes('-h')) {
      terminal.out(USAGE);
      return EXIT.ok;
    }
    switch (command) {
      case 'inspect':
        return inspect(rest, terminal);
      case 'stats':
        return stats(rest, terminal, kernelFile);
      default:
        throw wrongUsage(`there is no command "${command}"; try: quantscope inspect PATH`);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.error(`quantscope: ${error.message}\n`);
    return error.code === 'wrong-usage' ? EXIT.usage : EXIT.unreadable;
  }
}

function inspect(args: readonly string[], terminal: Terminal): number {
  const { path, json } = readArguments('inspect', args, []);
  const { opened } = openPath(path);
  const asJson = (): void => terminal.out(`${JSON.stringify(inspection(opened), null, 2)}\n`);
  if (opened.model === null) {
    terminal.error(`quantscope: ${path}: ${whyUnreadable(opened)}\n`);
    if (json) asJson();
    return EXIT.unreadable;
  }
  if (json) asJson();
  else terminal.out(inspectionText(path, opened));
  return EXIT.ok;
}
