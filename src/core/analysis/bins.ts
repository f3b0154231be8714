// The bins of a tally as what they are: intervals of numbers. Counts beyond a value, quantiles, bins of even width.
import type { BlockTally } from './blockTally.ts';
import type { Counts, Tally } from './tally.ts';

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

/** What a histogram holds, looked through once: the rest is computed from the bins that are not empty. */
export interface Bins {
  /** Interval and count of each, from the most negative to the most positive. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly count: Float64Array;
  /** Weights in them: those that are numbers. */
  readonly finite: number;
  /** NaN and infinities. */
  readonly nonFinite: number;
  /** Zeros of either sign, and with them numbers below 9.2e-41. */
  readonly zeros: number;
}

/** @param furthest no magnitude of a finite weight is above it: saves time */
export function binsOf(histogram: Counts, furthest = Infinity): Bins {
  const end = Math.min(NOT_FINITE, binOf(furthest) + 1);
  const used = usedBins(histogram, end);
  const bins = {
    low: new Float64Array(used.length),
    high: new Float64Array(used.length),
    count: new Float64Array(used.length),
  };
  let finite = 0;
  for (let index = 0; index < used.length; index++) {
    const bin = used[index] as number;
    const count = histogram[bin] as number;
    bins.low[index] = bin < SIGN ? edge(bin) : -edge(bin - SIGN + 1);
    bins.high[index] = bin < SIGN ? edge(bin + 1) : -edge(bin - SIGN);
    bins.count[index] = count;
    finite += count;
  }
  return { ...bins, finite, nonFinite: nonFiniteCount(histogram), zeros: zeroCount(histogram) };
}

/** Of all histograms of a tensor. */
export interface TensorBins {
  readonly values: Bins;
  /** Null for plain numbers. */
  readonly scales: Bins | null;
  readonly mins: Bins | null;
}

export const tensorBins = ({ histogram, least, most }: Tally, blocks: BlockTally | null): TensorBins => ({
  values: binsOf(histogram, Math.max(-least, most)),
  scales: blocks && binsOf(blocks.scales),
  mins: blocks && binsOf(blocks.mins),
});

/** The bins that are not empty, the most negative first. @param end magnitudes are in bins before it */
function usedBins(histogram: Counts, end: number): number[] {
  const used: number[] = [];
  for (let bin = SIGN + end - 1; bin >= SIGN; bin--) {
    while (bin - 7 >= SIGN && areEightEmpty(histogram, bin - 7)) bin -= 8;
    if (bin >= SIGN && (histogram[bin] as number) > 0) used.push(bin);
  }
  for (let bin = 0; bin < end; bin++) {
    while (bin + 8 <= end && areEightEmpty(histogram, bin)) bin += 8;
    if (bin < end && (histogram[bin] as number) > 0) used.push(bin);
  }
  return used;
}

/** Most bins are: eight are looked at together. */
function areEightEmpty(histogram: Counts, first: number): boolean {
  let sum = 0;
  for (let bin = first; bin < first + 8; bin++) sum += histogram[bin] as number;
  return sum === 0;
}

/** The bin of a magnitude; the one after it where it is rounded up. */
function binOf(magnitude: number): number {
  VIEW_OF_BITS.setFloat32(0, magnitude);
  return VIEW_OF_BITS.getUint16(0);
}

/** Calls back with every bin, from the most negative to the most positive: its interval and its count. */
export function eachBin(bins: Bins, visit: (low: number, high: number, count: number) => void): void {
  for (let index = 0; index < bins.count.length; index++)
    visit(bins.low[index] as number, bins.high[index] as number, bins.count[index] as number);
}

/** NaN and infinities. */
export function nonFiniteCount(histogram: Counts): number {
  let sum = 0;
  for (const first of [NOT_FINITE, SIGN + NOT_FINITE]) {
    for (let bin = first; bin < first + SIGN - NOT_FINITE; bin++) sum += histogram[bin] ?? 0;
  }
  return sum;
}

const zeroCount = (histogram: Counts): number => (histogram[0] ?? 0) + (histogram[SIGN] ?? 0);

/** A count that lies between `least` and `most`; both are the estimate where no bin is cut. */
export interface EstimatedCount {
  readonly estimate: number;
  readonly least: number;
  readonly most: number;
}

/** Weights outside of low … high; in a bin that is cut, as many as if they were spread evenly. */
export function countOutside(bins: Bins, low: number, high: number): EstimatedCount {
  let [least, most, estimate] = [0, 0, 0];
  const add = (bin: number): void => {
    const [from, to, count] = [bins.low[bin] ?? NaN, bins.high[bin] ?? NaN, bins.count[bin] ?? NaN];
    const inside = Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
    estimate += count * (1 - inside);
    if (inside === 0) least += count;
    if (inside < 1) most += count;
  };
  // From both ends: nearly all bins lie between.
  let first = 0;
  for (; first < bins.count.length && (bins.low[first] as number) < low; first++) add(first);
  for (let last = bins.count.length - 1; last >= first && (bins.high[last] as number) > high; last--)
    add(last);
  return { estimate: Math.round(estimate), least, most };
}

/** The values below which these shares (ascending, 0 … 1) of the finite weights lie; NaN where there are none. */
export function quantiles(bins: Bins, shares: readonly number[]): number[] {
  const total = bins.finite;
  const values: number[] = [];
  let below = 0;
  eachBin(bins, (low, high, count) => {
    for (;;) {
      const share = shares[values.length];
      if (share === undefined || share * total > below + count) break;
      values.push(low === 0 || high === 0 ? 0 : low + ((share * total - below) / count) * (high - low));
    }
    below += count;
  });
  return shares.map((_share, index) => values[index] ?? NaN);
}

/** Counts in `binCount` bins of even width over low … high, every bin of the tally spread evenly, and then whole again: a
 * single weight is in one bin. What lies outside is left out. */
export function evenBins(used: Bins, low: number, high: number, binCount: number): Float64Array {
  const bins = new Float64Array(binCount);
  const width = (high - low) / binCount;
  eachBin(used, (from, to, count) => {
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
