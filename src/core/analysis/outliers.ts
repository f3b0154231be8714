// Weights far from the mean: how many there are beyond each limit, and which are the furthest. The reference that the kernel
// must agree with, exactly.
import type { Bins, EstimatedCount } from './bins.ts';
import { OUTLIER_SIGMAS, type Summary } from './summary.ts';

/** Weights that are named. */
export const MAX_WORST = 100;

/** An input channel stands out when its largest magnitude is above this many times the median of all channels. */
export const OUTLIER_CHANNEL_FACTOR = 3;

/**
 * A weight is beyond k σ when |weight − mean| > k·σ, computed in doubles from the mean and the standard deviation of the finite
 * weights. NaN is never beyond; infinities are beyond everything, because they are what breaks a model first.
 */
export interface OutlierLimits {
  readonly mean: number;
  /** Above 0. */
  readonly std: number;
  /** Weights beyond this many σ are counted; 6 leaves the count beyond 3 σ open, and with it most of a second pass. */
  readonly exactBeyond: 3 | 6;
  /** Only weights further from the mean than this are among the worst: at least 3 σ. */
  readonly worstBeyond: number;
}

export interface Outliers {
  /** In the order of OUTLIER_SIGMAS; NaN where it was not counted. */
  readonly counts: readonly number[];
  /** The furthest first; of those equally far the earlier ones. At most MAX_WORST, beyond 3 σ. */
  readonly worst: readonly PlacedWeight[];
}

export interface PlacedWeight {
  /** Place in the tensor, from 0, in the order of its bytes. */
  readonly index: number;
  readonly value: number;
}

/** What to look for in a tensor, by a first pass over all of it; null where its weights have no spread. */
export function outlierLimits(
  { mean, std }: Pick<Summary, 'mean' | 'std'>,
  bins: Bins,
  exactBeyond: OutlierLimits['exactBeyond'],
): OutlierLimits | null {
  if (mean === null || std === null || std === 0) return null;
  return {
    mean,
    std,
    exactBeyond,
    worstBeyond: Math.max(3 * std, justBelow(worstDistance(bins, mean))),
  };
}

/** @param first place in the tensor of the first of these weights */
export function findOutliers(weights: Float32Array, first: number, limits: OutlierLimits): Outliers {
  const { mean, std, exactBeyond, worstBeyond } = limits;
  const distances = Float64Array.from(weights, (weight) => Math.abs(weight - mean));
  const placed = Array.from(weights, (value, index) => ({ index: first + index, value }));
  return {
    counts: OUTLIER_SIGMAS.map((sigmas) =>
      sigmas < exactBeyond ? NaN : distances.filter((distance) => distance > sigmas * std).length,
    ),
    worst: worstOf(
      placed.filter((_weight, index) => (distances[index] ?? NaN) > worstBeyond),
      mean,
    ),
  };
}

/** What was found in parts of a tensor by the same limits. */
export const mergeOutliers = (parts: readonly Outliers[], { mean }: OutlierLimits): Outliers => ({
  counts: OUTLIER_SIGMAS.map((_sigmas, k) => parts.reduce((sum, { counts }) => sum + (counts[k] ?? NaN), 0)),
  worst: worstOf(
    parts.flatMap(({ worst }) => worst),
    mean,
  ),
});

/** The furthest first, at most MAX_WORST. */
export const worstOf = (weights: readonly PlacedWeight[], mean: number): PlacedWeight[] =>
  weights
    .toSorted((a, b) => compare(Math.abs(b.value - mean), Math.abs(a.value - mean)) || a.index - b.index)
    .slice(0, MAX_WORST);

/** Infinities are equally far. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

/** The summary with counts instead of estimates. What was not counted is at least what was counted further out. */
export function withExactCounts(summary: Summary, { counts }: Outliers): Summary {
  const { outliers } = summary;
  if (outliers === null) return summary;
  const further = Math.max(0, ...counts.filter((count) => !Number.isNaN(count)));
  const exact = (sigmas: (typeof OUTLIER_SIGMAS)[number]): EstimatedCount => {
    const count = counts[OUTLIER_SIGMAS.indexOf(sigmas)] ?? NaN;
    if (!Number.isNaN(count)) return { estimate: count, least: count, most: count };
    const { estimate, least, most } = outliers[sigmas];
    return {
      estimate: Math.max(estimate, further),
      least: Math.max(least, further),
      most: Math.max(most, further),
    };
  };
  return { ...summary, outliers: { 3: exact(3), 6: exact(6), 20: exact(20) } };
}

/** At least MAX_WORST weights are this far from the mean or further; 0 where there are fewer. */
function worstDistance({ low, high, count }: Bins, mean: number): number {
  // Bins below the mean come nearer one after the other, those above it go further: the furthest is at one of the ends.
  let [first, last, further] = [0, count.length - 1, 0];
  while (first <= last) {
    const below = Math.max(0, mean - (high[first] as number));
    const above = Math.max(0, (low[last] as number) - mean);
    further += below > above ? (count[first++] as number) : (count[last--] as number);
    if (further >= MAX_WORST) return Math.max(below, above);
  }
  return 0;
}

/** So that what is exactly as far is beyond. */
const justBelow = (distance: number): number => distance * (1 - 2 ** -50);
