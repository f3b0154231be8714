// Perplexity and its error.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNlls, createNllTally, meanAndError, perplexityOf } from '../../../src/core/quality/perplexity.ts';

const of = (...nlls: readonly number[]) => {
  const tally = createNllTally();
  addNlls(tally, Float64Array.from(nlls));
  return perplexityOf(tally);
};

describe('perplexity', () => {
  it('of a fair die is its number of sides, without error', () => {
    const { perplexity, standardError, meanNll, tokensScored } = of(Math.log(6), Math.log(6), Math.log(6));
    expect(perplexity).toBeCloseTo(6, 12);
    expect(standardError).toBeCloseTo(0, 6);
    expect(meanNll).toBeCloseTo(1.791759469228055, 14);
    expect(tokensScored).toBe(3);
  });

  it('by hand: 1 and 3 nat are e², ± e² · √(1 / 1)', () => {
    expect(of(1, 3)).toEqual({
      perplexity: Math.exp(2),
      standardError: Math.exp(2),
      meanNll: 2,
      tokensScored: 2,
    });
  });

  it.each<[string, readonly number[], number, number | null]>([
    ['of a certain token is 1, its error unknown', [0], 1, null],
    ['of a token without a chance is infinite', [1, Infinity], Infinity, null],
    ['of rows that are not numbers is not a number', [1, NaN, 2], NaN, null],
    ['of nothing is not a number', [], NaN, null],
  ])('%s', (_what, nlls, perplexity, standardError) => {
    expect(of(...nlls)).toMatchObject({ perplexity, standardError });
  });

  it('runs: after each chunk it is that of all tokens so far', () => {
    const tally = createNllTally();
    const curve = [[1, 2], [3], [4, 5]].map((chunk) => {
      addNlls(tally, Float64Array.from(chunk));
      return perplexityOf(tally).perplexity;
    });
    expect(curve).toEqual([of(1, 2), of(1, 2, 3), of(1, 2, 3, 4, 5)].map(({ perplexity }) => perplexity));
  });

  it('of parts added up is that of the whole, and the error that of the textbook', () => {
    const nlls = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { minLength: 2, maxLength: 200 });
    const property = fc.property(nlls, fc.nat(), (all, at) => {
      const cut = at % all.length;
      const tally = createNllTally();
      addNlls(tally, Float64Array.from(all.slice(0, cut)));
      addNlls(tally, Float64Array.from(all.slice(cut)));
      const actual = perplexityOf(tally);

      const mean = all.reduce((sum, nll) => sum + nll, 0) / all.length;
      const variance = all.reduce((sum, nll) => sum + (nll - mean) ** 2, 0) / all.length;
      expect(actual.meanNll).toBeCloseTo(mean, 10);
      expect(actual.standardError! / actual.perplexity).toBeCloseTo(
        Math.sqrt(variance / (all.length - 1)),
        5,
      );
    });
    fc.assert(property, { seed: 3 });
  });

  it('has no error below zero by rounding', () => {
    const third = 1 / 3;
    expect(meanAndError(3 * third, 3 * third * third - 1e-16, 3).error).toBe(0);
  });
});
