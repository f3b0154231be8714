// The K-quants: `count` super-blocks at `from` as floats at `to`.
import { bitOf, half, highs, lows, pairs, run32, times, timesMinus } from './vectors';

// Shifts of vectors are fast by constants only: hence the four lines for the four pairs of bits in a byte.

export function Q2_K(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 84, to += 1024) {
    const d = half(from + 80);
    const dmin = half(from + 82);
    for (let piece = 0; piece < 4; piece++) {
      const codes = v128.load(from + 16 + 16 * piece);
      const scales = from + 8 * (piece >> 1) + (piece & 1);
      const at = to + 512 * (piece >> 1) + 64 * (piece & 1);
      run2(at, pairs(codes, 0), load<u8>(scales), d, dmin);
      run2(at + 128, pairs(codes, 2), load<u8>(scales, 2), d, dmin);
      run2(at + 256, pairs(codes, 4), load<u8>(scales, 4), d, dmin);
      run2(at + 384, pairs(codes, 6), load<u8>(scales, 6), d, dmin);
    }
  }
}

/** A run of 16 weights with the same scale and min. */
function run2(to: usize, codes: v128, scaleAndMin: u32, d: f32, dmin: f32): void {
  timesMinus(to, codes, d * <f32>(scaleAndMin & 15), dmin * <f32>(scaleAndMin >> 4));
}

export function Q3_K(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 110, to += 1024) {
    const d = half(from + 108);
    for (let piece = 0; piece < 4; piece++) {
      const codes = v128.load(from + 32 + 16 * piece);
      const bits = v128.load(from + 16 * (piece & 1));
      const thirds = piece < 2 ? bits : highs(bits);
      const sub = 8 * (piece >> 1) + (piece & 1);
      const at = to + 64 * sub;
      run3(at, v128.or(pairs(codes, 0), bitOf(thirds, 0, 4)), d * scale3(from + 96, sub));
      run3(at + 128, v128.or(pairs(codes, 2), bitOf(thirds, 1, 4)), d * scale3(from + 96, sub + 2));
      run3(at + 256, v128.or(pairs(codes, 4), bitOf(thirds, 2, 4)), d * scale3(from + 96, sub + 4));
      run3(at + 384, v128.or(pairs(codes, 6), bitOf(thirds, 3, 4)), d * scale3(from + 96, sub + 6));
    }
  }
}

/** A run of 16 weights with the same scale. */
function run3(to: usize, codes: v128, scale: f32): void {
  times(to, i8x16.sub(codes, i8x16.splat(4)), scale);
}

/** Scale `sub` of Q3_K. */
function scale3(packed: usize, sub: i32): f32 {
  const low = ((<i32>load<u8>(packed + (sub & 7))) >> (4 * (sub >> 3))) & 15;
  const high = ((<i32>load<u8>(packed + 8 + (sub & 3))) >> (2 * (sub >> 2))) & 3;
  return <f32>((low | (high << 4)) - 32);
}

/** Scale `sub` of Q4_K and Q5_K. */
function scale6(packed: usize, sub: i32): f32 {
  if (sub < 4) return <f32>(load<u8>(packed + sub) & 63);
  return <f32>((load<u8>(packed + 4 + sub) & 15) | ((load<u8>(packed + sub - 4) >> 6) << 4));
}

/** Min `sub` of Q4_K and Q5_K. */
function min6(packed: usize, sub: i32): f32 {
  if (sub < 4) return <f32>(load<u8>(packed + 4 + sub) & 63);
  return <f32>((load<u8>(packed + 4 + sub) >> 4) | ((load<u8>(packed + sub) >> 6) << 4));
}

export function Q4_K(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 144, to += 1024) {
    const d = half(from);
    const dmin = half(from + 2);
    inline.always(runs4(from, to, 0, d, dmin));
    inline.always(runs4(from, to, 2, d, dmin));
    inline.always(runs4(from, to, 4, d, dmin));
    inline.always(runs4(from, to, 6, d, dmin));
  }
}

/** Runs `sub` and `sub` + 1 of 32 weights each: their codes are the halves of the same bytes. */
function runs4(from: usize, to: usize, sub: i32, d: f32, dmin: f32): void {
  const codes = from + 16 + 16 * sub;
  const a = v128.load(codes);
  const b = v128.load(codes + 16);
  const scale = d * inline.always(scale6(from + 4, sub));
  const min = dmin * inline.always(min6(from + 4, sub));
  inline.always(run32(to + 128 * sub, lows(a), lows(b), scale, min));
  const nextScale = d * inline.always(scale6(from + 4, sub + 1));
  const nextMin = dmin * inline.always(min6(from + 4, sub + 1));
  inline.always(run32(to + 128 * sub + 128, highs(a), highs(b), nextScale, nextMin));
}

export function Q5_K(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 176) {
    const d = half(from);
    const dmin = half(from + 2);
    const fifthA = v128.load(from + 16);
    const fifthB = v128.load(from + 32);
    for (let sub = 0; sub < 8; sub += 2, to += 256) {
      const codes = from + 48 + 16 * sub;
      const a = v128.load(codes);
      const b = v128.load(codes + 16);
      const scale = d * scale6(from + 4, sub);
      const min = dmin * min6(from + 4, sub);
      timesMinus(to, v128.or(lows(a), bitOf(fifthA, sub, 16)), scale, min);
      timesMinus(to + 64, v128.or(lows(b), bitOf(fifthB, sub, 16)), scale, min);
      const nextScale = d * scale6(from + 4, sub + 1);
      const nextMin = dmin * min6(from + 4, sub + 1);
      timesMinus(to + 128, v128.or(highs(a), bitOf(fifthA, sub + 1, 16)), nextScale, nextMin);
      timesMinus(to + 192, v128.or(highs(b), bitOf(fifthB, sub + 1, 16)), nextScale, nextMin);
    }
  }
}

export function Q6_K(from: usize, to: usize, count: i32): void {
  const offset = i8x16.splat(32);
  const high = i8x16.splat(0x30);
  for (let block = 0; block < count; block++, from += 210, to += 1024) {
    const d = half(from + 208);
    // Each piece: 16 bytes of `qh` with the upper bits of four runs of 16 weights, 32 apart.
    for (let piece = 0; piece < 4; piece++) {
      const inGroup = piece & 1;
      const a = v128.load(from + 64 * (piece >> 1) + 16 * inGroup);
      const b = v128.load(from + 64 * (piece >> 1) + 32 + 16 * inGroup);
      const h = v128.load(from + 128 + 16 * piece);
      const scales = from + 192 + 8 * (piece >> 1) + inGroup;
      const at = to + 512 * (piece >> 1) + 64 * inGroup;
      const first = v128.or(lows(a), v128.and(i8x16.shl(h, 4), high));
      const second = v128.or(lows(b), v128.and(i8x16.shl(h, 2), high));
      const third = v128.or(highs(a), v128.and(h, high));
      const fourth = v128.or(highs(b), v128.and(i8x16.shr_u(h, 2), high));
      times(at, i8x16.sub(first, offset), d * <f32>load<i8>(scales));
      times(at + 128, i8x16.sub(second, offset), d * <f32>load<i8>(scales, 2));
      times(at + 256, i8x16.sub(third, offset), d * <f32>load<i8>(scales, 4));
      times(at + 384, i8x16.sub(fourth, offset), d * <f32>load<i8>(scales, 6));
    }
  }
}
