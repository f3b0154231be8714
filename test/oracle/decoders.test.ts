// The reference decoders against ggml: every bit of a million quantized weights of each type and of a million weights of random
// bytes. Only NaN may differ, in its payload. Most of the time goes to ggml's own tables for quantizing to IQ1 and IQ2.
import { describe, expect, it } from 'vitest';
import { decoderOf } from '../../src/core/quant/decode/decoders.ts';
import { GGML_SCHEMES, ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';
import type { Scheme } from '../../src/core/quant/scheme.ts';
import { blockBytes, difference, randomBytes, randomWeights } from '../core/decode/blocks.ts';
import { GGML_MISSING, loadGgml } from './ggml.ts';

const ROW = 4096;
const WEIGHTS = 256 * ROW;
const SEED = 20_261_121;

/** ggml has no function that reads these: F32 needs none, numbers of 64 bits and integers are not weights to it, and Q8_1 is
 * only ever multiplied. */
const NOT_READ_BY_GGML = ['F32', 'F64', 'I8', 'I16', 'I32', 'I64', 'Q8_1'];

const schemes = GGML_SCHEMES.filter(
  ({ kind, name }) => kind !== 'unknown' && !NOT_READ_BY_GGML.includes(name),
).map((scheme) => [scheme.name, scheme] as const);

function decode(scheme: Scheme, bytes: Uint8Array, count: number): Float32Array {
  const weights = new Float32Array(count);
  decoderOf(scheme)!(bytes, 0, count / scheme.blockWeights, weights, 0, 'little');
  return weights;
}

const title = `decoders and ggml${GGML_MISSING === null ? '' : `: skipped, ${GGML_MISSING}`}`;

describe.skipIf(GGML_MISSING !== null)(title, { timeout: 60_000 }, () => {
  const ggml = GGML_MISSING === null ? loadGgml() : null;
  const weights = GGML_MISSING === null ? randomWeights(WEIGHTS, SEED) : new Float32Array();

  it.each(schemes)('agree on every bit of quantized weights in %s', (_name, scheme) => {
    const blocks = ggml!.quantize(scheme, weights, ROW);
    const expected = ggml!.dequantize(scheme, blocks, WEIGHTS);
    expect(difference(decode(scheme, blocks, WEIGHTS), expected)).toBeNull();
    expect(correlation(expected, weights)).toBeGreaterThan(0.5); // it was these weights that were quantized
  });

  it.each(schemes)('agree on every bit of random blocks of %s', (_name, scheme) => {
    const blocks = randomBytes(blockBytes(scheme, WEIGHTS / scheme.blockWeights), SEED);
    const expected = ggml!.dequantize(scheme, blocks, WEIGHTS);
    expect(difference(decode(scheme, blocks, WEIGHTS), expected)).toBeNull();
  });

  it.each(schemes.filter(([name]) => name.endsWith('F16')))(
    'agree on all 65,536 codes of %s',
    (_name, scheme) => {
      const codes = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_item, code) => code).buffer);
      expect(difference(decode(scheme, codes, 65_536), ggml!.dequantize(scheme, codes, 65_536))).toBeNull();
    },
  );

  it('agree within half a step on Q8_1, which ggml writes but never reads', () => {
    const scheme = ggmlScheme(9);
    const actual = decode(scheme, ggml!.quantize(scheme, weights, ROW), WEIGHTS);
    for (let first = 0; first < WEIGHTS; first += scheme.blockWeights) {
      const block = weights.subarray(first, first + scheme.blockWeights);
      const step = block.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127;
      const error = block.reduce(
        (most, weight, j) => Math.max(most, Math.abs(weight - actual[first + j]!)),
        0,
      );
      // The scale is rounded to a half: by 2^-11 of up to 127 steps.
      if (error > 0.57 * step)
        throw new Error(`A weight of the block at ${first} is off by ${error / step} steps.`);
    }
  });
});

function correlation(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    ab += a[index]! * b[index]!;
    aa += a[index]! ** 2;
    bb += b[index]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
