// Counts in even bins, made to fit the px of a chart.
import type { ChannelProfile, Histogram } from '../../../src/protocol/tensorStats.ts';

/** Neighboring bins together, so that at most `most` are left; the last may reach beyond the range. */
export function mergeBins({ low, high, counts }: Histogram, most: number): Histogram {
  const together = Math.max(1, Math.ceil(counts.length / Math.max(1, most)));
  if (together === 1) return { low, high, counts };
  const merged = new Float64Array(Math.ceil(counts.length / together));
  for (const [bin, count] of counts.entries()) {
    const at = Math.floor(bin / together);
    merged[at] = (merged[at] ?? 0) + count;
  }
  const width = (high - low) / counts.length;
  return { low, high: low + merged.length * together * width, counts: merged };
}

/** Counts in `count` even bins of low … high; of a bin that is cut the share that lies inside, as if its weights were spread evenly. */
export function rebin(histogram: Histogram, low: number, high: number, count: number): Float64Array {
  const { counts } = histogram;
  const bins = new Float64Array(count);
  const fine = (histogram.high - histogram.low) / counts.length;
  const width = (high - low) / count;
  const first = Math.max(0, Math.floor((low - histogram.low) / fine));
  const last = Math.min(counts.length, Math.ceil((high - histogram.low) / fine));
  for (let at = first; at < last; at++) {
    const weights = counts[at] ?? 0;
    if (weights === 0) continue;
    const from = (histogram.low + at * fine - low) / width;
    const to = from + fine / width;
    for (let bin = Math.max(0, Math.floor(from)); bin < Math.min(count, to); bin++) {
      const inside = (Math.min(to, bin + 1) - Math.max(from, bin)) / (to - from);
      bins[bin] = (bins[bin] ?? 0) + weights * inside;
    }
  }
  return bins;
}

/** How many of `count` weights a normal distribution would put into a bin of `width` around `value`. */
export function normalCount(value: number, width: number, count: number, mean: number, std: number): number {
  const distance = (value - mean) / std;
  return ((count * width) / (std * Math.sqrt(2 * Math.PI))) * Math.exp(-(distance ** 2) / 2);
}

/** The largest |w| of each of at most `most` columns, and the channels of each. Never a mean: one channel must not get lost. */
export function profileColumns({ maxima, perPoint }: ChannelProfile, most: number): ProfileColumns {
  const count = Math.max(1, Math.min(maxima.length, Math.floor(most)));
  const columns = new Float64Array(count);
  for (const [point, value] of maxima.entries()) {
    const column = Math.floor(((point + 0.5) * count) / maxima.length); // where its middle is drawn
    columns[column] = Math.max(columns[column] ?? 0, value);
  }
  return { maxima: columns, channels: (perPoint * maxima.length) / count };
}

export interface ProfileColumns {
  readonly maxima: Float64Array;
  /** In each column; a part of one where a channel lies in two. */
  readonly channels: number;
}

/** Places labels one after the other, the most important first, and leaves out those that would touch one before. */
export function placeLabels<T>(items: readonly T[], xOf: (item: T) => number, room: number): T[] {
  const placed: T[] = [];
  for (const item of items)
    if (placed.every((other) => Math.abs(xOf(other) - xOf(item)) >= room)) placed.push(item);
  return placed;
}
