// The numbers of the tensors as far as they have been computed: columns as long as the table, filled in as results come.
import {
  QUANTILE_LEVELS,
  STATS_KNOWN,
  STATS_NUMBERS,
  type StatsColumns,
  type StatsNumber,
} from '../../src/protocol/analysis.ts';

export { STATS_NUMBERS, type StatsNumber };
export type StatsKnown = (typeof STATS_KNOWN)[number];

/** By row of the table; NaN where not known. The arrays are filled in place: what comes makes a new object over the same arrays. */
export interface Stats extends Readonly<Record<StatsNumber, Float64Array>> {
  /** What to ask the host with next. */
  readonly serial: number;
  /** Index into STATS_KNOWN. */
  readonly known: Uint8Array;
  /** QUANTILE_LEVELS.length values for each row. */
  readonly quantiles: Float32Array;
}

export function emptyStats(rowCount: number): Stats {
  const column = (): Float64Array => new Float64Array(rowCount).fill(NaN);
  const numbers = Object.fromEntries(STATS_NUMBERS.map((name) => [name, column()]));
  return {
    ...(numbers as Record<StatsNumber, Float64Array>),
    serial: 0,
    known: new Uint8Array(rowCount),
    quantiles: new Float32Array(rowCount * QUANTILE_LEVELS.length).fill(NaN),
  };
}

/** Puts in what came; rows that the table does not have are left out. */
export function addStats(stats: Stats, columns: StatsColumns): Stats {
  for (let index = 0; index < columns.count; index++) {
    const row = columns.row[index] ?? Infinity;
    if (row >= stats.known.length) continue;
    stats.known[row] = columns.known[index] ?? 0;
    for (const name of STATS_NUMBERS) stats[name][row] = columns[name][index] ?? NaN;
    const from = index * QUANTILE_LEVELS.length;
    stats.quantiles.set(
      columns.quantiles.subarray(from, from + QUANTILE_LEVELS.length),
      row * QUANTILE_LEVELS.length,
    );
  }
  return { ...stats, serial: columns.serial };
}

export const statsKnown = (stats: Stats | null, row: number): StatsKnown =>
  STATS_KNOWN[stats?.known[row] ?? 0] ?? 'none';
