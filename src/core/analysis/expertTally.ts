// Numbers of each expert of a tensor by itself, one expert after the other: one tally serves them all.
import { binsOf, countOutside, nonFiniteCount } from './bins.ts';
import { momentsOf } from './summary.ts';
import { clearTally, createTally, type Tally } from './tally.ts';

/** One number per expert, in their order. NaN: not known, because it has no finite weight or all of them are the same. */
export interface ExpertNumbers {
  readonly mean: Float64Array;
  readonly std: Float64Array;
  /** Infinities count. */
  readonly absMax: Float64Array;
  /** Kurtosis minus 3. */
  readonly kurtosis: Float64Array;
  /** Share of its finite weights beyond 3 σ of its own mean, to about a thousandth of itself: from its histogram. */
  readonly beyond3: Float64Array;
}

export interface ExpertTally {
  /** What the current expert is added to, besides the tally of the whole tensor. */
  readonly current: Tally;
  /**
   * Ends the current expert.
   * @param weightCount weights of the expert
   * @param shift of the power sums
   */
  end(weightCount: number, shift: number): void;
  /** Numbers of the experts that ended. */
  numbers(): ExpertNumbers;
}

export function createExpertTally(columnCount: number): ExpertTally {
  const current = createTally(columnCount);
  const lists = { mean: [], std: [], absMax: [], kurtosis: [], beyond3: [] } as Record<
    keyof ExpertNumbers,
    number[]
  >;
  return {
    current,
    end(weightCount, shift) {
      const { least, most, histogram } = current;
      const count = weightCount - nonFiniteCount(histogram);
      const { mean, std, excessKurtosis } = momentsOf(current, count, shift);
      lists.mean.push(mean ?? NaN);
      lists.std.push(std ?? NaN);
      lists.absMax.push(least <= most ? Math.max(-least, most) : NaN);
      lists.kurtosis.push(excessKurtosis ?? NaN);
      lists.beyond3.push(mean === null || !std ? NaN : shareBeyond3(current, mean, std, count));
      clearTally(current);
    },
    numbers: () => numbersFrom((key) => lists[key]),
  };
}

/** Numbers of experts that were tallied apart, in their order. */
export const joinExperts = (parts: readonly ExpertNumbers[]): ExpertNumbers =>
  numbersFrom((key) => parts.flatMap((part) => [...part[key]]));

const numbersFrom = (list: (key: keyof ExpertNumbers) => readonly number[]): ExpertNumbers => ({
  mean: Float64Array.from(list('mean')),
  std: Float64Array.from(list('std')),
  absMax: Float64Array.from(list('absMax')),
  kurtosis: Float64Array.from(list('kurtosis')),
  beyond3: Float64Array.from(list('beyond3')),
});

function shareBeyond3({ histogram, least, most }: Tally, mean: number, std: number, count: number): number {
  const bins = binsOf(histogram, Math.max(-least, most));
  return countOutside(bins, mean - 3 * std, mean + 3 * std).estimate / count;
}
