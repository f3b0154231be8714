// Floats of few bits: every code against a second way to say what it means.
import { describe, expect, it } from 'vitest';
import { decoderOf } from '../../../src/core/quant/decode/decoders.ts';
import { F16 } from '../../../src/core/quant/plainNumbers.ts';
import { safetensorsScheme } from '../../../src/core/quant/safetensorsTypes.ts';
import type { Scheme } from '../../../src/core/quant/scheme.ts';
import { difference } from './blocks.ts';

/** What the decoder reads in all codes of a type of 8 bits. */
function allBytes(name: string): Float32Array {
  const codes = Uint8Array.from({ length: 256 }, (_item, code) => code);
  return decoded(safetensorsScheme(name), codes, 256);
}

function decoded(scheme: Scheme, bytes: Uint8Array, count: number): Float32Array {
  const weights = new Float32Array(count);
  decoderOf(scheme)?.(bytes, 0, count, weights, 0, 'little');
  return weights;
}

/** A float from its parts as the bits of an F32, without arithmetic on floats. */
function float(sign: number, exponent: number, mantissa: number, mantissaBits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, ((sign << 31) | ((exponent + 127) << 23) | (mantissa << (23 - mantissaBits))) >>> 0);
  return view.getFloat32(0);
}

describe('F16', () => {
  const halves = decoded(
    F16,
    new Uint8Array(Uint16Array.from({ length: 65_536 }, (_i, code) => code).buffer),
    65_536,
  );

  it('means in every code what shifting its bits to their places in an F32 gives', () => {
    const expected = Float32Array.from(halves, (_value, code) => {
      const [sign, exponent, mantissa] = [code >> 15, (code >> 10) & 31, code & 1023];
      if (exponent === 31) return mantissa === 0 ? (sign ? -Infinity : Infinity) : NaN;
      if (exponent > 0) return float(sign, exponent - 15, mantissa, 10);
      return (sign ? -1 : 1) * mantissa * 2 ** -24;
    });
    expect(difference(halves, expected)).toBeNull();
  });

  it('has a negative zero, denormals and a largest value of 65,504', () => {
    expect([halves[0x8000], halves[1], halves[0x7bff]]).toEqual([-0, 2 ** -24, 65_504]);
  });
});

describe('floats of 8 bits', () => {
  it('F8_E5M2 is the upper byte of an F16', () => {
    const codes = Uint16Array.from({ length: 256 }, (_item, code) => code << 8);
    expect(difference(allBytes('F8_E5M2'), decoded(F16, new Uint8Array(codes.buffer), 256))).toBeNull();
  });

  it('F8_E4M3 has a bias of 7, no infinity, and NaN only in the last code of each sign', () => {
    const expected = Float32Array.from({ length: 256 }, (_item, code) => {
      const [sign, exponent, mantissa] = [code >> 7, (code >> 3) & 15, code & 7];
      if ((code & 127) === 127) return NaN;
      return exponent > 0 ? float(sign, exponent - 7, mantissa, 3) : (sign ? -1 : 1) * (mantissa / 512);
    });
    expect(difference(allBytes('F8_E4M3'), expected)).toBeNull();
    expect(Math.max(...expected.filter((value) => !Number.isNaN(value)))).toBe(448);
  });

  it('F8_E4M3FNUZ has a bias of 8 and one NaN, where negative zero would be', () => {
    const expected = Float32Array.from({ length: 256 }, (_item, code) => {
      const [sign, exponent, mantissa] = [code >> 7, (code >> 3) & 15, code & 7];
      if (code === 128) return NaN;
      return exponent > 0 ? float(sign, exponent - 8, mantissa, 3) : (sign ? -1 : 1) * (mantissa / 1024);
    });
    expect(difference(allBytes('F8_E4M3FNUZ'), expected)).toBeNull();
    expect(expected[127]).toBe(240);
  });

  it('F8_E5M2FNUZ has a bias of 16 and one NaN, where negative zero would be', () => {
    const expected = Float32Array.from({ length: 256 }, (_item, code) => {
      const [sign, exponent, mantissa] = [code >> 7, (code >> 2) & 31, code & 3];
      if (code === 128) return NaN;
      return exponent > 0 ? float(sign, exponent - 16, mantissa, 2) : (sign ? -1 : 1) * (mantissa / 2 ** 17);
    });
    expect(difference(allBytes('F8_E5M2FNUZ'), expected)).toBeNull();
    expect(expected[127]).toBe(57_344);
  });

  it('F8_E8M0 is a power of two in every code but the last', () => {
    const expected = Float32Array.from({ length: 256 }, (_item, code) =>
      code === 255 ? NaN : code === 0 ? 2 ** -127 : float(0, code - 127, 0, 0),
    );
    expect(difference(allBytes('F8_E8M0'), expected)).toBeNull();
  });
});

describe('floats of less than a byte', () => {
  const E2M3 = [
    0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.125, 1.25, 1.375, 1.5, 1.625, 1.75, 1.875, 2, 2.25,
    2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5,
  ];
  const E3M2 = [
    0, 0.0625, 0.125, 0.1875, 0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75, 0.875, 1, 1.25, 1.5, 1.75, 2,
    2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28,
  ];
  const E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

  it.each([
    ['F6_E2M3', E2M3],
    ['F6_E3M2', E3M2],
  ] as const)('%s: 64 codes, four in three bytes, the lowest bits first', (name, magnitudes) => {
    const bytes = new Uint8Array(48);
    for (let code = 0; code < 64; code++) {
      for (let bit = 0; bit < 6; bit++) {
        const position = 6 * code + bit;
        bytes[position >> 3]! |= ((code >> bit) & 1) << (position & 7);
      }
    }
    expect([...decoded(safetensorsScheme(name), bytes, 64)]).toEqual([
      ...magnitudes,
      ...magnitudes.map((value) => -value),
    ]);
  });

  it('F4: 16 codes, two in a byte, the low half first', () => {
    const bytes = Uint8Array.of(0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe);
    expect([...decoded(safetensorsScheme('F4'), bytes, 16)]).toEqual([
      ...E2M1,
      ...E2M1.map((value) => -value),
    ]);
  });

  it('end in the middle of a byte without reading beyond it', () => {
    expect([...decoded(safetensorsScheme('F4'), Uint8Array.of(0x32, 0x05), 3)]).toEqual([1, 1.5, 3]);
    expect(() => decoded(safetensorsScheme('F4'), Uint8Array.of(0x32), 3)).toThrow(RangeError);
  });
});
