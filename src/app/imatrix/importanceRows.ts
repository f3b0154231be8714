// An importance matrix read whole: its tensors by layer and role, each with its numbers. Channels are read again when they are
// asked for.
import { type CollectedImportance, cosineSimilarity } from '../../core/analysis/importance.ts';
import { importanceChannels, importanceStats } from '../../core/analysis/importance.ts';
import type { CancelSignal } from '../../core/base/cancel.ts';
import { cancelled } from '../../core/base/failure.ts';
import type { ByteSource } from '../../core/formats/byteSource.ts';
import { divisorsOf, type Imatrix, type ImatrixEntry, readSums } from '../../core/formats/imatrix/imatrix.ts';
import { placeGguf } from '../../core/formats/naming/ggufNames.ts';
import type { Place } from '../../core/formats/naming/place.ts';
import { roleRank } from '../../core/formats/naming/roles.ts';
import type { ImportanceNumber } from '../../protocol/imatrixView.ts';

export interface ImportanceRow {
  readonly entry: ImatrixEntry;
  readonly place: Place;
  /** Matrices that were used. */
  readonly seen: number;
  /** NaN: not known. */
  readonly tokens: number;
  readonly fewest: number;
  readonly numbers: Readonly<Record<ImportanceNumber, number>>;
  /** Values that are no numbers. */
  readonly nonFinite: number;
}

/** @throws Failure when the file cannot be read or the signal says so */
export function importanceRows(
  source: ByteSource,
  imatrix: Imatrix,
  signal: CancelSignal,
): readonly ImportanceRow[] {
  const placed = imatrix.entries.map((entry) => ({ entry, place: placeGguf(entry.name) }));
  const cosines = cosinesOf(
    placed.map(({ entry }) => entry),
    (entry) => readSums(source, entry),
    signal,
  );
  const rows = placed.map(({ entry, place }) => {
    if (signal.aborted) throw cancelled();
    return rowOf(imatrix, entry, place, readSums(source, entry), cosines.get(entry.name) ?? NaN);
  });
  return rows.sort(inOrder);
}

export const collectedOf = (
  source: ByteSource,
  imatrix: Imatrix,
  entry: ImatrixEntry,
): CollectedImportance => ({ sums: readSums(source, entry), divisors: divisorsOf(imatrix, entry) });

function rowOf(
  imatrix: Imatrix,
  entry: ImatrixEntry,
  place: Place,
  sums: Float32Array,
  cosine: number,
): ImportanceRow {
  const { counts } = entry;
  const collected = { sums, divisors: divisorsOf(imatrix, entry) };
  const stats = importanceStats(collected);
  const channels = importanceChannels(collected);
  const { meanSquares, top, median, total } = channels;
  const strongest = meanSquares[top] ?? NaN;
  const isLegacy = imatrix.format === 'legacy';
  const sum = counts.reduce((all, count) => all + count, 0);
  const least = counts.reduce((fewest, count) => Math.min(fewest, count), Infinity);
  return {
    ...{ entry, place },
    seen: collected.divisors.filter((divisor) => divisor > 0).length,
    tokens: isLegacy ? NaN : sum,
    fewest: isLegacy ? NaN : least,
    nonFinite: stats?.nonFinite ?? 0,
    numbers: {
      total: stats?.total ?? NaN,
      min: stats?.min ?? NaN,
      max: stats?.max ?? NaN,
      mean: stats?.mean ?? NaN,
      std: stats?.std ?? NaN,
      active: stats?.active ?? NaN,
      count: stats?.count ?? 0,
      entropy: stats?.entropy ?? NaN,
      entropyShare: stats?.entropyShare ?? NaN,
      zScoreShare: stats?.zScoreShare ?? NaN,
      cosine,
      effective: stats === null ? NaN : channels.effectiveCount,
      outliers: stats === null ? NaN : channels.outliers.length,
      topChannel: top,
      topShare: total > 0 ? strongest / total : NaN,
      topTimes: median > 0 ? Math.sqrt(strongest) / median : NaN,
    },
  };
}

/** llama.cpp compares with the tensor whose name has the number of the layer before. */
const LAYER = /blk\.(\d+)\./;

/** By name of the tensor. The sums of two layers are held at once, not those of the file. */
function cosinesOf(
  entries: readonly ImatrixEntry[],
  sumsOf: (entry: ImatrixEntry) => Float32Array,
  signal: CancelSignal,
): ReadonlyMap<string, number> {
  const series = new Map<string, { readonly layer: number; readonly entry: ImatrixEntry }[]>();
  for (const entry of entries) {
    const [found, layer] = LAYER.exec(entry.name) ?? [];
    if (found === undefined) continue;
    const key = entry.name.replace(LAYER, 'blk.*.');
    const known = series.get(key);
    if (known === undefined) series.set(key, [{ layer: Number(layer), entry }]);
    else known.push({ layer: Number(layer), entry });
  }
  const cosines = new Map<string, number>();
  for (const members of series.values()) {
    members.sort((one, other) => one.layer - other.layer);
    let before: { readonly layer: number; readonly sums: Float32Array } | null = null;
    for (const { layer, entry } of members) {
      if (signal.aborted) throw cancelled();
      const sums = sumsOf(entry);
      const cosine = before?.layer === layer - 1 ? cosineSimilarity(sums, before.sums) : null;
      if (cosine !== null) cosines.set(entry.name, cosine);
      before = { layer, sums };
    }
  }
  return cosines;
}

/** As in the table of a model: what belongs to no layer last, for an importance matrix seldom has any. */
function inOrder(one: ImportanceRow, other: ImportanceRow): number {
  const layerOf = ({ place }: ImportanceRow): number => place.layer ?? Infinity;
  const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return (
    text(one.place.stack, other.place.stack) ||
    (layerOf(one) === layerOf(other) ? 0 : layerOf(one) - layerOf(other)) ||
    roleRank(one.place.role) - roleRank(other.place.role) ||
    text(one.entry.name, other.entry.name)
  );
}
