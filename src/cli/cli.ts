// The commands of the terminal program and their exit codes.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspection } from '../app/present/report.ts';
import { Failure, notFound, notReadable, wrongUsage } from '../core/base/failure.ts';
import { NEVER_CANCELLED } from '../core/base/cancel.ts';
import type { Opened } from '../core/formats/model.ts';
import { openModel } from '../core/formats/openModel.ts';
import { diskAccess } from '../node/fileSource.ts';
import { inspectionText } from './inspectText.ts';

/** Exit codes: 64 is EX_USAGE of BSD's sysexits. */
export const EXIT = { ok: 0, unreadable: 2, usage: 64 } as const;

export interface Terminal {
  out(text: string): void;
  error(text: string): void;
}

const USAGE = `Usage: quantscope inspect PATH [--json]

  inspect PATH   what a GGUF or safetensors model is made of; PATH is the model, any of its shards or its index
  --json         the same as one JSON object, with every tensor
  --help         this text
`;

export function runCli(args: readonly string[], terminal: Terminal): number {
  try {
    const [command, ...rest] = args;
    if (command === '--help' || command === '-h' || command === 'help') {
      terminal.out(USAGE);
      return EXIT.ok;
    }
    if (command === undefined) throw wrongUsage('no command given; try: quantscope inspect PATH');
    if (command !== 'inspect')
      throw wrongUsage(`there is no command "${command}"; try: quantscope inspect PATH`);
    return inspect(rest, terminal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.error(`quantscope: ${error.message}\n`);
    return error.code === 'wrong-usage' ? EXIT.usage : EXIT.unreadable;
  }
}

function inspect(args: readonly string[], terminal: Terminal): number {
  const flags = args.filter((argument) => argument.startsWith('-') && argument !== '-');
  const paths = args.filter((argument) => !flags.includes(argument));
  if (flags.includes('--help') || flags.includes('-h')) {
    terminal.out(USAGE);
    return EXIT.ok;
  }
  const unknown = flags.find((flag) => flag !== '--json');
  if (unknown !== undefined) throw wrongUsage(`inspect has no option "${unknown}"; it has --json`);
  const [path, second] = paths;
  if (path === undefined) throw wrongUsage('inspect needs the path of a model: quantscope inspect PATH');
  if (second !== undefined) throw wrongUsage(`inspect takes one path, not also "${second}"`);

  const opened = open(path);
  if (opened.model === null) {
    const why = opened.problems.find(({ severity }) => severity === 'error') ?? opened.problems[0];
    terminal.error(`quantscope: ${path}: ${why?.text ?? 'nothing could be read.'}\n`);
    if (flags.includes('--json')) terminal.out(`${JSON.stringify(inspection(opened), null, 2)}\n`);
    return EXIT.unreadable;
  }
  terminal.out(
    flags.includes('--json')
      ? `${JSON.stringify(inspection(opened), null, 2)}\n`
      : inspectionText(path, opened),
  );
  return EXIT.ok;
}

function open(path: string): Opened {
  const absolute = resolve(path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) throw notFound(path);
  if (!stat.isFile())
    throw notReadable(path, stat.isDirectory() ? 'it is a folder' : 'it is not a regular file');
  return diskAccess.withFolder(absolute, (folder, fileName) => openModel(folder, fileName, NEVER_CANCELLED));
}
