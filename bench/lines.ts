// Lines of a benchmark: what was measured, what was promised, and whether it is kept.

/** What a line promises: null for one that is only shown. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly promise: string | null;
  readonly kept: boolean;
}

export function line(what: string, measured: string): Line {
  return { what, measured, promise: null, kept: true };
}

export function below(most: number, value: number, what: string): Line {
  return { what, measured: shown(value), promise: `below ${most}`, kept: value < most };
}

export function atLeast(least: number, value: number, what: string): Line {
  return { what, measured: shown(value), promise: `at least ${least}`, kept: value >= least };
}

export function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

/** Three digits are more than a measurement is good for. */
const shown = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

export function print(lines: readonly Line[]): void {
  const width = Math.max(...lines.map(({ what }) => what.length));
  for (const { what, measured, promise, kept } of lines) {
    const verdict = promise === null ? '' : `   ${promise}: ${kept ? 'kept' : 'BROKEN'}`;
    console.log(`${what.padEnd(width)}   ${measured}${verdict}`);
  }
}
