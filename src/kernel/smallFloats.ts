// Microscaling floats and ternary weights: `count` blocks at `from` as floats at `to`.
import { FP4_LEVELS, MX_SCALES, NV_SCALES } from './memory';
import { half, highs, lows, pairs, times, timesAny } from './vectors';

export function MXFP4(from: usize, to: usize, count: i32): void {
  const levels = v128.load(FP4_LEVELS);
  for (let block = 0; block < count; block++, from += 17, to += 128) {
    const scale = load<f32>(MX_SCALES + 4 * <usize>load<u8>(from));
    const codes = v128.load(from + 1);
    timesAny(to, i8x16.swizzle(levels, lows(codes)), scale);
    timesAny(to + 64, i8x16.swizzle(levels, highs(codes)), scale);
  }
}

export function NVFP4(from: usize, to: usize, count: i32): void {
  const levels = v128.load(FP4_LEVELS);
  for (let block = 0; block < count; block++, from += 36) {
    for (let sub = 0; sub < 4; sub++, to += 64) {
      const scale = load<f32>(NV_SCALES + 4 * <usize>load<u8>(from + sub));
      const codes = v128.load64_zero(from + 4 + 8 * sub);
      const inOrder = i64x2.replace_lane(lows(codes), 1, i64x2.extract_lane(highs(codes), 0));
      times(to, i8x16.swizzle(levels, inOrder), scale);
    }
  }
}

export function TQ2_0(from: usize, to: usize, count: i32): void {
  const one = i8x16.splat(1);
  for (let block = 0; block < count; block++, from += 66, to += 1024) {
    const d = half(from + 64);
    for (let piece = 0; piece < 4; piece++) {
      const codes = v128.load(from + 16 * piece);
      const at = to + 512 * (piece >> 1) + 64 * (piece & 1);
      times(at, i8x16.sub(pairs(codes, 0), one), d);
      times(at + 128, i8x16.sub(pairs(codes, 2), one), d);
      times(at + 256, i8x16.sub(pairs(codes, 4), one), d);
      times(at + 384, i8x16.sub(pairs(codes, 6), one), d);
    }
  }
}

/** Digit `digit` of the base-3 fractions in 16 bytes, minus 1. */
function digits(bytes: v128, power: i16): v128 {
  return i8x16.narrow_i16x8_s(
    nextDigit(i16x8.extend_low_i8x16_u(bytes), power),
    nextDigit(i16x8.extend_high_i8x16_u(bytes), power),
  );
}

function nextDigit(bytes: v128, power: i16): v128 {
  const rest = v128.and(i16x8.mul(bytes, i16x8.splat(power)), i16x8.splat(255));
  return i16x8.sub(i16x8.shr_u(i16x8.mul(rest, i16x8.splat(3)), 8), i16x8.splat(1));
}

export function TQ1_0(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 54, to += 1024) {
    const d = half(from + 52);
    const last = v128.load32_zero(from + 48);
    let power: i16 = 1;
    for (let digit = 0; digit < 5; digit++, power *= 3) {
      times(to + 128 * digit, digits(v128.load(from), power), d);
      times(to + 128 * digit + 64, digits(v128.load(from + 16), power), d);
      times(to + 640 + 64 * digit, digits(v128.load(from + 32), power), d);
    }
    const ones = i32x4.extract_lane(digits(last, 1), 0);
    const threes = i32x4.extract_lane(digits(last, 3), 0);
    const nines = i32x4.extract_lane(digits(last, 9), 0);
    const twentySevens = i32x4.extract_lane(digits(last, 27), 0);
    let four = i32x4.splat(ones);
    four = i32x4.replace_lane(four, 1, threes);
    four = i32x4.replace_lane(four, 2, nines);
    times(to + 960, i32x4.replace_lane(four, 3, twentySevens), d);
  }
}
