// Decoders as their callers see them: which schemes have one, where they write, and what the byte order of a file changes.
import { describe, expect, it } from 'vitest';
import { decoderOf } from '../../../src/core/quant/decode/decoders.ts';
import { GGML_SCHEMES, ggmlScheme } from '../../../src/core/quant/ggmlTypes.ts';
import { SAFETENSORS_SCHEMES, safetensorsScheme } from '../../../src/core/quant/safetensorsTypes.ts';
import type { Scheme } from '../../../src/core/quant/scheme.ts';
import { blockBytes, difference, randomBytes } from './blocks.ts';

const known = [...new Set([...GGML_SCHEMES, ...SAFETENSORS_SCHEMES])].filter(
  ({ kind }) => kind !== 'unknown',
);
const decodable = known.filter((scheme) => decoderOf(scheme) !== null);
const named = (schemes: readonly Scheme[]) => schemes.map((scheme) => [scheme.name, scheme] as const);

describe('a decoder', () => {
  it('exists for every scheme with a layout but complex numbers', () => {
    expect(known.filter((scheme) => !decodable.includes(scheme)).map(({ name }) => name)).toEqual(['C64']);
  });

  it('does not exist for a type without layout, whatever it is called', () => {
    const unknown = [
      ggmlScheme(4),
      ggmlScheme(139),
      safetensorsScheme('__proto__'),
      safetensorsScheme('F128'),
    ];
    expect(unknown.map(decoderOf)).toEqual([null, null, null, null]);
  });

  it.each(named(decodable))(
    'of %s writes the weights of its blocks where it is told, and nowhere else',
    (_name, scheme) => {
      const decode = decoderOf(scheme)!;
      const blocks = 64;
      const count = blocks * scheme.blockWeights;
      const bytes = randomBytes(blockBytes(scheme, blocks), 1);
      const alone = new Float32Array(count);
      decode(bytes, 0, blocks, alone, 0, 'little');

      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      const amongOthers = new Float32Array(count + 2).fill(42);
      decode(shifted.subarray(1), 2, blocks, amongOthers, 1, 'little');
      expect(difference(amongOthers.subarray(1, count + 1), alone)).toBeNull();
      expect([amongOthers[0], amongOthers[count + 1]]).toEqual([42, 42]);
    },
  );

  it.each(named(decodable))('of %s refuses a block that is cut off', (_name, scheme) => {
    const cut = new Uint8Array(blockBytes(scheme, 4) - 1);
    const weights = new Float32Array(4 * scheme.blockWeights);
    expect(() => decoderOf(scheme)!(cut, 0, 4, weights, 0, 'little')).toThrow(RangeError);
  });
});

describe('numbers', () => {
  const one = (name: string, bytes: readonly number[]): number | undefined => {
    const weights = new Float32Array(1);
    decoderOf(safetensorsScheme(name))!(Uint8Array.from(bytes), 0, 1, weights, 0, 'little');
    return weights[0];
  };
  it.each([
    ['I8', [0x80], -128],
    ['U8', [0x80], 128],
    ['BOOL', [1], 1],
    ['I16', [0xff, 0x7f], 32_767],
    ['U16', [0xff, 0xff], 65_535],
    ['I32', [0xfe, 0xff, 0xff, 0xff], -2],
    ['U32', [0, 0, 0, 0x80], 2 ** 31],
    ['I64', [0, 0, 0, 0, 0, 0, 0, 0x80], -(2 ** 63)],
    ['U64', [0, 0, 0, 0, 0, 0, 0, 0x80], 2 ** 63],
    ['F64', [0, 0, 0, 0, 0, 0, 0xe0, 0x3f], 0.5],
    ['F64', [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], Math.fround(0.1)],
    ['F32', [0, 0, 0x80, 0xff], -Infinity],
    ['BF16', [0x80, 0xbf], -1],
  ] as const)('%s %j is %f', (name, bytes, value) => {
    expect(one(name, bytes)).toBe(value);
  });
});

/** Numbers of several bytes in a block: [position, bytes of the number, how many]. All other fields are single bytes. */
const WIDE_FIELDS: Readonly<
  Record<string, readonly (readonly [at: number, bytes: number, count: number])[]>
> = {
  Q4_0: [[0, 2, 1]],
  Q4_1: [[0, 2, 2]],
  Q5_0: [
    [0, 2, 1],
    [2, 4, 1],
  ],
  Q5_1: [
    [0, 2, 2],
    [4, 4, 1],
  ],
  Q8_0: [[0, 2, 1]],
  Q8_1: [[0, 2, 2]],
  Q8_K: [
    [0, 4, 1],
    [260, 2, 16],
  ],
  Q2_K: [[80, 2, 2]],
  Q3_K: [[108, 2, 1]],
  Q4_K: [[0, 2, 2]],
  Q5_K: [[0, 2, 2]],
  Q6_K: [[208, 2, 1]],
  IQ2_XXS: [[0, 2, 1], ...[6, 14, 22, 30, 38, 46, 54, 62].map((at) => [at, 4, 1] as const)],
  IQ2_XS: [[0, 2, 33]],
  IQ2_S: [[0, 2, 1]],
  IQ3_XXS: [
    [0, 2, 1],
    [66, 4, 8],
  ],
  IQ3_S: [[0, 2, 1]],
  IQ1_S: [
    [0, 2, 1],
    [34, 2, 8],
  ],
  IQ1_M: [[48, 2, 4]],
  IQ4_NL: [[0, 2, 1]],
  IQ4_XS: [[0, 2, 2]],
  TQ1_0: [[52, 2, 1]],
  TQ2_0: [[64, 2, 1]],
  MXFP4: [],
  NVFP4: [],
  Q1_0: [[0, 2, 1]],
  Q2_0: [[0, 2, 1]],
};

function withSwappedFields(scheme: Scheme, bytes: Uint8Array): Uint8Array {
  const plain =
    scheme.kind === 'block' ? WIDE_FIELDS[scheme.name]! : [[0, Math.max(1, scheme.blockBytes!), 1] as const];
  const swapped = bytes.slice();
  for (let block = 0; block + scheme.blockBytes! <= bytes.length; block += scheme.blockBytes!) {
    for (const [at, size, count] of plain) {
      for (let index = 0; index < count; index++) {
        const first = block + at + size * index;
        swapped.subarray(first, first + size).reverse();
      }
    }
  }
  return swapped;
}

describe('a big-endian file', () => {
  it.each(named(decodable))(
    'of %s holds the same weights with its multi-byte numbers swapped',
    (_name, scheme) => {
      const blocks = 64;
      const bytes = randomBytes(blockBytes(scheme, blocks), 2);
      const little = new Float32Array(blocks * scheme.blockWeights);
      const big = new Float32Array(little.length);
      decoderOf(scheme)!(bytes, 0, blocks, little, 0, 'little');
      decoderOf(scheme)!(withSwappedFields(scheme, bytes), 0, blocks, big, 0, 'big');
      expect(difference(big, little)).toBeNull();
    },
  );
});
