// The columns that the analysis fills: their values by row, how many decimals they have, and their text.
import { formatFixed, formatPercent } from '../../../src/core/base/units.ts';
import type { ColumnId } from '../state.ts';
import { statsKnown, type Stats, type StatsKnown } from '../stats.ts';

export const STAT_COLUMNS = [
  'beyond3',
  'kurtosis',
  'std',
  'absMax',
  'absMaxStd',
  'scaleRange',
  'entropy',
] as const satisfies readonly ColumnId[];
export type StatColumn = (typeof STAT_COLUMNS)[number];

export const isStatColumn = (column: ColumnId): column is StatColumn =>
  STAT_COLUMNS.some((statColumn) => statColumn === column);

/** What the analysis has found so far, as the table needs it. */
export interface Analyzed {
  /** null: nothing yet. */
  readonly stats: Stats | null;
  /** What is not known may still come. */
  readonly isRunning: boolean;
  readonly decimals: Decimals;
}

/** Decimals of the columns whose numbers are of any size. */
export type Decimals = Readonly<Record<'std' | 'absMax', number>>;

export const NOT_ANALYZED: Analyzed = {
  stats: null,
  isRunning: false,
  decimals: { std: 4, absMax: 3 },
};

/** By row, in the units of StatsColumns; NaN: not known. */
export function statValues(stats: Stats, column: StatColumn): Float64Array {
  return column === 'absMaxStd' ? ratiosOf(stats) : stats[column];
}

export function statValue(stats: Stats, row: number, column: StatColumn): number {
  if (column === 'absMaxStd') return ratioAt(stats, row);
  return stats[column][row] ?? NaN;
}

/** The largest weight in standard deviations; NaN where all weights are the same. */
function ratioAt({ absMax, std }: Stats, row: number): number {
  const deviation = std[row] ?? NaN;
  return deviation > 0 ? (absMax[row] ?? NaN) / deviation : NaN;
}

/** New results are a new object over the same arrays: what was computed from the one before is not found again. */
const ratios = new WeakMap<Stats, Float64Array>();

function ratiosOf(stats: Stats): Float64Array {
  let values = ratios.get(stats);
  if (values === undefined) ratios.set(stats, (values = stats.std.map((_, row) => ratioAt(stats, row))));
  return values;
}

/** What stands for a number that is still to come, and for one that is not known. */
export const PENDING = '…';
export const UNKNOWN = '–';

/** "0.0146", "≈0.0146" of a part of the rows, "…" while it is still to come, "–" where it is not known. */
export function statText(analyzed: Analyzed, row: number, column: StatColumn): string {
  const { stats, isRunning, decimals } = analyzed;
  const known = statsKnown(stats, row);
  const value = stats === null ? NaN : statValue(stats, row, column);
  if (Number.isNaN(value)) return isPending(known, isRunning) ? PENDING : UNKNOWN;
  const text = formatStat(value, column, decimals);
  const ofCodes = column === 'entropy' && stats !== null ? ofBits(stats.codeBits[row] ?? NaN) : '';
  return `${known === 'estimate' ? '≈' : ''}${text}${ofCodes}`;
}

const isPending = (known: StatsKnown, isRunning: boolean): boolean =>
  known === 'estimate' || (known === 'none' && isRunning);

/** " of 4", the width of a code. */
const ofBits = (codeBits: number): string =>
  Number.isNaN(codeBits) ? '' : ` of ${Number(codeBits.toFixed(2))}`;

/** The number alone, with the decimals of its column. */
export function formatStat(value: number, column: StatColumn, decimals: Decimals): string {
  switch (column) {
    case 'beyond3':
      return formatPercent(value);
    case 'kurtosis':
    case 'entropy':
      return formatSigned(value, 2);
    case 'std':
    case 'absMax':
      return formatSmall(value, decimals[column]);
    case 'absMaxStd':
    case 'scaleRange':
      return formatSigned(value, 1);
  }
}

/** Larger numbers, of weights that are garbage, are written with a power of ten. */
const MAX_PLAIN = 1e6;

/** With a real minus, and none before a zero. */
function formatSigned(value: number, decimals: number): string {
  if (Math.abs(value) >= MAX_PLAIN && Math.abs(value) < Infinity)
    return value.toExponential(2).replace('e+', 'e').replaceAll('-', '−');
  const text = formatFixed(Math.abs(value), decimals);
  return value < 0 && /[1-9∞]/.test(text) ? `−${text}` : text;
}

/** Not nothing, but less than the last decimal: "<0.0001". */
function formatSmall(value: number, decimals: number): string {
  const least = 10 ** -decimals;
  return value > 0 && value < least / 2 ? `<${formatFixed(least, decimals)}` : formatSigned(value, decimals);
}

/** Three significant digits for the small numbers of a column, within what a column can hold. */
const MIN_DECIMALS = 2;
const MAX_DECIMALS = 7;
/** Smaller numbers than so many of a hundred do not widen the column for all. */
const SMALL_SHARE = 0.05;

export function decimalsOf(stats: Stats | null): Decimals {
  if (stats === null) return NOT_ANALYZED.decimals;
  return { std: decimalsFor(stats.std), absMax: decimalsFor(stats.absMax) };
}

function decimalsFor(values: Float64Array): number {
  // By how many decimals each number needs: counted, as the order of 60,000 numbers takes long to find.
  const counts = new Uint32Array(MAX_DECIMALS + 1);
  let count = 0;
  for (const value of values) {
    if (!(value > 0 && value < Infinity)) continue;
    const decimals = 2 - Math.floor(Math.log10(value));
    const within = Math.max(MIN_DECIMALS, Math.min(MAX_DECIMALS, decimals));
    counts[within] = (counts[within] ?? 0) + 1;
    count += 1;
  }
  let rest = count * SMALL_SHARE;
  for (let decimals = MAX_DECIMALS; decimals > MIN_DECIMALS; decimals--) {
    rest -= counts[decimals] ?? 0;
    if (rest < 0) return decimals;
  }
  return MIN_DECIMALS;
}

/** Characters of the longest number in each column. Counted by size, as writing 60,000 takes long. */
export function longestStats({ stats, decimals }: Analyzed): Partial<Record<StatColumn, number>> {
  if (stats === null) return {};
  const lengthOf = (column: StatColumn, decimalCount: number): number => {
    let largest = 0;
    for (const value of statValues(stats, column)) if (Math.abs(value) > largest) largest = Math.abs(value);
    return formatFixed(Math.min(largest, MAX_PLAIN - 1), decimalCount).length + 1;
  };
  return {
    kurtosis: lengthOf('kurtosis', 2),
    std: lengthOf('std', decimals.std),
    absMax: lengthOf('absMax', decimals.absMax),
    absMaxStd: lengthOf('absMaxStd', 1),
    scaleRange: lengthOf('scaleRange', 1),
  };
}
