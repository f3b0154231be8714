// Numbers of several tensors together, of a layer, a role or a cell of the map: sums over sums, never means of means.
import { STATS_KNOWN } from '../../../src/protocol/analysis.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import { statsKnown, type Stats, type StatsKnown } from '../stats.ts';

export interface StatSum {
  /** NaN: none of them is known. */
  readonly value: number;
  /** 'exact' only when all that can be analyzed are; 'estimate' as long as some are missing. */
  readonly known: StatsKnown;
}

export interface Summing {
  /** Of values times weights, and of the weights they belong to. */
  product: number;
  weights: number;
  largest: number;
  /** Rows by how well they are known, in the order of STATS_KNOWN. */
  readonly byKnown: number[];
}

export const nothingSummed = (): Summing => ({
  product: 0,
  weights: 0,
  largest: NaN,
  byKnown: STATS_KNOWN.map(() => 0),
});

/** @param values By row. @param weights What a value counts for, by row. */
export function addRow(
  sum: Summing,
  stats: Stats,
  row: number,
  values: Float64Array,
  weights: Float64Array,
): void {
  const known = stats.known[row] ?? 0;
  sum.byKnown[known] = (sum.byKnown[known] ?? 0) + 1;
  const value = values[row] ?? NaN;
  const count = weights[row] ?? NaN;
  if (Number.isNaN(value)) return;
  if (!(value <= sum.largest)) sum.largest = value;
  if (Number.isNaN(count)) return;
  sum.product += value * count;
  sum.weights += count;
}

const weightedMean = (sum: Summing): StatSum => ({
  value: sum.weights > 0 ? sum.product / sum.weights : NaN,
  known: knownOf(sum),
});

export const largestOf = (sum: Summing): StatSum => ({ value: sum.largest, known: knownOf(sum) });

function knownOf({ byKnown }: Summing): StatsKnown {
  const [none = 0, estimate = 0, exact = 0, unavailable = 0] = byKnown;
  if (estimate + exact === 0) return none === 0 && unavailable > 0 ? 'unavailable' : 'none';
  return none + estimate > 0 ? 'estimate' : 'exact';
}

/** What is known of one row, which needs no sum: most cells of a map have one. */
export const valueOfRow = (stats: Stats, row: number, values: Float64Array): StatSum => ({
  value: values[row] ?? NaN,
  known: statsKnown(stats, row),
});

/** Share of the weights of these rows that lie beyond 3σ of their tensor. */
export function shareBeyond3(rows: Rows, stats: Stats, members: readonly number[]): StatSum {
  const [only] = members;
  if (only !== undefined && members.length === 1) return valueOfRow(stats, only, stats.beyond3);
  const sum = nothingSummed();
  for (const row of members) addRow(sum, stats, row, stats.beyond3, rows.weights);
  return weightedMean(sum);
}

/** The same for every group that has rows shown; others are undefined. */
export function sharesByGroup(
  rows: Rows,
  stats: Stats,
  matches: Uint8Array | null,
): readonly (StatSum | undefined)[] {
  const sums: (Summing | undefined)[] = [];
  for (let row = 0; row < rows.count; row++) {
    if (matches !== null && matches[row] === 0) continue;
    addRow((sums[rows.group[row] ?? 0] ??= nothingSummed()), stats, row, stats.beyond3, rows.weights);
  }
  return sums.map((sum) => sum && weightedMean(sum));
}
