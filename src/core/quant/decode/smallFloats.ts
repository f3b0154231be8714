// Decoders of microscaling floats and ternary weights, as llama.cpp's dequantize_row_mxfp4, _nvfp4, _tq1_0, _tq2_0 read them.
import type { BlockDecoder } from './decoder.ts';
import { E2M1, floatTable, half } from './floats.ts';

/** The 4-bit floats (E2M1) by code. ggml keeps them as integers, twice as large, and so has no −0: code 8 is 0. */
export const FP4_VALUES: Float64Array = E2M1.map((value) => (value === 0 ? 0 : value));

/** Scales of MXFP4: 2^(code − 127). Unlike in the specification 255 is 2^128, not NaN. */
export const MX_SCALES: Float64Array = floatTable({
  signed: false,
  exponentBits: 8,
  mantissaBits: 0,
  bias: 127,
  specials: 'finite',
});

/** Scales of NVFP4: E4M3 whose sign is ignored. ggml reads its NaN as 0, but the NaN with a sign as 480. */
export const NV_SCALES: Float64Array = nvScales();

function nvScales(): Float64Array {
  const magnitudes = floatTable({
    signed: false,
    exponentBits: 4,
    mantissaBits: 3,
    bias: 7,
    specials: 'finite',
  });
  const scales = Float64Array.from({ length: 256 }, (_item, code) => magnitudes[code & 127] ?? NaN);
  scales[0x7f] = 0;
  return scales;
}

const fp4 = (code: number): number => FP4_VALUES[code] ?? NaN;

const mxfp4: BlockDecoder = (view, at, target, to) => {
  const scale = MX_SCALES[view.getUint8(at)] ?? NaN;
  for (let j = 0; j < 16; j++) {
    const codes = view.getUint8(at + 1 + j);
    target[to + j] = scale * fp4(codes & 15);
    target[to + j + 16] = scale * fp4(codes >> 4);
  }
};

/** Four sub-blocks of 16; in each, byte j holds weight j in its low and weight j + 8 in its high half. */
const nvfp4: BlockDecoder = (view, at, target, to) => {
  for (let sub = 0; sub < 4; sub++) {
    const scale = NV_SCALES[view.getUint8(at + sub)] ?? NaN;
    for (let j = 0; j < 8; j++) {
      const codes = view.getUint8(at + 4 + 8 * sub + j);
      target[to + 16 * sub + j] = scale * fp4(codes & 15);
      target[to + 16 * sub + j + 8] = scale * fp4(codes >> 4);
    }
  }
};

/**
 * Digit `digit` (0 is the most significant) of the five base-3 digits of a byte. The byte is the number of the digits times
 * 256/243, rounded up: a fraction of 256 whose next digit comes out above the point when it is multiplied by 3.
 */
export function ternaryDigit(byte: number, digit: number): number {
  const rest = (byte * 3 ** digit) & 255;
  return (rest * 3) >> 8;
}

/** Bytes 0 … 31 hold weights 0 … 159, bytes 32 … 47 weights 160 … 239, bytes 48 … 51 the last 16: all first digits, then all
 * second ones, and so on. */
const TQ1_RUNS = [
  { first: 0, bytes: 32, digits: 5 },
  { first: 32, bytes: 16, digits: 5 },
  { first: 48, bytes: 4, digits: 4 },
] as const;

const tq1_0: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at + 52, little);
  let weight = to;
  for (const { first, bytes, digits } of TQ1_RUNS) {
    for (let digit = 0; digit < digits; digit++) {
      for (let j = 0; j < bytes; j++) {
        target[weight++] = d * (ternaryDigit(view.getUint8(at + first + j), digit) - 1);
      }
    }
  }
};

/** Codes of 2 bits: byte 32·h + l holds weights 128·h + l + 0, 32, 64, 96, the first in the lowest bits. */
const tq2_0: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at + 64, little);
  for (let j = 0; j < 256; j++) {
    const code = (view.getUint8(at + 32 * (j >> 7) + (j & 31)) >> (2 * ((j >> 5) & 3))) & 3;
    target[to + j] = d * (code - 1);
  }
};

export const SMALL_FLOAT_DECODERS: Readonly<Record<string, BlockDecoder>> = {
  MXFP4: mxfp4,
  NVFP4: nvfp4,
  TQ1_0: tq1_0,
  TQ2_0: tq2_0,
};
