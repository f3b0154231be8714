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

/** How many of `count` weights a normal distribution would put into a bin of `width` around `value`. */
export function normalCount(value: number, width: number, count: number, mean: number, std: number): number {
  const distance = (value - mean) / std;
  return ((count * width) / (std * Math.sqrt(2 * Math.PI))) * Math.exp(-(distance ** 2) / 2);
}

/** The largest |w| under each px of a profile that is `width` px wide. Never a mean: one channel must not get lost. */
export function maximaByPixel({ maxima }: ChannelProfile, width: number): Float64Array {
  const columns = new Float64Array(Math.max(1, Math.floor(width)));
  const pixels = columns.length / Math.max(1, maxima.length);
  for (const [point, value] of maxima.entries()) {
    const first = Math.floor(point * pixels);
    const last = Math.max(first, Math.ceil((point + 1) * pixels) - 1);
    for (let column = first; column <= last && column < columns.length; column++)
      columns[column] = Math.max(columns[column] ?? 0, value);
  }
  return columns;
}

/** Places labels one after the other, the most important first, and leaves out those that would touch one before. */
export function placeLabels<T>(items: readonly T[], xOf: (item: T) => number, room: number): T[] {
  const placed: T[] = [];
  for (const item of items)
    if (placed.every((other) => Math.abs(xOf(other) - xOf(item)) >= room)) placed.push(item);
  return placed;
}
