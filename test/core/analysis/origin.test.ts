// What lies on no grid of a quantized type, and what was made of floats of 8 bits.
import { describe, expect, it } from 'vitest';
import { type OriginSample, quantizedOrigin } from '../../../src/core/analysis/origin.ts';
import { E4M3, E5M2, halfValue } from '../../../src/core/quant/decode/floats.ts';
import { bfloat } from '../../../src/core/quant/decode/plainNumbers.ts';
import { createRandom } from '../../support/random.ts';

const ROW = 256;
const SEED = 20_261_122;

type Container = OriginSample['container'];
const CONTAINERS: readonly Container[] = ['F32', 'F16', 'BF16'];

const random = createRandom(SEED);
const uniform = (): number => (random.below(2 ** 32) + 1) / (2 ** 32 + 1);
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const laplace = (): number => random.pick([-1, 1]) * Math.log(uniform());

/** The values of finite codes, ascending. */
const finite = (values: Iterable<number>): Float64Array =>
  Float64Array.from(values).filter(Number.isFinite).sort();
const codes = Array.from({ length: 65_536 }, (_item, code) => code);
const VALUES = { F16: finite(codes.map(halfValue)), BF16: finite(codes.map(bfloat)) };
const FLOATS_8 = { F8_E4M3: finite(E4M3), F8_E5M2: finite(E5M2) };

function nearest(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= x) low = middle;
    else high = middle;
  }
  return x - values[low]! < values[high]! - x ? values[low]! : values[high]!;
}

function sample(count: number, container: Container, valueAt: (index: number) => number): OriginSample {
  const rounded = (x: number): number => (container === 'F32' ? x : nearest(VALUES[container], x));
  const weights = Float32Array.from({ length: count }, (_item, index) => rounded(valueAt(index)));
  return { weights, pieceWeights: ROW, container };
}

describe('the origin', () => {
  it.each(CONTAINERS)('of a thousand random tensors of %s is not a quantized type', (container) => {
    const distributions = [normal, laplace, () => uniform() - 0.5, () => normal() ** 3];
    for (let trial = 0; trial < 1000; trial++) {
      const draw = distributions[trial % distributions.length]!;
      const scale = 10 ** -random.below(6);
      const found = quantizedOrigin(sample(2048, container, () => scale * draw()));
      if (found !== null) throw new Error(`Trial ${trial} is taken for ${JSON.stringify(found)}.`);
    }
  });

  it.each([
    ['norms near 1', () => 1 + 0.03 * normal()],
    ['norms from 0 to 2', () => 1 + 0.4 * normal()],
    ['weights so small that they are denormal halves', () => 1e-7 * normal()],
    ['a sum of a large mean and little else', () => 5 + 0.001 * normal()],
    ['weights of which most are zero', () => (random.once(10) ? normal() : 0)],
    ['weights that were cut off below zero', () => Math.max(0, normal())],
    ['numbers of two decimals', () => Math.round(5 * normal()) / 100],
    ['fixed-point numbers', () => Math.round(30 * normal()) / 256],
    ['whole numbers', () => Math.round(5 * normal())],
    ['a ramp', (index: number) => index / 4096],
    ['the same ramp in every piece', (index: number) => (index % 32) * 0.013],
    ['a sine', (index: number) => Math.sin(index * 0.01)],
    ['logarithms of few numbers', (index: number) => Math.log(1 + (index % 16))],
    ['three values', () => random.pick([0.1, 0.2, -0.3])],
    ['a matrix of signs with one scale', () => random.pick([-0.0442, 0.0442])],
    ['a mask', () => random.pick([0, 0, -10_000])],
    ['a constant', () => 0.37],
    ['zeros', () => 0],
    ['ternary weights that are −1, 0 and 1', () => random.pick([-1, 0, 1])],
    ['ternary weights whose scale is a power of two', () => random.pick([-0.125, 0, 0.125])],
  ])('of %s is not a quantized type', (_what, valueAt) => {
    for (const container of CONTAINERS) {
      for (let trial = 0; trial < 5; trial++) {
        expect([container, quantizedOrigin(sample(4096, container, valueAt))]).toEqual([container, null]);
      }
    }
  });

  it('of few weights, and of weights that are not finite, is not looked for', () => {
    const ternary = (): number => random.pick([-0.0371, 0, 0.0371]);
    expect(quantizedOrigin(sample(2048, 'F32', ternary))?.type).toBe('TQ1_0');
    expect(quantizedOrigin(sample(1792, 'F32', ternary))).toBeNull();
    const broken = sample(2048, 'F32', ternary);
    broken.weights[77] = NaN;
    expect(quantizedOrigin(broken)).toBeNull();
  });

  it.each(Object.entries(FLOATS_8))('of %s is seen with any scale', (name, values) => {
    const scales = [() => 1, () => 0.000137, (index: number) => 0.001 * (1 + 0.37 * (index >> 10))];
    for (const container of CONTAINERS) {
      for (const scaleAt of scales) {
        const valueAt = (index: number): number => {
          const scale = Math.fround(scaleAt(index));
          return scale * nearest(values, (0.03 * normal()) / scale);
        };
        expect(quantizedOrigin(sample(4096, container, valueAt))?.type).toBe(name);
      }
    }
  });

  it('of blocks longer than the pieces of the rows is not guessed', () => {
    const ternary = sample(4096, 'F32', () => random.pick([-0.0371, 0, 0.0371]));
    expect(quantizedOrigin({ ...ternary, pieceWeights: 64 })?.type ?? null).not.toBe('TQ1_0');
  });
});
