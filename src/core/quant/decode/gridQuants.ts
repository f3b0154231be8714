// Decoders of the IQ types, as llama.cpp's dequantize_row_iq* (ggml-quants.c) read them.
import type { BlockDecoder } from './decoder.ts';
import { half, halfValue } from './floats.ts';
import {
  type Grid,
  IQ1_GRID,
  IQ2_S_GRID,
  IQ2_XS_GRID,
  IQ2_XXS_GRID,
  IQ3_S_GRID,
  IQ3_XXS_GRID,
  iq4Level,
  level,
} from './grids.ts';

/** Eight signs in 7 bits: bit j is the sign of weight j, and their number is even, which gives the eighth (`ksigns_iq2xs`). */
export function evenSigns(bits: number): number {
  return bits | (parity(bits) << 7);
}

function parity(bits: number): number {
  const folded = bits ^ (bits >> 4);
  return (0x6996 >> (folded & 15)) & 1; // bit n of 0x6996 is the parity of n
}

/** One pattern, times scale and signs: bit j set is a minus at weight j. */
function signedPattern(
  grid: Grid,
  index: number,
  scale: number,
  signs: number,
  target: Float32Array,
  to: number,
): void {
  for (let j = 0; j < grid.width; j++) {
    const value = scale * level(grid, index, j);
    target[to + j] = (signs >> j) & 1 ? -value : value;
  }
}

/** Per 32 weights 4 indexes of a byte, then 32 bits: 4 × 7 bits of signs from the lowest on, above them the scale. */
const iq2_xxs: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let sub = 0; sub < 8; sub++) {
    const indexes = at + 2 + 8 * sub;
    const signsAndScale = view.getUint32(indexes + 4, little);
    const scale = d * ((signsAndScale >>> 28) + 0.5) * 0.25;
    for (let l = 0; l < 4; l++) {
      const signs = evenSigns((signsAndScale >> (7 * l)) & 127);
      signedPattern(IQ2_XXS_GRID, view.getUint8(indexes + l), scale, signs, target, to + 32 * sub + 8 * l);
    }
  }
};

/** Per 8 weights 16 bits: 9 of index, above them 7 of signs. Per 16 weights 4 bits of scale. */
const iq2_xs: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let group = 0; group < 32; group++) {
    const scale = d * (nibble(view, at + 66, group >> 1) + 0.5) * 0.25;
    const code = view.getUint16(at + 2 + 2 * group, little);
    signedPattern(IQ2_XS_GRID, code & 511, scale, evenSigns(code >> 9), target, to + 8 * group);
  }
};

/** Per 8 weights an index (low 8 bits, upper 2 apart) and a byte of signs. Per 16 weights 4 bits of scale. */
const iq2_s: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let group = 0; group < 32; group++) {
    const scale = d * (nibble(view, at + 74, group >> 1) + 0.5) * 0.25;
    const upper = (view.getUint8(at + 66 + (group >> 2)) >> (2 * (group & 3))) & 3;
    const index = view.getUint8(at + 2 + group) | (upper << 8);
    signedPattern(IQ2_S_GRID, index, scale, view.getUint8(at + 34 + group), target, to + 8 * group);
  }
};

/** Number `index` of numbers of 4 bits, the first in the low half of the first byte. */
function nibble(view: DataView, first: number, index: number): number {
  return (view.getUint8(first + (index >> 1)) >> (4 * (index & 1))) & 15;
}

/** 64 indexes of a byte, then per 32 weights 32 bits: 4 × 7 bits of signs from the lowest on, above them the scale. */
const iq3_xxs: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let sub = 0; sub < 8; sub++) {
    const signsAndScale = view.getUint32(at + 66 + 4 * sub, little);
    const scale = d * ((signsAndScale >>> 28) + 0.5) * 0.5;
    for (let l = 0; l < 8; l++) {
      const signs = evenSigns((signsAndScale >> (7 * (l >> 1))) & 127) >> (4 * (l & 1));
      const index = view.getUint8(at + 2 + 8 * sub + l);
      signedPattern(IQ3_XXS_GRID, index, scale, signs, target, to + 32 * sub + 4 * l);
    }
  }
};

/** Per 4 weights an index (low 8 bits, the ninth apart) and 4 signs. Per 32 weights 4 bits of scale. */
const iq3_s: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let group = 0; group < 64; group++) {
    const scale = d * (2 * nibble(view, at + 106, group >> 3) + 1);
    const ninth = (view.getUint8(at + 66 + (group >> 3)) >> (group & 7)) & 1;
    const index = view.getUint8(at + 2 + group) | (ninth << 8);
    signedPattern(IQ3_S_GRID, index, scale, nibble(view, at + 74, group), target, to + 4 * group);
  }
};

/** IQ1S_DELTA, IQ1M_DELTA */
const SHIFT = 0.125;

/** One pattern of −1, 0 and 1, shifted up or down, times the scale. */
function shiftedPattern(index: number, scale: number, down: number, target: Float32Array, to: number): void {
  const shift = down ? -SHIFT : SHIFT;
  for (let j = 0; j < 8; j++) target[to + j] = scale * (level(IQ1_GRID, index, j) + shift);
}

/** Low 8 bits of 32 indexes; then per 32 weights 16 bits: 4 × 3 upper bits, 3 of scale, and whether the shift is down. */
const iq1_s: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  for (let sub = 0; sub < 8; sub++) {
    const high = view.getUint16(at + 34 + 2 * sub, little);
    const scale = d * (2 * ((high >> 12) & 7) + 1);
    for (let l = 0; l < 4; l++) {
      const index = view.getUint8(at + 2 + 4 * sub + l) | (((high >> (3 * l)) & 7) << 8);
      shiftedPattern(index, scale, high >> 15, target, to + 32 * sub + 8 * l);
    }
  }
};

/** Low 8 bits of 32 indexes; 4 bits for each: 3 upper bits and whether the shift is down; then 4 words of 4 scales of 3 bits,
 * with 4 bits of d above them. */
const iq1_m: BlockDecoder = (view, at, target, to, little) => {
  const scales = at + 48;
  let d = 0;
  for (let word = 0; word < 4; word++) d |= (view.getUint16(scales + 2 * word, little) >> 12) << (4 * word);
  for (let group = 0; group < 32; group++) {
    const packed = view.getUint16(scales + 2 * (group >> 3), little) >> (3 * ((group >> 1) & 3));
    const scale = halfValue(d) * (2 * (packed & 7) + 1);
    const high = nibble(view, at + 32, group);
    const index = view.getUint8(at + group) | ((high & 7) << 8);
    shiftedPattern(index, scale, high >> 3, target, to + 8 * group);
  }
};

/** Byte j holds the code of weight j in its low half and that of weight j + 16 in its high half. */
function unevenCodes(scale: number, view: DataView, codes: number, target: Float32Array, to: number): void {
  for (let j = 0; j < 16; j++) {
    const pair = view.getUint8(codes + j);
    target[to + j] = scale * iq4Level(pair & 15);
    target[to + j + 16] = scale * iq4Level(pair >> 4);
  }
}

const iq4_nl: BlockDecoder = (view, at, target, to, little) =>
  unevenCodes(half(view, at, little), view, at + 2, target, to);

/** 8 scales of 6 bits: low 4 bits two in a byte, upper 2 in one number of 16 bits. */
const iq4_xs: BlockDecoder = (view, at, target, to, little) => {
  const d = half(view, at, little);
  const upper = view.getUint16(at + 2, little);
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * ((nibble(view, at + 4, sub) | (((upper >> (2 * sub)) & 3) << 4)) - 32);
    unevenCodes(scale, view, at + 8 + 16 * sub, target, to + 32 * sub);
  }
};

export const GRID_QUANT_DECODERS: Readonly<Record<string, BlockDecoder>> = {
  IQ1_S: iq1_s,
  IQ1_M: iq1_m,
  IQ2_XXS: iq2_xxs,
  IQ2_XS: iq2_xs,
  IQ2_S: iq2_s,
  IQ3_XXS: iq3_xxs,
  IQ3_S: iq3_s,
  IQ4_NL: iq4_nl,
  IQ4_XS: iq4_xs,
};
