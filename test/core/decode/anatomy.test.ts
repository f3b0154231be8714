// The anatomy of blocks: its numbers give what the decoders give, and every byte of a block belongs to a field it may light.
import { describe, expect, it } from 'vitest';
import { type Anatomy, anatomyOf } from '../../../src/core/quant/anatomy/anatomy.ts';
import { decoderOf } from '../../../src/core/quant/decode/decoders.ts';
import { GGML_SCHEMES, ggmlScheme } from '../../../src/core/quant/ggmlTypes.ts';
import type { FieldFamily, Scheme } from '../../../src/core/quant/scheme.ts';
import { blockBytes, difference, randomBytes } from './blocks.ts';

const BLOCKS = 60;
const schemes = GGML_SCHEMES.filter(({ kind }) => kind === 'block');
const named = schemes.map((scheme) => [scheme.name, scheme] as const);
const weightsOf = ({ blockWeights }: Scheme): number[] =>
  Array.from({ length: blockWeights }, (_i, weight) => weight);

describe.each(named)('the anatomy of %s', (_name, scheme) => {
  const bytes = randomBytes(blockBytes(scheme, BLOCKS), 3);

  it.each(['little', 'big'] as const)(
    'has the numbers of which the decoder makes the same weights, %s-endian',
    (endianness) => {
      const anatomy = anatomyOf(scheme, endianness)!;
      const decoded = new Float32Array(BLOCKS * scheme.blockWeights);
      decoderOf(scheme)!(bytes, 0, BLOCKS, decoded, 0, endianness);
      const recomputed = decoded.map((_weight, index) => {
        const block = Math.floor(index / scheme.blockWeights);
        return anatomy.weightAt(bytes, block * scheme.blockBytes!, index % scheme.blockWeights).value;
      });
      expect(difference(recomputed, decoded)).toBeNull();
    },
  );

  it('finds each number in bytes of a field of its family, and every bit of the block but sums used', () => {
    const anatomy = anatomyOf(scheme, 'little')!;
    const familiesOfByte = scheme.fields.flatMap(({ bytes: count, families }) =>
      Array.from({ length: count }, (): readonly FieldFamily[] => families),
    );
    const used = new Uint8Array(scheme.blockBytes!);
    for (const weight of weightsOf(scheme)) {
      for (const { family, runs, name } of anatomy.weightAt(bytes, 0, weight).numbers) {
        for (const { byte, shift, width } of runs) {
          const place = `${name} of weight ${weight}, byte ${byte}`;
          if (!familiesOfByte[byte]!.includes(family))
            throw new Error(`${place}: not in a field of ${family}`);
          used[byte]! |= ((1 << width) - 1) << shift;
        }
      }
    }
    const unused = [...used].flatMap((bits, byte) => (bits === 255 ? [] : [familiesOfByte[byte]![0]]));
    expect([...new Set(unused)]).toEqual(unusedFamilies(scheme));
  });

  it('says how many neighbours share a scale and a code, and how many codes there are', () => {
    const anatomy = anatomyOf(scheme, 'little')!;
    expect(runLength(anatomy, scheme, bytes, ['d', 'e', 'sc', 'dmin', 'm'])).toBe(anatomy.scaleWeights);
    expect(runLength(anatomy, scheme, bytes, ['q'])).toBe(anatomy.codeWeights);
    const codes = weightsOf(scheme).map((weight) => {
      const { bits, value } = anatomy.weightAt(bytes, 0, weight).numbers.find(({ name }) => name === 'q')!;
      return value < 0 ? bits : value;
    });
    expect(Math.max(...codes)).toBeLessThan(anatomy.codeCount);
  });
});

/** Only sums (Q8_1, Q8_K) are of no use to a weight. */
const unusedFamilies = ({ fields }: Scheme): FieldFamily[] =>
  fields.flatMap(({ families }) => (families[0] === 'other' ? ['other' as const] : []));

/** How many first weights of a block have the same bits of these numbers. */
function runLength(anatomy: Anatomy, scheme: Scheme, bytes: Uint8Array, names: readonly string[]): number {
  const placeOf = (weight: number): string => {
    const { numbers } = anatomy.weightAt(bytes, 0, weight);
    const first = numbers.filter(({ name }) => names.includes(name));
    return JSON.stringify(first.map(({ runs, value }) => [runs, names.includes('q') ? value : 0]));
  };
  const others = weightsOf(scheme).findIndex((weight) => placeOf(weight) !== placeOf(0));
  return others === -1 ? scheme.blockWeights : others;
}

describe('the anatomy', () => {
  it('of a weight of Q4_K is what the picture shows: bits, numbers, formula', () => {
    const block = new Uint8Array(144);
    block.set([0x00, 0x3c, 0x00, 0x38]); // d = 1, dmin = ½
    block[4] = 0b10_000000; // bits 6, 7: upper bits of scale 4
    block[12] = 0b0011_0101; // low bits of min 4 and of scale 4
    block[16 + 64 + 3] = 0x0a; // weight 4 · 32 + 3
    const { numbers, ...result } = anatomyOf(ggmlScheme(12), 'little')!.weightAt(block, 0, 131);
    expect(
      numbers.map(({ name, value, runs }) => [
        name,
        value,
        ...runs.map((r) => `${r.byte}:${r.shift}+${r.width}`),
      ]),
    ).toEqual([
      ['d', 1, '0:0+8', '1:0+8'],
      ['sc', 37, '12:0+4', '4:6+2'],
      ['dmin', 0.5, '2:0+8', '3:0+8'],
      ['m', 3, '12:4+4', '8:6+2'],
      ['q', 10, '83:0+4'],
    ]);
    expect(result).toEqual({ scale: 37, level: 10, min: 1.5, value: 368.5 });
  });

  it('does not exist for plain numbers', () => {
    expect(anatomyOf(ggmlScheme(0), 'little')).toBeNull();
  });
});
