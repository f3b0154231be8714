// Reads what stands after a command that takes several paths, switches, and options that may come more than once.
import { wrongUsage } from '../core/base/failure.ts';

export interface OptionNames<Value extends string, List extends string, Switch extends string> {
  readonly values: readonly Value[];
  readonly lists: readonly List[];
  readonly switches: readonly Switch[];
}

export interface Options<Value extends string, List extends string, Switch extends string> {
  readonly paths: readonly string[];
  readonly values: Readonly<Partial<Record<Value, string>>>;
  readonly lists: Readonly<Record<List, readonly string[]>>;
  readonly switches: Readonly<Record<Switch, boolean>>;
}

/** @param paths how the paths are called @throws Failure wrong-usage */
export function readOptions<Value extends string, List extends string, Switch extends string>(
  command: string,
  args: readonly string[],
  paths: readonly string[],
  names: OptionNames<Value, List, Switch>,
): Options<Value, List, Switch> {
  const found: string[] = [];
  const values: Partial<Record<Value, string>> = {};
  const lists = Object.fromEntries(names.lists.map((name) => [name, []])) as unknown as Record<
    List,
    string[]
  >;
  const switches = Object.fromEntries(names.switches.map((name) => [name, false])) as Record<Switch, boolean>;
  const rest = [...args];
  const valueOf = (option: string): string => {
    const value = rest.shift();
    if (value === undefined) throw wrongUsage(`${option} needs a value`);
    return value;
  };
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const named = argument;
    const value = names.values.find((name) => name === named);
    const list = names.lists.find((name) => name === named);
    const flag = names.switches.find((name) => name === named);
    if (value !== undefined) values[value] = valueOf(value);
    else if (list !== undefined) lists[list].push(valueOf(list));
    else if (flag !== undefined) switches[flag] = true;
    else if (named.startsWith('-') && named !== '-')
      throw wrongUsage(
        `${command} has no option "${named}"; it has ${[...names.values, ...names.lists, ...names.switches].join(', ')}`,
      );
    else found.push(named);
  }
  if (found.length !== paths.length)
    throw wrongUsage(`${command} needs ${paths.join(' and ')}: quantscope ${command} ${paths.join(' ')} …`);
  return { paths: found, values, lists, switches };
}

/** A number as 1, 2, 3 …; null where the option was not given. @throws Failure wrong-usage */
export function wholeNumber(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw wrongUsage(`${option} takes a whole number above zero, not "${text}"`);
  return Number(text);
}
