// Decoders of the K-quants, as llama.cpp's dequantize_row_q*_K (ggml-quants.c) read them.
import type { BlockDecoder } from './decoder.ts';
import { half } from './floats.ts';

/** Codes of 2 bits: byte 32·h + l holds weights 128·h + l + 0, 32, 64, 96, the first in the lowest bits. */
const q2_K: BlockDecoder = (view, at, target, to, little) => {
  const codes = at + 16;
  const d = half(view, at + 80, little);
  const dmin = half(view, at + 82, little);
  for (let sub = 0; sub < 16; sub++) {
    const scaleAndMin = view.getUint8(at + sub);
    const scale = d * (scaleAndMin & 15);
    const min = dmin * (scaleAndMin >> 4);
    const first = codes + 32 * (sub >> 3) + 16 * (sub & 1);
    const shift = 2 * ((sub >> 1) & 3);
    for (let l = 0; l < 16; l++) {
      target[to + 16 * sub + l] = scale * ((view.getUint8(first + l) >> shift) & 3) - min;
    }
  }
};

/** Low 2 bits as in Q2_K; bit k of byte l of `hmask` is the third bit of weight 32·k + l. */
const q3_K: BlockDecoder = (view, at, target, to, little) => {
  const codes = at + 32;
  const d = half(view, at + 108, little);
  for (let sub = 0; sub < 16; sub++) {
    const scale = d * (scaleOfQ3K(view, at + 96, sub) - 32);
    const inGroup = 16 * (sub & 1);
    const first = codes + 32 * (sub >> 3) + inGroup;
    const shift = 2 * ((sub >> 1) & 3);
    for (let l = 0; l < 16; l++) {
      const low = (view.getUint8(first + l) >> shift) & 3;
      const high = (view.getUint8(at + inGroup + l) >> (sub >> 1)) & 1;
      target[to + 16 * sub + l] = scale * ((low | (high << 2)) - 4);
    }
  }
};

/**
 * Scale `sub` of 16, 6 bits, in 12 bytes:
 *
 *     byte      7 6 5 4   3 2 1 0
 *     0 … 7     low bits  low bits      of scales 8 … 15 and 0 … 7
 *     8 … 11    b b b b   b b b b       upper bits of scales 12, 8, 4, 0 (+ byte − 8), two each
 */
function scaleOfQ3K(view: DataView, scales: number, sub: number): number {
  const low = (view.getUint8(scales + (sub & 7)) >> (4 * (sub >> 3))) & 15;
  const high = (view.getUint8(scales + 8 + (sub & 3)) >> (2 * (sub >> 2))) & 3;
  return low | (high << 4);
}

/** Codes of 4 bits: byte 32·k + l holds weight 64·k + l in its low and weight 64·k + 32 + l in its high half. */
const q4_K: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  const dmin = half(view, at + 2, little);
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * scaleOfQ4K(view, at + 4, sub);
    const min = dmin * minOfQ4K(view, at + 4, sub);
    const first = at + 16 + 32 * (sub >> 1);
    const shift = 4 * (sub & 1);
    for (let l = 0; l < 32; l++) {
      target[to + 32 * sub + l] = scale * ((view.getUint8(first + l) >> shift) & 15) - min;
    }
  }
};

/** Low 4 bits as in Q4_K; bit k of byte l of `qh` is the fifth bit of weight 32·k + l. */
const q5_K: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  const dmin = half(view, at + 2, little);
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * scaleOfQ4K(view, at + 4, sub);
    const min = dmin * minOfQ4K(view, at + 4, sub);
    const first = at + 48 + 32 * (sub >> 1);
    const shift = 4 * (sub & 1);
    for (let l = 0; l < 32; l++) {
      const low = (view.getUint8(first + l) >> shift) & 15;
      const high = (view.getUint8(at + 16 + l) >> sub) & 1;
      target[to + 32 * sub + l] = scale * (low | (high << 4)) - min;
    }
  }
};

/**
 * Scale `sub` of 8, 6 bits, in the 12 bytes that 8 mins share:
 *
 *     byte      7 6   5 4 3 2 1 0
 *     0 … 3     high  scale 0 … 3       high: upper bits of scales 4 … 7
 *     4 … 7     high  min 0 … 3         high: upper bits of mins 4 … 7
 *     8 … 11    min and scale 4 … 7     low 4 bits of a min, then of a scale
 */
function scaleOfQ4K(view: DataView, packed: number, sub: number): number {
  if (sub < 4) return view.getUint8(packed + sub) & 63;
  return (view.getUint8(packed + 4 + sub) & 15) | ((view.getUint8(packed + sub - 4) >> 6) << 4);
}

/** Min `sub` of 8: see scaleOfQ4K. */
function minOfQ4K(view: DataView, packed: number, sub: number): number {
  if (sub < 4) return view.getUint8(packed + 4 + sub) & 63;
  return (view.getUint8(packed + 4 + sub) >> 4) | ((view.getUint8(packed + sub) >> 6) << 4);
}

/**
 * Codes of 6 bits, in two halves of 128 weights: weight 32·k + l of a half has its low 4 bits in byte 32·(k mod 2) + l of `ql`
 * (high half of the byte for k ≥ 2) and its upper 2 in byte l of `qh`, at bit 2·k.
 */
const q6_K: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at + 208, little);
  for (let sub = 0; sub < 16; sub++) {
    const scale = d * view.getInt8(at + 192 + sub);
    const upper = sub >> 3;
    const k = (sub >> 1) & 3;
    const inGroup = 16 * (sub & 1);
    const lows = at + 64 * upper + 32 * (k & 1) + inGroup;
    const highs = at + 128 + 32 * upper + inGroup;
    for (let l = 0; l < 16; l++) {
      const low = (view.getUint8(lows + l) >> (4 * (k >> 1))) & 15;
      const high = (view.getUint8(highs + l) >> (2 * k)) & 3;
      target[to + 16 * sub + l] = scale * ((low | (high << 4)) - 32);
    }
  }
};

export const K_QUANT_DECODERS: Readonly<Record<string, BlockDecoder>> = {
  Q2_K: q2_K,
  Q3_K: q3_K,
  Q4_K: q4_K,
  Q5_K: q5_K,
  Q6_K: q6_K,
};
