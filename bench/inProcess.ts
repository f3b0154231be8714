// A measurement in a fresh process of this program, which knows nothing from before.
import { execFileSync } from 'node:child_process';

/** @param job a name in the jobs of main.ts, with its arguments. Answers what the job does. */
export function inProcess<T>(job: string, ...args: string[]): T {
  const program = process.argv[1] ?? '';
  const output = execFileSync(process.execPath, ['--expose-gc', program, 'measure', job, ...args], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as T;
}
