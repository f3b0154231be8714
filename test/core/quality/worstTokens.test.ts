// The list of the worst tokens.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWorstTokens } from '../../../src/core/quality/worstTokens.ts';

const kept = (limit: number, ...damages: readonly number[]): readonly (readonly [number, number])[] => {
  const worst = createWorstTokens<number>(limit);
  damages.forEach((damage, index) => worst.add(damage, index));
  return worst.list().map(({ damage, detail }) => [damage, detail] as const);
};

describe('the worst tokens', () => {
  it.each<[string, readonly (readonly [number, number])[], readonly (readonly [number, number])[]]>([
    [
      'come in order',
      kept(3, 1, 5, 3),
      [
        [5, 1],
        [3, 2],
        [1, 0],
      ],
    ],
    [
      'push out the least',
      kept(2, 1, 5, 3, 4),
      [
        [5, 1],
        [4, 3],
      ],
    ],
    [
      'of equals are the earlier',
      kept(2, 1, 1, 1),
      [
        [1, 0],
        [1, 1],
      ],
    ],
    ['may be infinite but are numbers', kept(2, NaN, Infinity, NaN), [[Infinity, 1]]],
    ['are none where none are wanted', kept(0, 1, 2), []],
  ])('%s', (_what, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  it('are those that sorting everything would find', () => {
    const damages = fc.array(fc.double({ noNaN: true }), { maxLength: 100 });
    const property = fc.property(damages, fc.integer({ min: 1, max: 20 }), (all, limit) => {
      const sorted = all
        .map((damage, index) => [damage, index] as const)
        .sort((a, b) => b[0] - a[0] || a[1] - b[1]);
      const expected = sorted.filter(([damage]) => damage > -Infinity).slice(0, limit);
      expect(kept(limit, ...all)).toEqual(expected);
    });
    fc.assert(property, { seed: 8 });
  });

  it('are asked for before their details are computed', () => {
    const worst = createWorstTokens<string>(1);
    expect(worst.wants(0)).toBe(true);
    worst.add(2, 'a');
    expect([worst.wants(2), worst.wants(2.1), worst.wants(NaN)]).toEqual([false, true, false]);
  });
});
