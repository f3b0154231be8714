// Weights and blocks to decode in tests: by chance, but the same on every machine.
import type { Scheme } from '../../../src/core/quant/scheme.ts';
import { createRandom } from '../../support/random.ts';

/** Every bit by chance: scales are NaN, infinite and denormal now and then. */
export function randomBytes(count: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const words = Uint32Array.from({ length: Math.ceil(count / 4) }, () => random.below(2 ** 32));
  return new Uint8Array(words.buffer, 0, count);
}

/** Weights as models have them: normally distributed, each 500th up to 30 times as large, one column in 300 always. */
export function randomWeights(count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const uniform = (): number => (random.below(2 ** 32) + 1) / (2 ** 32 + 1);
  return Float32Array.from({ length: count }, (_item, index) => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const outlier = random.once(500) ? 30 * uniform() : index % 300 === 7 ? 12 : 1;
    return 0.04 * normal * outlier;
  });
}

/** Bytes of `blockCount` blocks. */
export function blockBytes(scheme: Scheme, blockCount: number): number {
  return Math.ceil((scheme.blockBytes ?? 0) * blockCount);
}

/** The first weight that differs, as a sentence; null when all bits agree. Two NaN are the same whatever their payload. */
export function difference(actual: Float32Array, expected: Float32Array): string | null {
  const actualBits = new Uint32Array(actual.buffer, actual.byteOffset, actual.length);
  const expectedBits = new Uint32Array(expected.buffer, expected.byteOffset, expected.length);
  if (actual.length !== expected.length) return `${actual.length} weights instead of ${expected.length}`;
  for (let index = 0; index < actual.length; index++) {
    if (actualBits[index] === expectedBits[index]) continue;
    if (Number.isNaN(actual[index]) && Number.isNaN(expected[index])) continue;
    return `weight ${index} is ${actual[index]} instead of ${expected[index]}`;
  }
  return null;
}
