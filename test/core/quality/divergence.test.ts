// Statistics of two models over the same tokens, against an implementation that sorts, squares and subtracts in plain sight.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addComparedRows,
  type ComparedRows,
  createDivergenceTally,
  DIVERGENCE_SHARES,
  type Divergence,
  divergenceOf,
  isSignificant,
} from '../../../src/core/quality/divergence.ts';
import { quantile, sortedNumbers } from '../../../src/core/quality/quantiles.ts';
import { createRandom } from '../../support/random.ts';
import { normal } from './rows.ts';

type Token = readonly [nll: number, baseNll: number, kl: number, sameTop: boolean];

const rowsOf = (tokens: readonly Token[]): ComparedRows => ({
  nll: Float64Array.from(tokens, ([nll]) => nll),
  baseNll: Float64Array.from(tokens, ([, baseNll]) => baseNll),
  kl: Float64Array.from(tokens, ([, , kl]) => kl),
  top: Int32Array.from(tokens, () => 1),
  baseTop: Int32Array.from(tokens, ([, , , same]) => (same ? 1 : 2)),
});

/** In parts, as chunks come. */
function divergence(tokens: readonly Token[], part = 3): Divergence {
  const tally = createDivergenceTally(tokens.length);
  for (let first = 0; first < tokens.length; first += part)
    addComparedRows(tally, rowsOf(tokens.slice(first, first + part)));
  return divergenceOf(tally);
}

/** Noisy tokens of a model a little worse than its base. */
function randomTokens(count: number, noise: number, loss: number, seed: number): readonly Token[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const baseNll = Math.abs(3 + 2 * normal(random));
    const nll = Math.abs(baseNll + loss + noise * normal(random));
    return [nll, baseNll, (noise * normal(random)) ** 2, !random.once(8)] as const;
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
/** Standard error of the mean as llama-perplexity has it: the variance by count, divided by count − 1. */
const errorOf = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / (values.length - 1));

function expectClose(actual: number | null, expected: number, relative = 1e-9): void {
  expect(actual).not.toBeNull();
  expect(Math.abs(actual! - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + 1e-12);
}

describe('the comparison of two models', () => {
  it.each([
    ['much alike', 500, 0.01, 0.001],
    ['hardly different', 400, 1e-6, 1e-7],
    ['far apart', 300, 2, 0.5],
    ['over two tokens', 2, 1, 0],
  ])('%s is what the slow way says', (_what, count, noise, loss) => {
    const tokens = randomTokens(count, noise, loss, count);
    const actual = divergence(tokens);
    const [nll, baseNll] = [tokens.map(([one]) => one), tokens.map(([, other]) => other)];
    const differences = tokens.map(([one, other]) => one - other);
    const deltaP = tokens.map(([one, other]) => Math.exp(-one) - Math.exp(-other));
    const squares = deltaP.map((delta) => delta ** 2);
    const [p, b] = [Math.exp(mean(nll)), Math.exp(mean(baseNll))];
    expectClose(actual.model.perplexity, p);
    expectClose(actual.base.perplexity, b);
    expectClose(actual.logRatio.value, mean(differences), 1e-8);
    expectClose(actual.logRatio.error, errorOf(differences), 1e-6);
    expectClose(actual.deltaPerplexity.value, p - b, 1e-6);
    // The error of P·x − B·y, each token's share of it taken together.
    expectClose(
      actual.deltaPerplexity.error,
      errorOf(tokens.map(([one, other]) => p * one - b * other)),
      1e-6,
    );
    expectClose(actual.deltaP.value, mean(deltaP));
    expectClose(actual.deltaP.error, errorOf(deltaP));
    expectClose(actual.rmsDeltaP.value, Math.sqrt(mean(squares)));
    expectClose(actual.rmsDeltaP.error, errorOf(squares) / (2 * Math.sqrt(mean(squares))));
    expectClose(actual.kl.value, mean(tokens.map(([, , kl]) => kl)));
    expectClose(actual.kl.error, errorOf(tokens.map(([, , kl]) => kl)));
    const share = tokens.filter(([, , , same]) => same).length / count;
    expectClose(actual.sameTop.value, share);
    expectClose(actual.sameTop.error, Math.sqrt((share * (1 - share)) / (count - 1)));
    const centred = tokens.map(([one, other]) => (one - mean(nll)) * (other - mean(baseNll)));
    expectClose(actual.correlation, mean(centred) / ((count - 1) * errorOf(nll) * errorOf(baseNll)), 1e-6);
  });

  it('by hand: e² against e, with tokens that cost 1 and 3 against 0 and 2', () => {
    const { model, base, deltaPerplexity, logRatio, significant, correlation } = divergence([
      [1, 0, 0, true],
      [3, 2, 0, true],
    ]);
    expect([model.meanNll, base.meanNll, logRatio.value]).toEqual([2, 1, 1]);
    expectClose(deltaPerplexity.value, Math.E ** 2 - Math.E);
    // Every token costs 1 nat more: the ratio has no error, the difference that of P − B times the common one, which is 1.
    expect(logRatio.error).toBe(0);
    expectClose(deltaPerplexity.error, Math.E ** 2 - Math.E);
    expect([significant, correlation]).toEqual([false, 1]);
  });

  it('knows a difference far better than either perplexity', () => {
    const { model, deltaPerplexity, significant } = divergence(randomTokens(2000, 0.02, 0.01, 5));
    expect(deltaPerplexity.error!).toBeLessThan(model.standardError! / 20);
    expect(significant).toBe(true);
  });

  it('does not call significant what chance alone would give', () => {
    expect(divergence(randomTokens(500, 0.05, 0, 6)).significant).toBe(false);
  });

  it('of a model with itself has no difference and no error', () => {
    const itself = divergence(randomTokens(50, 0, 0, 7).map(([, base]) => [base, base, 0, true] as const));
    expect(itself).toMatchObject({
      deltaPerplexity: { value: 0, error: 0 },
      logRatio: { value: 0, error: 0 },
      significant: false,
      correlation: 1,
      kl: { value: 0, error: 0, min: 0, max: 0 },
      deltaP: { value: 0, error: 0, min: 0, max: 0 },
      rmsDeltaP: { value: 0, error: 0 },
      sameTop: { value: 1, error: 0 },
    });
  });

  it('of one token has values without errors', () => {
    const one = divergence([[1, 2, 0.5, false]]);
    expect(one.kl).toMatchObject({ value: 0.5, error: null, min: 0.5, max: 0.5 });
    expect([one.deltaPerplexity.error, one.sameTop.error, one.correlation]).toEqual([null, null, null]);
    expect(one.significant).toBe(false);
  });

  it('of no tokens has no values', () => {
    const none = divergence([]);
    expect([none.kl.value, none.kl.max, none.sameTop.value, none.model.perplexity]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
    expect(none.significant).toBe(false);
  });

  it('keeps what each token lost, in the order of the text', () => {
    const tally = createDivergenceTally(3);
    addComparedRows(tally, rowsOf([[1, 2, 0.5, true]]));
    addComparedRows(
      tally,
      rowsOf([
        [2, 1, 0.25, true],
        [3, 3, 0.125, false],
      ]),
    );
    expect([...tally.kl]).toEqual([0.5, 0.25, 0.125]);
    expect([...tally.deltaP].map(Math.sign)).toEqual([1, -1, 0]);
  });

  it('refuses more tokens than were announced', () => {
    const tally = createDivergenceTally(1);
    expect(() => addComparedRows(tally, rowsOf(randomTokens(2, 1, 0, 9)))).toThrow(RangeError);
  });

  it('shows an infinite divergence as what it is', () => {
    const { kl } = divergence([
      [1, 1, Infinity, true],
      [1, 1, 1, true],
      [1, 1, 1, true],
    ]);
    expect([kl.value, kl.error, kl.max]).toEqual([Infinity, null, Infinity]);
    expect(kl.quantiles[DIVERGENCE_SHARES.indexOf(0.5)]).toBe(1);
  });

  it('does not depend on how the tokens come in parts', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (count, part) => {
        const tokens = randomTokens(count, 0.1, 0.02, count);
        const [parts, whole] = [divergence(tokens, part), divergence(tokens, count)];
        expect(parts.kl.quantiles).toEqual(whole.kl.quantiles);
        expectClose(parts.kl.value, whole.kl.value);
        expectClose(parts.deltaPerplexity.value, whole.deltaPerplexity.value, 1e-6);
        expect(parts.significant).toBe(whole.significant);
      },
    );
    fc.assert(property, { seed: 11 });
  });
});

describe('a difference is significant', () => {
  it.each<[number, number | null, boolean]>([
    [1, 0.5, true],
    [-1, 0.5, true],
    [1, 0.51, false],
    [0.1, 0, true],
    [0, 0, false],
    [1, null, false],
    [NaN, 0.1, false],
  ])('%d ± %s: %s', (value, error, expected) => {
    expect(isSignificant({ value, error })).toBe(expected);
  });
});

describe('quantiles', () => {
  it.each<[readonly number[], number, number]>([
    [[4, 1, 3, 2], 0.5, 2.5],
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4, 5], 0.1, 1.4],
    [[1, 2, 3, 4, 5], 0, 1],
    [[1, 2, 3, 4, 5], 1, 5],
    [[7], 0.99, 7],
    [[10, 9, 2], 0.25, 5.5], // sorted as numbers, not as text
    [[1, Infinity], 0, 1],
    [[Infinity, Infinity], 0.5, Infinity],
  ])('of %j at %d: %d', (values, share, expected) => {
    expect(quantile(sortedNumbers(Float32Array.from(values)), share)).toBeCloseTo(expected, 6);
  });

  it('of nothing are nothing', () => {
    expect(quantile(new Float32Array(), 0.5)).toBe(NaN);
  });

  it('leave the values where they are', () => {
    const values = Float32Array.of(3, 1, 2);
    sortedNumbers(values);
    expect([...values]).toEqual([3, 1, 2]);
  });
});
