// Numbers about importance matrices: worked by hand, and against llama.cpp's own.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type CollectedImportance,
  cosineSimilarity,
  importanceChannels,
  importanceStats,
  topColumns,
} from '../../../src/core/analysis/importance.ts';
import { memorySource } from '../../../src/core/formats/byteSource.ts';
import { readSums } from '../../../src/core/formats/imatrix/imatrix.ts';
import { openImatrix } from '../../../src/core/formats/imatrix/openImatrix.ts';
import { sample } from '../../support/engine.ts';

const collected = (sums: readonly number[], divisors: readonly number[]): CollectedImportance => ({
  sums: Float32Array.from(sums),
  divisors,
});

describe('statistics of an importance matrix', () => {
  it('of four columns are those worked by hand', () => {
    // Act² = 1, 1, 2, 4; Σ = 8; p = 1/8, 1/8, 1/4, 1/2; −Σ p log₂ p = 3/8 + 3/8 + 1/2 + 1/2.
    expect(importanceStats(collected([10, 10, 20, 40], [10]))).toEqual({
      ...{ count: 4, total: 8, min: 1, max: 4, mean: 2, entropy: 1.75, entropyShare: 0.875 },
      std: Math.sqrt((1 + 1 + 4 + 16) / 4 - 4), // √1.5: only 4 lies above 2 + 1.22
      ...{ active: 1, zScoreShare: 0.25, nonFinite: 0 },
    });
  });

  const cases: readonly (readonly [string, CollectedImportance, object | null])[] = [
    [
      'columns that are all alike',
      collected([3, 3, 3, 3], [3]),
      { entropy: 2, entropyShare: 1, std: 0, zScoreShare: 0 },
    ],
    ['one column', collected([7], [7]), { count: 1, entropy: 0, entropyShare: 1, mean: 1 }],
    ['columns asleep', collected([0, 1e-5, 1, 2e-5], [1]), { active: 0.5, min: 0 }],
    ['nothing but zeros', collected([0, 0], [4]), { total: 0, entropy: 0, active: 0, max: 0 }],
    [
      'values that are no numbers',
      collected([NaN, 2, Infinity, 2], [2]),
      { count: 2, nonFinite: 2, total: 2, entropy: 1 },
    ],
    [
      'an expert that was never used',
      collected([1, 3, 99, 99, 4, 8], [1, 0, 2]),
      { count: 4, total: 10, max: 4, min: 1 },
    ],
    ['no expert that was used', collected([0, 0], [0, 0]), null],
    ['no columns', collected([], [1]), null],
  ];
  it.each(cases)('of %s', (_what, one, expected) => {
    const stats = importanceStats(one);
    if (expected === null) expect(stats).toBeNull();
    else expect(stats).toMatchObject(expected);
  });

  it.each([
    [[1, 0], [1, 0], 1],
    [[1, 0], [0, 2], 0],
    [[1, 1], [2, 2], 1],
    [[3, 4], [4, 3], 0.96],
    [[1, 2], [1, 2, 3], null],
    [[0, 0], [1, 2], null],
  ])('CosSim of %j and %j is %d', (one, other, expected) => {
    const cosine = cosineSimilarity(Float32Array.from(one), Float32Array.from(other));
    if (expected === null) expect(cosine).toBeNull();
    else expect(cosine).toBeCloseTo(expected, 12);
  });
});

describe('channels of an importance matrix', () => {
  it('are weighed by the tokens that each expert has met', () => {
    // (2·1 + 6·3) ÷ 8 = 2.5 and (2·4 + 6·0) ÷ 8 = 1; the second expert was not used.
    const { meanSquares, total, top, effectiveCount } = importanceChannels(
      collected([2, 8, 77, 77, 18, 0], [2, 0, 6]),
    );
    expect([...meanSquares]).toEqual([2.5, 1]);
    expect([total, top]).toEqual([3.5, 0]);
    const share = 2.5 / 3.5;
    expect(effectiveCount).toBeCloseTo(share ** -share * (1 - share) ** -(1 - share), 12);
  });

  it('of one expert are its own', () => {
    const all = collected([2, 8, 77, 77, 18, 0], [2, 0, 6]);
    expect([...importanceChannels(all, 2).meanSquares]).toEqual([3, 0]);
    expect(importanceChannels(all, 1)).toMatchObject({ total: 0, top: -1, effectiveCount: 0, outliers: [] });
  });

  it('stand out beyond three times the amplitude of the median: nine times its square', () => {
    const { outliers, median } = importanceChannels(collected([4, 4, 36, 37, 4, 100, 1], [1]));
    expect(median).toBe(2);
    expect(outliers).toEqual([5, 3]);
  });

  it('are as many as are equally strong', () => {
    expect(importanceChannels(collected([5, 5, 0, 5, 5], [1])).effectiveCount).toBeCloseTo(4, 12);
  });

  it('are named strongest first, without those at 0', () => {
    const meanSquares = Float64Array.of(0, 3, 1, 3, 9);
    expect(topColumns({ meanSquares }, 10)).toEqual([4, 1, 3, 2]);
    expect(topColumns({ meanSquares }, 2)).toEqual([4, 1]);
  });
});

// compute_statistics and compute_cossim of tools/imatrix/imatrix.cpp (llama.cpp v0.4.0), compiled as they stand and given the sums
// and counts of the sample: Σ(Act²), Min, Max, μ, σ, active, N, entropy, ZD, CosSim. They add in float32.
const BY_LLAMA_CPP: readonly (readonly [name: string, ...numbers: number[]])[] = [
  [
    'blk.0.attn_k',
    0.93393004,
    3.8988855e-8,
    0.057212874,
    0.0036481642,
    0.0062767044,
    0.9296875,
    256,
    6.8352642,
    0.07421875,
    0,
  ],
  [
    'blk.0.ffn_down',
    4386.0107,
    0.18413167,
    286.85947,
    5.7109513,
    13.980118,
    1,
    768,
    8.5943737,
    0.026041666,
    0,
  ],
  [
    'blk.1.attn_k',
    91.653084,
    0.094593547,
    10.535929,
    0.35801986,
    0.67084908,
    1,
    256,
    7.4213853,
    0.01953125,
    0.22277565,
  ],
  [
    'blk.2.attn_output',
    137.55916,
    0.17572737,
    1.354937,
    0.53734046,
    0.20769839,
    1,
    256,
    7.8977642,
    0.16015625,
    0.86592275,
  ],
  [
    'blk.2.ffn_down',
    282.46744,
    0.014728706,
    16.488514,
    0.36779615,
    0.85715324,
    1,
    768,
    8.5961723,
    0.03125,
    0.10820973,
  ],
  [
    'blk.2.ffn_up',
    115.59005,
    0.10940521,
    14.224888,
    0.45152363,
    0.91120768,
    1,
    256,
    7.3566046,
    0.015625,
    0.90119684,
  ],
];

describe('llama-imatrix --show-statistics', () => {
  const source = memorySource(readFileSync(sample('sotu-5m.imatrix.gguf')));
  const entries = openImatrix(source, 'x.gguf').imatrix?.entries ?? [];
  const sumsOf = (name: string): Float32Array | null => {
    const entry = entries.find((one) => one.name === `${name}.weight`);
    return entry === undefined ? null : readSums(source, entry);
  };
  it.each(BY_LLAMA_CPP.map(([name, ...expected]) => ({ name, expected })))(
    'says the same of $name',
    ({ name, expected }) => {
      const sums = sumsOf(name)!;
      const { counts } = entries.find((one) => one.name === `${name}.weight`)!;
      const stats = importanceStats({ sums, divisors: counts })!;
      const layer = Number(/\d+/.exec(name)?.[0]);
      const before = sumsOf(name.replace(/\d+/, String(layer - 1)));
      const own = [
        ...[
          stats.total,
          stats.min,
          stats.max,
          stats.mean,
          stats.std,
          stats.active,
          stats.count,
          stats.entropy,
        ],
        ...[stats.zScoreShare, before === null ? 0 : cosineSimilarity(sums, before)!],
      ];
      for (const [at, value] of own.entries()) {
        const scale = Math.max(1e-12, Math.abs(expected[at]!));
        expect(Math.abs(value - expected[at]!) / scale).toBeLessThan(2e-5);
      }
      // Σ and means are those of the floats in the file.
      const total = sums.reduce((sum, value) => sum + value / counts[0]!, 0);
      expect(stats.total).toBeCloseTo(total, 9);
    },
  );
});
