// The kernel's search for outliers against the reference: the same counts, the same weights in the same order.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { binsOf } from '../../../src/core/analysis/bins.ts';
import { createKernel, type Kernel } from '../../../src/core/analysis/kernel.ts';
import {
  findOutliers,
  type OutlierLimits,
  outlierLimits,
  type Outliers,
} from '../../../src/core/analysis/outliers.ts';
import { summarize } from '../../../src/core/analysis/summary.ts';
import { addToTally, createTally } from '../../../src/core/analysis/tally.ts';
import { randomBytes, randomWeights } from '../decode/blocks.ts';
import { buildKernel, KERNEL_WASM } from '../../support/tools.ts';

let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  kernel = createKernel(new WebAssembly.Module(readFileSync(KERNEL_WASM)));
}, 60_000);

function limitsOf(weights: Float32Array, exactBeyond: 3 | 6): OutlierLimits {
  const tally = createTally(weights.length);
  addToTally(tally, weights, 0, 0);
  return outlierLimits(summarize(tally, 0), binsOf(tally.histogram), exactBeyond)!;
}

/** In strips of a length that is not a multiple of 16. */
function byKernel(weights: Float32Array, limits: OutlierLimits, stripLength = 4093): Outliers {
  const { outliers, strip } = kernel;
  outliers.begin(limits);
  for (let first = 0; first < weights.length; first += stripLength) {
    const piece = weights.subarray(first, first + stripLength);
    strip.set(piece);
    strip.fill(1e30, piece.length); // must not be looked at
    outliers.scan(piece.length, first);
  }
  return outliers.found();
}

const weights = randomWeights(60_000, 30);
const alike = (period: number): Float32Array =>
  new Float32Array(50_000).map((_zero, index) =>
    index % period === 0 ? 8 : index % period === 5 ? -8 : index % 3,
  );

/** Weights, some of them replaced. */
const changed = (change: (weight: number, index: number) => number): Float32Array => weights.map(change);

const cases: readonly (readonly [what: string, numbers: Float32Array, stripLength: number])[] = [
  ['weights', weights, 4093],
  ['weights in whole strips', weights, 4096],
  ['weights in strips of one', weights.subarray(0, 3000), 1],
  [
    'weights with NaN and infinities',
    changed((w, i) => (i % 9001 === 4 ? NaN : i % 701 === 2 ? w / 0 : w)),
    4093,
  ],
  ['more infinities than are named', changed((w, i) => (i % 300 === 0 ? Infinity : w)), 4093],
  [
    'random bits',
    new Float32Array(randomBytes(80_000, 31).buffer).map((w) => (Math.abs(w) > 1e30 ? w / 1e20 : w)),
    4093,
  ],
  ['weights that rise', changed((w, i) => (i % 11 === 0 ? i / 100 : w)), 4093],
  ['thousands that are equally far', alike(40), 4093],
  ['some that are equally far', alike(9000), 4093],
  [
    'fewer than are named',
    changed((w, i) => (i % 20_000 === 9 ? 50 : Math.max(-0.1, Math.min(0.1, w)))),
    4093,
  ],
  ['weights that are all near the mean', changed((w) => Math.sign(w)), 4093],
];

describe('the kernel finds the outliers of the reference', () => {
  it.each(cases)('of %s', (_what, numbers, stripLength) => {
    for (const exactBeyond of [3, 6] as const) {
      const limits = limitsOf(numbers, exactBeyond);
      expect(byKernel(numbers, limits, stripLength)).toEqual(findOutliers(numbers, 0, limits));
    }
  });

  it('and of a mean far from zero', () => {
    const moved = weights.map((weight) => weight + 100);
    const limits = limitsOf(moved, 3);
    expect(byKernel(moved, limits)).toEqual(findOutliers(moved, 0, limits));
  });

  it('and of weights on the limits, and beside them', () => {
    const limits = { mean: 0, std: 1, exactBeyond: 3, worstBeyond: 3 } as const;
    const edges = [3, 6, 20].flatMap((edge) => [edge, edge * (1 + 2 ** -23), edge * (1 - 2 ** -23)]);
    const numbers = Float32Array.from([...edges, 0, ...edges.map((edge) => -edge), NaN, NaN]);
    const found = byKernel(numbers, limits);
    expect(found.counts).toEqual([14, 8, 2]);
    expect(found).toEqual(findOutliers(numbers, 0, limits));
  });

  it('when every weight is listed, because nothing is known of their number', () => {
    const limits = { ...limitsOf(weights, 3), worstBeyond: 0 };
    expect(byKernel(weights, limits)).toEqual(findOutliers(weights, 0, limits));
  });
});

describe('a strip is worth a look', () => {
  it('when its extremes reach beyond what is looked for', () => {
    const { outliers } = kernel;
    outliers.begin({ mean: 1, std: 1, exactBeyond: 6, worstBeyond: 100 });
    const cases = [
      [-5, 7, false],
      [-5.5, 7, true],
      [-5, 7.5, true],
      [1, Infinity, true],
      [Infinity, -Infinity, false],
    ] as const;
    for (const [least, most, expected] of cases) expect(outliers.isWorthwhile(least, most)).toBe(expected);
    outliers.begin({ mean: 1, std: 1, exactBeyond: 6, worstBeyond: 4 });
    expect(outliers.isWorthwhile(-3.5, 1)).toBe(true);
  });
});
