// Sixteen levels in a vector of bytes become sixteen floats of the strip, and leave behind what they were made of.
import { HALVES, LEVELS, MINS, SCALES, SIGNS, STRIP } from './memory';

/** 2^-24: the bytes are moved to the top of 32 bits, which multiplies them by 2^24. V8 widens signed bytes slowly. */
const FROM_TOP: f32 = 5.9604644775390625e-8;

/** The half at an address. */
export function half(at: usize): f32 {
  return halfOf(load<u16>(at));
}

/** The value of a half. */
export function halfOf(bits: u32): f32 {
  return load<f32>(HALVES + 4 * <usize>bits);
}

/** Keeps levels and scale for countLevels and countScales. */
function keep(to: usize, bytes: v128, scale: f32): void {
  v128.store(LEVELS + ((to - STRIP) >> 2), bytes);
  store<f32>(SCALES + ((to - STRIP) >> 4), scale);
}

/** Signed bytes times scale. Not for scales below 2^-100: they would vanish. */
export function times(to: usize, bytes: v128, scale: f32): void {
  keep(to, bytes, scale);
  const s = f32x4.splat(scale * FROM_TOP);
  v128.store(to, f32x4.mul(first(bytes), s));
  v128.store(to + 16, f32x4.mul(second(bytes), s));
  v128.store(to + 32, f32x4.mul(third(bytes), s));
  v128.store(to + 48, f32x4.mul(fourth(bytes), s));
}

/** Signed bytes times scale minus min. */
export function timesMinus(to: usize, bytes: v128, scale: f32, min: f32): void {
  keep(to, bytes, scale);
  store<f32>(MINS + ((to - STRIP) >> 4), min);
  const s = f32x4.splat(scale * FROM_TOP);
  const m = f32x4.splat(min);
  v128.store(to, f32x4.sub(f32x4.mul(first(bytes), s), m));
  v128.store(to + 16, f32x4.sub(f32x4.mul(second(bytes), s), m));
  v128.store(to + 32, f32x4.sub(f32x4.mul(third(bytes), s), m));
  v128.store(to + 48, f32x4.sub(f32x4.mul(fourth(bytes), s), m));
}

/** 32 signed bytes times the same scale minus the same min. */
export function run32(to: usize, a: v128, b: v128, scale: f32, min: f32): void {
  v128.store(to >> 2, a, LEVELS - (STRIP >> 2));
  v128.store(to >> 2, b, LEVELS - (STRIP >> 2) + 16);
  store<f32>(to >> 4, scale, SCALES - (STRIP >> 4));
  store<f32>(to >> 4, min, MINS - (STRIP >> 4));
  const s = f32x4.splat(scale * FROM_TOP);
  const m = f32x4.splat(min);
  v128.store(to, f32x4.sub(f32x4.mul(first(a), s), m));
  v128.store(to, f32x4.sub(f32x4.mul(second(a), s), m), 16);
  v128.store(to, f32x4.sub(f32x4.mul(third(a), s), m), 32);
  v128.store(to, f32x4.sub(f32x4.mul(fourth(a), s), m), 48);
  v128.store(to, f32x4.sub(f32x4.mul(first(b), s), m), 64);
  v128.store(to, f32x4.sub(f32x4.mul(second(b), s), m), 80);
  v128.store(to, f32x4.sub(f32x4.mul(third(b), s), m), 96);
  v128.store(to, f32x4.sub(f32x4.mul(fourth(b), s), m), 112);
}

/** Signed bytes times a scale of any size, as that of MXFP4 is. */
export function timesAny(to: usize, bytes: v128, scale: f32): void {
  keep(to, bytes, scale);
  const s = f32x4.splat(scale);
  const down = f32x4.splat(FROM_TOP);
  v128.store(to, f32x4.mul(f32x4.mul(first(bytes), down), s));
  v128.store(to + 16, f32x4.mul(f32x4.mul(second(bytes), down), s));
  v128.store(to + 32, f32x4.mul(f32x4.mul(third(bytes), down), s));
  v128.store(to + 48, f32x4.mul(f32x4.mul(fourth(bytes), down), s));
}

// prettier-ignore
function first(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(-128, -128, -128, 0, -128, -128, -128, 1, -128, -128, -128, 2, -128, -128, -128, 3)));
}
// prettier-ignore
function second(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(-128, -128, -128, 4, -128, -128, -128, 5, -128, -128, -128, 6, -128, -128, -128, 7)));
}
// prettier-ignore
function third(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(-128, -128, -128, 8, -128, -128, -128, 9, -128, -128, -128, 10, -128, -128, -128, 11)));
}
// prettier-ignore
function fourth(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(-128, -128, -128, 12, -128, -128, -128, 13, -128, -128, -128, 14, -128, -128, -128, 15)));
}

/** Low halves of the bytes. */
export function lows(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15));
}

/** High halves of the bytes. */
export function highs(bytes: v128): v128 {
  return i8x16.shr_u(bytes, 4);
}

/** Two bits of every byte, from bit `shift` on. */
export function pairs(bytes: v128, shift: i32): v128 {
  return v128.and(i8x16.shr_u(bytes, shift), i8x16.splat(3));
}

/** Bit `bit` of every byte, as `value` or 0. */
export function bitOf(bytes: v128, bit: i32, value: i8): v128 {
  const mask = i8x16.splat(<i8>(<i32>(1 << bit)));
  return v128.and(i8x16.eq(v128.and(bytes, mask), mask), i8x16.splat(value));
}

/** Sixteen bits, the lowest first, as bytes of `value` or 0. */
export function spreadBits(bits: u32, value: i8): v128 {
  const mask = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const spread = i8x16.swizzle(i32x4.splat(bits), i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  return v128.and(i8x16.eq(v128.and(spread, mask), mask), i8x16.splat(value));
}

/** The bytes with the signs of two groups of eight: bit j is a minus. */
export function withSigns(bytes: v128, firstEight: u32, lastEight: u32): v128 {
  const minus = i64x2.replace_lane(
    v128.load64_zero(SIGNS + 8 * <usize>firstEight),
    1,
    load<i64>(SIGNS + 8 * <usize>lastEight),
  );
  return i8x16.sub(v128.xor(bytes, minus), minus);
}
