// The numbers people read, from the tally of a tensor.
import { type Bins, binsOf, countOutside, type EstimatedCount, quantiles } from './bins.ts';
import type { Tally } from './tally.ts';

/** Distances from the mean, in standard deviations, beyond which weights are counted as outliers. */
export const OUTLIER_SIGMAS = [3, 6, 20] as const;
/** Shares whose quantiles are shown. */
export const QUANTILE_SHARES = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999] as const;

export interface Summary {
  /** All weights, also those that are no numbers. */
  readonly count: number;
  readonly nonFinite: number;
  readonly zeros: number;
  /** Extremes; infinities count. Null where every weight is NaN. */
  readonly min: number | null;
  readonly max: number | null;
  readonly absMax: number | null;
  /** Of the finite weights; null where there are none. */
  readonly mean: number | null;
  /** Standard deviation, of these weights and not of a population they are drawn from. */
  readonly std: number | null;
  /** Null where all weights are the same. */
  readonly skewness: number | null;
  /** Kurtosis minus 3: 0 for a normal distribution. Null where all weights are the same. */
  readonly excessKurtosis: number | null;
  /** Beyond 3, 6 and 20 standard deviations of the mean; null where all weights are the same. */
  readonly outliers: Readonly<Record<(typeof OUTLIER_SIGMAS)[number], EstimatedCount>> | null;
  /** In the order of QUANTILE_SHARES; null where there are no finite weights. */
  readonly quantiles: readonly number[] | null;
}

/** @param shift what the power sums of the tally are about @param bins of its histogram */
export function summarize(tally: Tally, shift: number, bins = binsOf(tally.histogram)): Summary {
  const { least, most } = tally;
  const { finite, nonFinite, zeros } = bins;
  const moments = momentsOf(tally, finite, shift);
  const { mean, std } = moments;
  const hasNumbers = least <= most;
  return {
    count: finite + nonFinite,
    nonFinite,
    zeros,
    min: hasNumbers ? least : null,
    max: hasNumbers ? most : null,
    absMax: hasNumbers ? Math.max(-least, most) : null,
    ...moments,
    outliers: mean !== null && std !== null && std > 0 ? outliersOf(bins, mean, std) : null,
    // Of the bins, which reach a little beyond the weights.
    quantiles:
      finite > 0
        ? quantiles(bins, QUANTILE_SHARES).map((value) => Math.max(least, Math.min(most, value)))
        : null,
  };
}

function outliersOf(bins: Bins, mean: number, std: number): NonNullable<Summary['outliers']> {
  const beyond = (sigmas: number): EstimatedCount =>
    countOutside(bins, mean - sigmas * std, mean + sigmas * std);
  return { 3: beyond(3), 6: beyond(6), 20: beyond(20) };
}

/** Less variance than this share of the mean square is rounding: the weights are all the same. */
const ROUNDING = 1e-14;

export type Moments = Pick<Summary, 'mean' | 'std' | 'skewness' | 'excessKurtosis'>;

/** @param count of the finite weights. @param shift what the power sums are about */
export function momentsOf({ powers, least, most }: Tally, count: number, shift: number): Moments {
  if (count === 0) return { mean: null, std: null, skewness: null, excessKurtosis: null };
  if (least === most) return { mean: least, std: 0, skewness: null, excessKurtosis: null };
  const [first, second, third, fourth] = [0, 1, 2, 3].map((k) => (powers[k] ?? 0) / count) as [
    number,
    number,
    number,
    number,
  ];
  const mean = shift + first;
  const variance = second - first ** 2;
  if (variance <= ROUNDING * second) return { mean, std: 0, skewness: null, excessKurtosis: null };
  const cubed = third - 3 * first * second + 2 * first ** 3;
  const toTheFourth = fourth - 4 * first * third + 6 * first ** 2 * second - 3 * first ** 4;
  return {
    mean,
    std: Math.sqrt(variance),
    skewness: cubed / variance ** 1.5,
    excessKurtosis: toTheFourth / variance ** 2 - 3,
  };
}
