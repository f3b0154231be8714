// What the reference finds of outliers, against loops over the weights; intervals of floats against their definition.
import { describe, expect, it } from 'vitest';
import { binsOf } from '../../../src/core/analysis/bins.ts';
import { insideOf, narrowest } from '../../../src/core/analysis/inside.ts';
import {
  findOutliers,
  MAX_WORST,
  mergeOutliers,
  outlierLimits,
  withExactCounts,
} from '../../../src/core/analysis/outliers.ts';
import { summarize } from '../../../src/core/analysis/summary.ts';
import { addToTally, createTally } from '../../../src/core/analysis/tally.ts';
import { createRandom } from '../../support/random.ts';
import { randomWeights } from '../decode/blocks.ts';

function analyzed(weights: Float32Array, exactBeyond: 3 | 6 = 3) {
  const tally = createTally(weights.length);
  addToTally(tally, weights, 0, 0);
  const summary = summarize(tally, 0);
  return { summary, limits: outlierLimits(summary, binsOf(tally.histogram), exactBeyond) };
}

const weights = randomWeights(100_000, 20);

describe('the floats inside a distance of a mean', () => {
  const random = createRandom(21);
  const bits = new DataView(new ArrayBuffer(4));
  const anyFloat = (): number => {
    bits.setUint32(0, random.below(2 ** 32));
    return bits.getFloat32(0);
  };
  const neighbor = (float: number, step: 1 | -1): number => {
    if (float === 0) return step * 2 ** -149;
    bits.setFloat32(0, float);
    bits.setUint32(0, bits.getUint32(0) + (float > 0 ? step : -step));
    return bits.getFloat32(0);
  };

  it.each([
    [0, 1],
    [0.1, 0.3],
    [-1, 1],
    [1 / 3, 1e-30],
    [1e30, 1e-3],
    [-0.02, 7],
    [0, 1e39],
    [3e38, 1e38],
    [0, Infinity],
    [2 ** -149, 2 ** -149],
  ])('of %d by %d are no further, and their neighbors are', (mean, distance) => {
    const isBeyond = (weight: number): boolean => Math.abs(weight - mean) > distance;
    const { low, high } = insideOf(mean, distance);
    for (let round = 0; round < 2000; round++) {
      const weight =
        round % 2 === 0 ? anyFloat() : Math.fround(mean + (random.below(2000) / 500 - 2) * distance);
      expect(weight < low || weight > high, `${weight}`).toBe(isBeyond(weight));
    }
    if (low > high || high === Infinity) return;
    expect([isBeyond(low), isBeyond(high)]).toEqual([false, false]);
    expect([isBeyond(neighbor(low, -1)), isBeyond(neighbor(high, 1))]).toEqual([true, true]);
  });

  it('may be none, and narrow down together', () => {
    const { low, high } = insideOf(1 / 3, 1e-30);
    expect(low).toBeGreaterThan(high);
    const both = narrowest([insideOf(0, 2), insideOf(0, 1)]);
    expect(both).toEqual({ low: -1, high: 1 });
  });
});

describe('outliers', () => {
  it.each([3, 6] as const)('are counted exactly from %dσ on', (exactBeyond) => {
    const { summary, limits } = analyzed(weights, exactBeyond);
    const found = findOutliers(weights, 0, limits!);
    const beyond = (sigmas: number): number =>
      weights.filter((weight) => Math.abs(weight - summary.mean!) > sigmas * summary.std!).length;
    expect(found.counts).toEqual([exactBeyond === 3 ? beyond(3) : NaN, beyond(6), beyond(20)]);
    const { outliers } = withExactCounts(summary, found);
    expect(outliers![20]).toEqual({ estimate: beyond(20), least: beyond(20), most: beyond(20) });
    expect(outliers![3].least === outliers![3].most).toBe(exactBeyond === 3);
  });

  it('that are named are the furthest of all, although only those beyond a bin were looked at', () => {
    const { summary, limits } = analyzed(weights);
    expect(limits!.worstBeyond).toBeGreaterThan(4 * limits!.std);
    const sorted = [...weights.keys()].sort(
      (a, b) => Math.abs(weights[b]! - summary.mean!) - Math.abs(weights[a]! - summary.mean!) || a - b,
    );
    const { worst } = findOutliers(weights, 1000, limits!);
    expect(worst).toEqual(
      sorted.slice(0, MAX_WORST).map((index) => ({ index: 1000 + index, value: weights[index] })),
    );
  });

  it('of parts make those of the whole', () => {
    const { limits } = analyzed(weights);
    const parts = [0, 30_001, 30_002].map((from, index, all) =>
      findOutliers(weights.subarray(from, all[index + 1]), from, limits!),
    );
    expect(mergeOutliers(parts, limits!)).toEqual(findOutliers(weights, 0, limits!));
  });

  it('are infinities beyond everything, but never NaN', () => {
    const some = Float32Array.of(NaN, 1, -1, 1, -1, -Infinity, NaN, Infinity);
    const { limits } = analyzed(some);
    expect(findOutliers(some, 0, limits!)).toEqual({
      counts: [2, 2, 2],
      worst: [
        { index: 5, value: -Infinity },
        { index: 7, value: Infinity },
      ],
    });
  });

  it('beyond 3σ that were not counted are at least those beyond 6σ, infinities among them', () => {
    const some = Float32Array.of(1, -1, 1, -1, -Infinity, Infinity);
    const { summary, limits } = analyzed(some, 6);
    expect(summary.outliers![3].estimate).toBe(0);
    const { outliers } = withExactCounts(summary, findOutliers(some, 0, limits!));
    expect(outliers![3]).toEqual({ estimate: 2, least: 2, most: 2 });
  });

  it('that are equally far are named in their order', () => {
    const ties = new Float32Array(4000).map((_zero, index) =>
      index % 20 === 3 ? 1 : index % 20 === 11 ? -1 : 0,
    );
    const { limits } = analyzed(ties);
    const { counts, worst } = findOutliers(ties, 0, limits!);
    expect(counts).toEqual([400, 0, 0]);
    expect(worst.map(({ index }) => index)).toEqual(
      [...ties.keys()].filter((index) => ties[index] !== 0).slice(0, MAX_WORST),
    );
  });

  it('are none where all weights are the same, or none is finite', () => {
    expect(analyzed(new Float32Array(10).fill(0.1)).limits).toBeNull();
    expect(analyzed(Float32Array.of(NaN, Infinity)).limits).toBeNull();
  });
});
