// Floats of few bits, by their definition: sign, exponent, mantissa. Each type is one table of all its codes.

export interface FloatLayout {
  readonly signed: boolean;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /**
   * What the ends of the codes mean.
   * ieee: the largest exponent is infinity (mantissa 0) or NaN. lastIsNan: only the last code of each sign is NaN.
   * noNegativeZero: the code of −0 is NaN ("FNUZ"). finite: every code is a number.
   */
  readonly specials: 'ieee' | 'lastIsNan' | 'noNegativeZero' | 'finite';
}

/** Values of all codes, in the order of the codes. Doubles, because 2^128 (E8M0) is more than an F32 can hold. */
export function floatTable(layout: FloatLayout): Float64Array {
  const codes = 1 << (layout.exponentBits + layout.mantissaBits);
  const table = new Float64Array(layout.signed ? 2 * codes : codes);
  for (let code = 0; code < codes; code++) {
    const value = magnitude(layout, code);
    table[code] = value;
    if (layout.signed) table[codes + code] = -value;
  }
  if (layout.specials === 'noNegativeZero') table[codes] = Number.NaN;
  return table;
}

function magnitude({ exponentBits, mantissaBits, bias, specials }: FloatLayout, code: number): number {
  const exponent = code >> mantissaBits;
  const mantissa = code & ((1 << mantissaBits) - 1);
  const largest = (1 << exponentBits) - 1;
  if (specials === 'ieee' && exponent === largest) return mantissa === 0 ? Infinity : NaN;
  if (specials === 'lastIsNan' && code === (1 << (exponentBits + mantissaBits)) - 1) return NaN;
  const hidden = 1 << mantissaBits;
  // E8M0 has no mantissa and with it no zero and no denormals: its exponent 0 is a power of two like all others.
  return exponent === 0 && mantissaBits > 0
    ? mantissa * 2 ** (1 - bias - mantissaBits)
    : (hidden + mantissa) * 2 ** (exponent - bias - mantissaBits);
}

const eightBits = (exponentBits: number, bias: number, specials: FloatLayout['specials']): Float64Array =>
  floatTable({ signed: true, exponentBits, mantissaBits: 7 - exponentBits, bias, specials });
const fewBits = (exponentBits: number, mantissaBits: number, bias: number): Float64Array =>
  floatTable({ signed: true, exponentBits, mantissaBits, bias, specials: 'finite' });

/** IEEE 754 binary16. */
const HALVES = floatTable({
  signed: true,
  exponentBits: 5,
  mantissaBits: 10,
  bias: 15,
  specials: 'ieee',
});

/** Values by code. F8: OCP 8-bit floating point specification; FNUZ: Graphcore and AMD; the others: OCP Microscaling (MX). */
export const E4M3 = eightBits(4, 7, 'lastIsNan');
export const E5M2 = eightBits(5, 15, 'ieee');
export const E4M3_FNUZ = eightBits(4, 8, 'noNegativeZero');
export const E5M2_FNUZ = eightBits(5, 16, 'noNegativeZero');
export const E8M0 = floatTable({
  signed: false,
  exponentBits: 8,
  mantissaBits: 0,
  bias: 127,
  specials: 'lastIsNan',
});
export const E2M3 = fewBits(2, 3, 1);
export const E3M2 = fewBits(3, 2, 3);
export const E2M1 = fewBits(2, 1, 1);

/** Value of a code of 16 bits. */
export function halfValue(code: number): number {
  return HALVES[code] ?? Number.NaN;
}

/** Value of the half at a position. */
export function half(view: DataView, at: number, little: boolean): number {
  return halfValue(view.getUint16(at, little));
}
