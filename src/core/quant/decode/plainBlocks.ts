// Decoders of blocks with one scale (and perhaps one min), as llama.cpp's dequantize_row_q*_0, _1 (ggml-quants.c) read them.
import type { BlockDecoder } from './decoder.ts';
import { half } from './floats.ts';

/** Codes of 4 bits: byte j holds the code of weight j in its low half and that of weight j + 16 in its high half. */
const q4_0: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let j = 0; j < 16; j++) {
    const codes = view.getUint8(at + 2 + j);
    target[to + j] = d * ((codes & 15) - 8);
    target[to + j + 16] = d * ((codes >> 4) - 8);
  }
};

const q4_1: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  const m = half(view, at + 2, little);
  for (let j = 0; j < 16; j++) {
    const codes = view.getUint8(at + 4 + j);
    target[to + j] = d * (codes & 15) + m;
    target[to + j + 16] = d * (codes >> 4) + m;
  }
};

/** Bit w of `qh`, one number of 32 bits, is the fifth bit of the code of weight w. */
const q5_0: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  const fifth = view.getUint32(at + 2, little);
  for (let j = 0; j < 16; j++) {
    const codes = view.getUint8(at + 6 + j);
    target[to + j] = d * (((codes & 15) | (((fifth >> j) & 1) << 4)) - 16);
    target[to + j + 16] = d * (((codes >> 4) | (((fifth >> (j + 16)) & 1) << 4)) - 16);
  }
};

const q5_1: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  const m = half(view, at + 2, little);
  const fifth = view.getUint32(at + 4, little);
  for (let j = 0; j < 16; j++) {
    const codes = view.getUint8(at + 8 + j);
    target[to + j] = d * ((codes & 15) | (((fifth >> j) & 1) << 4)) + m;
    target[to + j + 16] = d * ((codes >> 4) | (((fifth >> (j + 16)) & 1) << 4)) + m;
  }
};

/** Signed codes of 8 bits from `codes` on. */
function bytesTimes(
  d: number,
  count: number,
  view: DataView,
  codes: number,
  target: Float32Array,
  to: number,
): void {
  for (let j = 0; j < count; j++) target[to + j] = d * view.getInt8(codes + j);
}

const q8_0: BlockDecoder = (view, at, target, to, little) =>
  bytesTimes(half(view, at, little), 32, view, at + 2, target, to);

/** Between scale and codes stands a sum that only products with other blocks use. */
const q8_1: BlockDecoder = (view, at, target, to, little) =>
  bytesTimes(half(view, at, little), 32, view, at + 4, target, to);

/** The only block of ggml whose scale is an F32. */
const q8_K: BlockDecoder = (view, at, target, to, little) =>
  bytesTimes(view.getFloat32(at, little), 256, view, at + 4, target, to);

/** The bit is the sign: 1 is d, 0 is −d. */
const q1_0: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let j = 0; j < 128; j++) {
    const bit = (view.getUint8(at + 2 + (j >> 3)) >> (j & 7)) & 1;
    target[to + j] = d * (2 * bit - 1);
  }
};

/** Four neighbours in a byte, the first in the lowest bits. */
const q2_0: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let j = 0; j < 64; j++) {
    const code = (view.getUint8(at + 2 + (j >> 2)) >> (2 * (j & 3))) & 3;
    target[to + j] = d * (code - 1);
  }
};

export const PLAIN_BLOCK_DECODERS: Readonly<Record<string, BlockDecoder>> = {
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: q8_0,
  Q8_1: q8_1,
  Q8_K: q8_K,
  Q1_0: q1_0,
  Q2_0: q2_0,
};
