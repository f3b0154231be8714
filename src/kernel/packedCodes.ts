// Codes of packed matrices (GPTQ, AWQ, MLX …) as bytes of LEVELS from `to` on. They may write up to 15 bytes more than `count`, and read as
// far: what follows in memory is not used by packed matrices, or written later.
import { PACKED_ORDER } from './memory';

/** One stream of bits, the lowest first, from bit `bit` (0 … 7) of the byte at `from` on. */
export function takeStream(from: usize, bit: i32, bits: i32, count: i32, to: usize): void {
  const end = to + <usize>count;
  if (bits === 8) {
    memory.copy(to, from, count);
    return;
  }
  if (bits === 4) {
    if (bit === 4 && count > 0) {
      store<u8>(to, load<u8>(from) >> 4);
      from++;
      to++;
    }
    for (; to < end; from += 8, to += 16) v128.store(to, nibbles(from));
    return;
  }
  if (bits === 2 && bit === 0) {
    for (; to < end; from += 4, to += 16) v128.store(to, pairs(load<u32>(from)));
    return;
  }
  // Eight codes are as many bytes as a code has bits: so their bits lie alike in all eights.
  for (let code = 0; code < 8; code++) {
    const first = code * bits + bit;
    store<u8>(PACKED_ORDER + 2 * code, <u8>(first >> 3));
    store<u8>(PACKED_ORDER + 2 * code + 1, <u8>((first >> 3) + 1));
    store<u16>(PACKED_ORDER + 16 + 2 * code, <u16>((<i32>1) << (8 - (first & 7))));
  }
  const order = v128.load(PACKED_ORDER);
  const factors = v128.load(PACKED_ORDER + 16);
  const mask = i16x8.splat(<i16>(((<i32>1) << bits) - 1));
  for (; to < end; from += 2 * bits, to += 16) {
    const first = eightOf(from, order, factors, mask);
    v128.store(to, i8x16.narrow_i16x8_u(first, eightOf(from + bits, order, factors, mask)));
  }
}

/** Eight codes as words of 16 bits: each has the two bytes it lies in, moved so that it begins at bit 8. */
function eightOf(from: usize, order: v128, factors: v128, mask: v128): v128 {
  const bytes = i8x16.swizzle(v128.load(from), order);
  return v128.and(i16x8.shr_u(i16x8.mul(bytes, factors), 8), mask);
}

/** Sixteen codes of 4 bits, the first of two in the low half of a byte. */
function nibbles(from: usize): v128 {
  const bytes = v128.load64_zero(from);
  const low = v128.and(bytes, i8x16.splat(15));
  const high = i8x16.shr_u(bytes, 4);
  return v128.shuffle<i8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Sixteen codes of 2 bits. */
function pairs(word: u32): v128 {
  const each = i8x16.swizzle(i32x4.splat(word), i8x16(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
  const first = v128.and(each, i32x4.splat(0x00000003));
  const second = v128.and(i8x16.shr_u(each, 2), i32x4.splat(0x00000300));
  const third = v128.and(i8x16.shr_u(each, 4), i32x4.splat(0x00030000));
  const fourth = v128.and(i8x16.shr_u(each, 6), i32x4.splat(0x03000000));
  return v128.or(v128.or(first, second), v128.or(third, fourth));
}

/** Two codes of 4 bits in a byte, the first in the high half. @param odd 1: begins with the low half */
export function takeSwapped(from: usize, odd: i32, count: i32, to: usize): void {
  const end = to + <usize>count;
  if (odd === 1 && count > 0) {
    store<u8>(to, load<u8>(from) & 15);
    from++;
    to++;
  }
  for (; to < end; from += 8, to += 16) {
    const bytes = v128.load64_zero(from);
    const low = v128.and(bytes, i8x16.splat(15));
    const high = i8x16.shr_u(bytes, 4);
    v128.store(to, v128.shuffle<i8>(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  }
}

/** AWQ: neighbor j of eight is nibble 0 4 1 5 2 6 3 7 of a word. */
export function takeInterleaved(from: usize, count: i32, to: usize): void {
  const end = to + <usize>count;
  const order = i8x16(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
  for (; to < end; from += 8, to += 16) v128.store(to, i8x16.swizzle(nibbles(from), order));
}

/** As many whole codes in a word as fit. @param first place of the first one in its word */
export function takeWords(from: usize, bits: i32, first: i32, count: i32, to: usize): void {
  const perWord = 32 / bits;
  const mask = ((<u32>1) << bits) - 1;
  const end = to + <usize>count;
  let place = first;
  let word = load<u32>(from) >> (first * bits);
  for (; to < end; to++, place++) {
    if (place === perWord) {
      place = 0;
      from += 4;
      word = load<u32>(from);
    }
    store<u8>(to, word & mask);
    word >>= bits;
  }
}

/** The same bits of neighboring words. @param into above 0: they are added to the codes there, from this bit on */
export function takeOfWords(from: usize, shift: i32, width: i32, into: i32, count: i32, to: usize): void {
  const mask = i32x4.splat(((<i32>1) << width) - 1);
  const end = to + <usize>count;
  for (; to < end; from += 64, to += 16) {
    const first = i16x8.narrow_i32x4_u(
      bitsOf(v128.load(from), shift, mask, into),
      bitsOf(v128.load(from + 16), shift, mask, into),
    );
    const second = i16x8.narrow_i32x4_u(
      bitsOf(v128.load(from + 32), shift, mask, into),
      bitsOf(v128.load(from + 48), shift, mask, into),
    );
    const codes = i8x16.narrow_i16x8_u(first, second);
    v128.store(to, into === 0 ? codes : v128.or(v128.load(to), codes));
  }
}

function bitsOf(words: v128, shift: i32, mask: v128, into: i32): v128 {
  return i32x4.shl(v128.and(i32x4.shr_u(words, shift), mask), into);
}

/** The same bits of neighboring bytes. */
export function takeOfBytes(from: usize, shift: i32, width: i32, into: i32, count: i32, to: usize): void {
  const mask = i8x16.splat(<i8>(((<i32>1) << width) - 1));
  const end = to + <usize>count;
  for (; to < end; from += 16, to += 16) {
    const codes = i8x16.shl(v128.and(i8x16.shr_u(v128.load(from), shift), mask), into);
    v128.store(to, into === 0 ? codes : v128.or(v128.load(to), codes));
  }
}

/** What turns stored bits into codes: flip, then add. */
export function changeCodes(to: usize, count: i32, flip: i32, add: i32): void {
  const flips = i8x16.splat(<i8>flip);
  const adds = i8x16.splat(<i8>add);
  const end = to + <usize>count;
  for (; to < end; to += 16) v128.store(to, i8x16.add(v128.xor(v128.load(to), flips), adds));
}
