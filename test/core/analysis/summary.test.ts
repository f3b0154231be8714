// Statistics from a tally against the same numbers computed from the weights themselves.
import { describe, expect, it } from 'vitest';
import { binsOf, evenBins } from '../../../src/core/analysis/bins.ts';
import { QUANTILE_SHARES, summarize, type Summary } from '../../../src/core/analysis/summary.ts';
import { addToTally, createTally, type Tally } from '../../../src/core/analysis/tally.ts';
import { randomWeights } from '../decode/blocks.ts';

const COUNT = 200_000;
const weights = randomWeights(COUNT, 10);

function tallyOf(numbers: Float32Array, shift = 0): Tally {
  const tally = createTally(numbers.length);
  addToTally(tally, numbers, 0, shift);
  return tally;
}
const summaryOf = (...numbers: number[]): Summary => summarize(tallyOf(Float32Array.from(numbers)), 0);

describe('a summary', () => {
  it.each([0, 0.5, -3])('has mean, spread, skewness and kurtosis of weights moved by %d', (offset) => {
    const moved = weights.map((weight) => weight + offset);
    const mean = moved.reduce((sum, weight) => sum + weight, 0) / COUNT;
    const central = (power: number): number =>
      moved.reduce((sum, weight) => sum + (weight - mean) ** power, 0) / COUNT;
    const summary = summarize(tallyOf(moved, Math.fround(offset)), Math.fround(offset));
    expect(summary.mean).toBeCloseTo(mean, 12);
    expect(summary.std! / Math.sqrt(central(2))).toBeCloseTo(1, 9);
    expect(summary.skewness).toBeCloseTo(central(3) / central(2) ** 1.5, 6);
    expect(summary.excessKurtosis).toBeCloseTo(central(4) / central(2) ** 2 - 3, 5);
  });

  it('has exact extremes and counts', () => {
    expect(summarize(tallyOf(weights), 0)).toMatchObject({
      count: COUNT,
      nonFinite: 0,
      min: weights.reduce((least, weight) => Math.min(least, weight)),
      absMax: weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0),
    });
    expect(summaryOf(0, -0, 1, 2)).toMatchObject({ zeros: 2, min: 0, max: 2, mean: 0.75 });
  });

  it('counts outliers within its bounds and to a percent', () => {
    const { mean, std, outliers } = summarize(tallyOf(weights), 0);
    for (const sigmas of [3, 6, 20] as const) {
      const exact = weights.filter((weight) => Math.abs(weight - mean!) > sigmas * std!).length;
      const { estimate, least, most } = outliers![sigmas];
      expect(exact, `${sigmas}σ`).toBeGreaterThan(5);
      expect(Math.abs(estimate - exact), `${sigmas}σ`).toBeLessThanOrEqual(Math.max(1, exact / 100));
      expect(least <= exact && exact <= most, `${sigmas}σ`).toBe(true);
    }
  });

  it('has quantiles exact to the width of a bin', () => {
    const sorted = weights.toSorted();
    const summary = summarize(tallyOf(weights), 0);
    QUANTILE_SHARES.forEach((share, index) => {
      const exact = sorted[Math.round(share * (COUNT - 1))]!;
      const error = Math.abs(summary.quantiles![index]! - exact);
      expect(error, `${share}`).toBeLessThan(Math.abs(exact) / 128 + 1e-4 * summary.std!);
    });
  });

  it('leaves NaN and infinities out of the moments and says how many there are', () => {
    expect(summaryOf(NaN, Infinity, 1, 3)).toMatchObject({
      count: 4,
      nonFinite: 2,
      max: Infinity,
      mean: 2,
      std: 1,
    });
    expect(summaryOf(NaN, NaN)).toMatchObject({
      count: 2,
      nonFinite: 2,
      min: null,
      mean: null,
      quantiles: null,
    });
  });

  it('of weights that are all the same has no shape', () => {
    expect(summaryOf(0.1, 0.1, 0.1)).toMatchObject({
      std: 0,
      skewness: null,
      excessKurtosis: null,
      outliers: null,
    });
    expect(summaryOf(0, 0)).toMatchObject({ mean: 0, std: 0, zeros: 2 });
  });
});

describe('the bins of a tally', () => {
  const { histogram } = tallyOf(Float32Array.of(-3, 0, 1, 1, NaN, Infinity, 2 ** 127, -(2 ** -149)));

  it('are in the order of their numbers, without those that are none', () => {
    const { low, high, count, ...sums } = binsOf(histogram);
    expect([...count]).toEqual([1, 1, 1, 2, 1]);
    expect([...low]).toEqual([-3.015625, -(2 ** -133), 0, 1, 2 ** 127]);
    expect([...high]).toEqual([-3, -0, 2 ** -133, 1.0078125, 2 ** 127 * 1.0078125]);
    expect(sums).toEqual({ finite: 6, nonFinite: 2, zeros: 2 });
  });

  it.each([3, 3.01, 2 ** 127, Infinity])('are all found below %f', (furthest) => {
    const counts = new Float64Array(histogram);
    if (furthest < 4) counts[0x7f00] = 0;
    expect(binsOf(counts, furthest)).toEqual(binsOf(counts));
  });
});

describe('bins of even width', () => {
  it('hold what the weights in them are, but for what lies near their edges', () => {
    const bins = evenBins(binsOf(tallyOf(weights).histogram), -0.2, 0.2, 40);
    const exact = new Float64Array(40);
    for (const weight of weights) {
      const bin = Math.floor((weight + 0.2) / 0.01);
      if (bin >= 0 && bin < 40) exact[bin]!++;
    }
    bins.forEach((count, bin) => expect(Math.abs(count - exact[bin]!)).toBeLessThan(30 + exact[bin]! / 30));
  });

  it('lose nothing of what lies inside', () => {
    const bins = evenBins(binsOf(tallyOf(weights).histogram), -100, 100, 7);
    expect(bins.reduce((sum, count) => sum + count, 0)).toBe(COUNT);
  });

  it('are whole: a single weight is in one bin, however narrow the bins are', () => {
    const bins = evenBins(binsOf(tallyOf(Float32Array.of(0.2, -0.05)).histogram), -0.3, 0.3, 4096);
    expect([...bins].filter((count) => count > 0)).toEqual([1, 1]);
  });
});
