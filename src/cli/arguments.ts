// Reads what stands after a command: one path, --json, and options that take a value.
import { wrongUsage } from '../core/base/failure.ts';

export interface Arguments<Option extends string> {
  readonly path: string;
  readonly json: boolean;
  readonly options: Readonly<Partial<Record<Option, string>>>;
}

/** @throws Failure wrong-usage */
export function readArguments<Option extends `--${string}`>(
  command: string,
  args: readonly string[],
  names: readonly Option[],
): Arguments<Option> {
  const paths: string[] = [];
  const options: Partial<Record<Option, string>> = {};
  let json = false;
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const option = names.find((name) => name === argument);
    if (option !== undefined) {
      const value = rest.shift();
      if (value === undefined) throw wrongUsage(`${option} needs a value`);
      options[option] = value;
    } else if (argument === '--json') json = true;
    else if (argument.startsWith('-') && argument !== '-')
      throw wrongUsage(
        `${command} has no option "${argument}"; it has ${[...names, '--json'].join(' and ')}`,
      );
    else paths.push(argument);
  }
  const [path, second] = paths;
  if (path === undefined)
    throw wrongUsage(`${command} needs the path of a model: quantscope ${command} PATH`);
  if (second !== undefined) throw wrongUsage(`${command} takes one path, not also "${second}"`);
  return { path, json, options };
}
