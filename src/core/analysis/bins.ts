// The bins of a tally as what they are: intervals of numbers. Counts beyond a value, quantiles, bins of even width.
import type { Counts } from './tally.ts';

/** Bit 15 of a bin: minus. */
const SIGN = 0x8000;
/** First bin that is infinity and NaN, of either sign. */
const NOT_FINITE = 0x7f80;

const VIEW_OF_BITS = new DataView(new ArrayBuffer(4));
/** By bin; asked for some ten thousand times per tensor. */
const EDGES = Float64Array.from({ length: NOT_FINITE }, (_item, bin) => {
  VIEW_OF_BITS.setUint32(0, bin << 16);
  return VIEW_OF_BITS.getFloat32(0);
});
/** The smallest magnitude in bin `bin` of the positive ones; of bin NOT_FINITE 2^128. */
const edge = (bin: number): number => EDGES[bin] ?? 2 ** 128;

type Visit = (low: number, high: number, count: number) => void;

/** Calls back with every bin that is not empty, from the most negative to the most positive: its interval and its count. */
export function eachBin(histogram: Counts, visit: Visit): void {
  eachBinBeyond(histogram, 0, 0, Infinity, visit);
}

/** The same with bins whose magnitudes reach beyond `negative` on their side of 0, or beyond `positive` on theirs, and with one
 * that does not; as long as none is above `furthest`. */
function eachBinBeyond(
  histogram: Counts,
  negative: number,
  positive: number,
  furthest: number,
  visit: Visit,
): void {
  const end = Math.min(NOT_FINITE, binBelow(furthest) + 3);
  const first = SIGN + binBelow(negative);
  for (let bin = SIGN + end - 1; bin >= first; bin--) {
    while (bin - 7 >= first && areEightEmpty(histogram, bin - 7)) bin -= 8;
    const count = bin >= first ? (histogram[bin] ?? 0) : 0;
    if (count > 0) visit(-edge(bin - SIGN + 1), -edge(bin - SIGN), count);
  }
  for (let bin = binBelow(positive); bin < end; bin++) {
    while (bin + 8 <= end && areEightEmpty(histogram, bin)) bin += 8;
    const count = bin < end ? (histogram[bin] ?? 0) : 0;
    if (count > 0) visit(edge(bin), edge(bin + 1), count);
  }
}

/** Most bins are: eight are looked at together. */
function areEightEmpty(histogram: Counts, first: number): boolean {
  let sum = 0;
  for (let bin = first; bin < first + 8; bin++) sum += histogram[bin] ?? 0;
  return sum === 0;
}

/** A bin whose magnitudes are not above this one: one less than its own, in case that it is rounded. */
function binBelow(magnitude: number): number {
  VIEW_OF_BITS.setFloat32(0, magnitude);
  return Math.max(0, VIEW_OF_BITS.getUint16(0) - 1);
}

/** Weights that are numbers. */
export function finiteCount(histogram: Counts): number {
  let sum = 0;
  eachBin(histogram, (_low, _high, count) => (sum += count));
  return sum;
}

/** NaN and infinities. */
export function nonFiniteCount(histogram: Counts): number {
  let sum = 0;
  for (const first of [NOT_FINITE, SIGN + NOT_FINITE]) {
    for (let bin = first; bin < first + SIGN - NOT_FINITE; bin++) sum += histogram[bin] ?? 0;
  }
  return sum;
}

/** Zeros of either sign, and with them numbers below 9.2e-41. */
export function zeroCount(histogram: Counts): number {
  return (histogram[0] ?? 0) + (histogram[SIGN] ?? 0);
}

/** A count that lies between `least` and `most`; both are the estimate where no bin is cut. */
export interface EstimatedCount {
  readonly estimate: number;
  readonly least: number;
  readonly most: number;
}

/** Weights outside of low … high; in a bin that is cut, as many as if they were spread evenly.
 * @param furthest no magnitude is above it: saves time */
export function countOutside(
  histogram: Counts,
  low: number,
  high: number,
  furthest = Infinity,
): EstimatedCount {
  let [least, most, estimate] = [0, 0, 0];
  const [negative, positive] = low < 0 && high > 0 ? [-low, high] : [0, 0]; // most bins lie between
  eachBinBeyond(histogram, negative, positive, furthest, (from, to, count) => {
    const inside = Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
    estimate += count * (1 - inside);
    if (inside === 0) least += count;
    if (inside < 1) most += count;
  });
  return { estimate: Math.round(estimate), least, most };
}

/** The values below which these shares (ascending, 0 … 1) of the finite weights lie; NaN where there are none. */
export function quantiles(histogram: Counts, shares: readonly number[]): number[] {
  const total = finiteCount(histogram);
  const values: number[] = [];
  let below = 0;
  eachBin(histogram, (low, high, count) => {
    for (;;) {
      const share = shares[values.length];
      if (share === undefined || share * total > below + count) break;
      values.push(low === 0 || high === 0 ? 0 : low + ((share * total - below) / count) * (high - low));
    }
    below += count;
  });
  return shares.map((_share, index) => values[index] ?? NaN);
}

/** Counts in `binCount` bins of even width over low … high, every bin of the histogram spread evenly, and then whole again: a
 * single weight is in one bin. What lies outside is left out. */
export function evenBins(histogram: Counts, low: number, high: number, binCount: number): Float64Array {
  const bins = new Float64Array(binCount);
  const width = (high - low) / binCount;
  eachBin(histogram, (from, to, count) => {
    const first = Math.max(0, Math.floor((from - low) / width));
    const last = Math.min(binCount - 1, Math.floor((to - low) / width));
    if (first === last && from >= low && to <= high) {
      bins[first] = (bins[first] ?? 0) + count; // all of it: zeros lie in a bin narrower than edges are rounded
      return;
    }
    for (let bin = first; bin <= last; bin++) {
      const overlap = Math.min(to, low + (bin + 1) * width) - Math.max(from, low + bin * width);
      if (overlap > 0) bins[bin] = (bins[bin] ?? 0) + (count * overlap) / (to - from);
    }
  });
  return wholeCounts(bins);
}

/** Whole counts whose sums from the left differ from those of `counts` by a half at most. */
function wholeCounts(counts: Float64Array): Float64Array {
  let [sum, whole] = [0, 0];
  return counts.map((count) => {
    sum += count;
    const before = whole;
    whole = Math.round(sum);
    return whole - before;
  });
}
