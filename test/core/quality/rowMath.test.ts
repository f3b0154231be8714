// Rows of logits worked out by hand, and the unusual ones.
import { describe, expect, it } from 'vitest';
import {
  argmax,
  klDivergence,
  largestLogit,
  logSumExp,
  nllOf,
  probabilityOf,
  topTokens,
} from '../../../src/core/quality/rowMath.ts';

const row = (...logits: readonly number[]): Float32Array => Float32Array.from(logits);
/** Logits of chances. */
const chances = (...shares: readonly number[]): Float32Array => row(...shares.map(Math.log));

/** Within `digits` decimals; NaN is NaN and Infinity is Infinity. */
function expectNear(actual: number, expected: number, digits: number): void {
  if (Number.isFinite(expected)) expect(actual).toBeCloseTo(expected, digits);
  else expect(actual).toBe(expected);
}

describe('the largest logit', () => {
  it.each<[string, Float32Array, number, number]>([
    ['of a usual row', row(1, 5, 2), 5, 1],
    ['of equals is the first', row(1, 7, 7, 3, 7), 7, 1],
    ['of equals everywhere is the first', row(2, 2, 2), 2, 0],
    ['below zero', row(-3, -1, -2), -1, 1],
    ['passes over NaN', row(NaN, 1, NaN, 4), 4, 3],
    ['may be infinite', row(1, Infinity), Infinity, 1],
    ['of nothing likely is none', row(-Infinity, -Infinity), -Infinity, -1],
    ['of NaN is none', row(NaN), -Infinity, -1],
  ])('%s', (_what, logits, most, index) => {
    expect([largestLogit(logits), argmax(logits)]).toEqual([most, index]);
  });
});

describe('the log of the sum of exponentials', () => {
  it.each<[string, Float32Array, number]>([
    ['of equal logits is theirs plus ln of their number', row(3, 3, 3, 3), 3 + Math.log(4)],
    ['of one logit is that logit', row(-17.5), -17.5],
    ['of huge logits does not overflow', row(3e38, 3e38), Math.fround(3e38)],
    ['of what is far below is lost', row(0, -200), 0],
    ['passes over what is excluded', row(1, -Infinity, 1), 1 + Math.log(2)],
    ['of a NaN is none', row(1, NaN), NaN],
    ['of an infinite logit is none', row(1, Infinity), NaN],
    ['of nothing likely is none', row(-Infinity, -Infinity), NaN],
  ])('%s', (_what, logits, expected) => {
    expectNear(logSumExp(logits), expected, 7);
  });
});

describe('a token', () => {
  it.each<[string, number, number]>([
    ['a likely one', 0, 0.5],
    ['a less likely one', 2, 0.125],
  ])('costs −ln p: %s', (_what, token, share) => {
    const logits = chances(0.5, 0.25, 0.125, 0.125);
    expect(nllOf(logits, token)).toBeCloseTo(-Math.log(share), 6);
    expect(probabilityOf(logits, token)).toBeCloseTo(share, 6);
  });

  it('that is excluded costs infinitely much', () => {
    expect(nllOf(row(0, -Infinity), 1)).toBe(Infinity);
    expect(probabilityOf(row(0, -Infinity), 1)).toBe(0);
  });

  it('outside the row has no cost', () => {
    expect(nllOf(row(0, 1), 2)).toBeNaN();
  });
});

describe('the divergence of a row from a base row', () => {
  it.each<[string, Float32Array, Float32Array, number]>([
    ['of equals is nothing', row(1, 2, 3), row(1, 2, 3), 0],
    ['does not see what all logits have more', row(1, 2, 3), row(11, 12, 13), 0],
    // ½ ln(½ / ¼) + ½ ln(½ / ¾)
    ['by hand', chances(0.5, 0.5), chances(0.25, 0.75), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)],
    // ¼ ln(¼ / ½) + ¾ ln(¾ / ½)
    [
      'is another the other way round',
      chances(0.25, 0.75),
      chances(0.5, 0.5),
      0.75 * Math.log(3) - Math.log(2),
    ],
    ['of a certain base is the cost of its token', row(0, -Infinity), chances(0.25, 0.75), Math.log(4)],
    ['ignores what the base excludes', row(0, -Infinity), row(0, -Infinity), 0],
    ['is infinite where only the other excludes', row(0, 0), row(0, -Infinity), Infinity],
    ['ignores what has next to no chance', row(0, -87.4), row(0, -Infinity), 0],
    ['but nothing above that', row(0, -87.3), row(0, -Infinity), Infinity],
    ['of NaN is none', row(0, 0), row(0, NaN), NaN],
    ['from NaN is none', row(NaN, 0), row(0, 0), NaN],
  ])('%s', (_what, base, other, expected) => {
    expectNear(klDivergence(base, other), expected, 6);
  });
});

describe('the most likely tokens', () => {
  it('come in order, with their chances', () => {
    const top = topTokens(chances(0.125, 0.5, 0.125, 0.25), 3);
    expect(top.map(({ token }) => token)).toEqual([1, 3, 0]);
    top.forEach(({ probability }, place) => expect(probability).toBeCloseTo([0.5, 0.25, 0.125][place]!, 6));
  });

  it('have the same chances when the sum is known', () => {
    const logits = row(1, 2, 3);
    expect(topTokens(logits, 2, logSumExp(logits))).toEqual(topTokens(logits, 2));
    expect(topTokens(logits, 1, 3)).toEqual([{ token: 2, probability: 1 }]);
  });

  it.each<[string, Float32Array, number, readonly number[]]>([
    ['of equals the lower', row(1, 1, 1, 1), 2, [0, 1]],
    ['no more than there are', row(1, 2), 10, [1, 0]],
    [
      'no more than ten',
      Float32Array.from({ length: 50 }, (_item, token) => token),
      50,
      [49, 48, 47, 46, 45, 44, 43, 42, 41, 40],
    ],
    ['without excluded ones and NaN', row(-Infinity, 1, NaN), 3, [1]],
    ['none', row(1, 2), 0, []],
  ])('are %s', (_what, logits, count, tokens) => {
    expect(topTokens(logits, count).map(({ token }) => token)).toEqual(tokens);
  });
});
