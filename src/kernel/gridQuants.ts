// The IQ types: `count` blocks at `from` as floats at `to`. Two patterns of 8, or four of 4, make a vector.
import {
  IQ1_GRID,
  IQ2_S_GRID,
  IQ2_XS_GRID,
  IQ2_XXS_GRID,
  IQ3_S_GRID,
  IQ3_XXS_GRID,
  IQ4_LEVELS,
} from './memory';
import { half, halfOf, highs, lows, times, withSigns } from './vectors';

/** Eight signs in seven bits: the eighth makes their number even. */
function evenSigns(bits: u32): u32 {
  return bits | ((popcnt<u32>(bits) & 1) << 7);
}

/** Number `index` of numbers of 4 bits. */
function nibble(at: usize, index: i32): u32 {
  return ((<u32>load<u8>(at + (index >> 1))) >> (4 * (index & 1))) & 15;
}

/** Patterns `a` and `b` of 8. */
function eights(grid: usize, a: u32, b: u32): v128 {
  return i64x2.replace_lane(v128.load64_zero(grid + 8 * <usize>a), 1, load<i64>(grid + 8 * <usize>b));
}

/** Patterns `a` … `d` of 4. */
function fours(grid: usize, a: u32, b: u32, c: u32, d: u32): v128 {
  let v = v128.load32_zero(grid + 4 * <usize>a);
  v = i32x4.replace_lane(v, 1, load<i32>(grid + 4 * <usize>b));
  v = i32x4.replace_lane(v, 2, load<i32>(grid + 4 * <usize>c));
  return i32x4.replace_lane(v, 3, load<i32>(grid + 4 * <usize>d));
}

export function IQ2_XXS(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 66) {
    const d = half(from);
    for (let sub = 0; sub < 8; sub++, to += 128) {
      const at = from + 2 + 8 * sub;
      const word = load<u32>(at + 4);
      const scale = d * (<f32>(word >> 28) + 0.5) * 0.25;
      const a = eights(IQ2_XXS_GRID, load<u8>(at), load<u8>(at + 1));
      const b = eights(IQ2_XXS_GRID, load<u8>(at + 2), load<u8>(at + 3));
      times(to, withSigns(a, evenSigns(word & 127), evenSigns((word >> 7) & 127)), scale);
      times(to + 64, withSigns(b, evenSigns((word >> 14) & 127), evenSigns((word >> 21) & 127)), scale);
    }
  }
}

export function IQ2_XS(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 74) {
    const d = half(from);
    for (let sub = 0; sub < 16; sub++, to += 64) {
      const a = <u32>load<u16>(from + 2 + 4 * sub);
      const b = <u32>load<u16>(from + 4 + 4 * sub);
      const patterns = eights(IQ2_XS_GRID, a & 511, b & 511);
      const scale = d * (<f32>nibble(from + 66, sub) + 0.5) * 0.25;
      times(to, withSigns(patterns, evenSigns(a >> 9), evenSigns(b >> 9)), scale);
    }
  }
}

export function IQ2_S(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 82) {
    const d = half(from);
    for (let sub = 0; sub < 16; sub++, to += 64) {
      const upper = nibble(from + 66, sub);
      const a = (<u32>load<u8>(from + 2 + 2 * sub)) | ((upper & 3) << 8);
      const b = (<u32>load<u8>(from + 3 + 2 * sub)) | ((upper >> 2) << 8);
      const signs = from + 34 + 2 * sub;
      const scale = d * (<f32>nibble(from + 74, sub) + 0.5) * 0.25;
      times(to, withSigns(eights(IQ2_S_GRID, a, b), load<u8>(signs), load<u8>(signs + 1)), scale);
    }
  }
}

export function IQ3_XXS(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 98) {
    const d = half(from);
    for (let sub = 0; sub < 16; sub++, to += 64) {
      const word = load<u32>(from + 66 + 4 * (sub >> 1));
      const signs = word >> (14 * (sub & 1));
      const at = from + 2 + 4 * sub;
      const patterns = fours(
        IQ3_XXS_GRID,
        load<u8>(at),
        load<u8>(at + 1),
        load<u8>(at + 2),
        load<u8>(at + 3),
      );
      const scale = d * (<f32>(word >> 28) + 0.5) * 0.5;
      times(to, withSigns(patterns, evenSigns(signs & 127), evenSigns((signs >> 7) & 127)), scale);
    }
  }
}

export function IQ3_S(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 110) {
    const d = half(from);
    for (let sub = 0; sub < 16; sub++, to += 64) {
      const ninth = nibble(from + 66, sub);
      const at = from + 2 + 4 * sub;
      const patterns = fours(
        IQ3_S_GRID,
        (<u32>load<u8>(at)) | ((ninth & 1) << 8),
        (<u32>load<u8>(at + 1)) | (((ninth >> 1) & 1) << 8),
        (<u32>load<u8>(at + 2)) | (((ninth >> 2) & 1) << 8),
        (<u32>load<u8>(at + 3)) | ((ninth >> 3) << 8),
      );
      const signs = from + 74 + 2 * sub;
      const scale = d * <f32>(nibble(from + 106, sub >> 1) * 2 + 1);
      times(to, withSigns(patterns, load<u8>(signs), load<u8>(signs + 1)), scale);
    }
  }
}

/** 8 · (level ± ⅛) of two patterns of IQ1; `downA`, `downB` are 1 for a shift down. */
function shifted(a: u32, b: u32, downA: u32, downB: u32): v128 {
  const shiftA = i8x16.splat(<i8>(1 - 2 * <i32>downA));
  const shiftB = i8x16.splat(<i8>(1 - 2 * <i32>downB));
  const shifts = i64x2.replace_lane(shiftA, 1, i64x2.extract_lane(shiftB, 0));
  return i8x16.add(i8x16.shl(eights(IQ1_GRID, a, b), 3), shifts);
}

export function IQ1_S(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 50) {
    const d = half(from);
    for (let sub = 0; sub < 16; sub++, to += 64) {
      const word = <u32>load<u16>(from + 34 + 2 * (sub >> 1));
      const upper = word >> (6 * (sub & 1));
      const a = (<u32>load<u8>(from + 2 + 2 * sub)) | ((upper & 7) << 8);
      const b = (<u32>load<u8>(from + 3 + 2 * sub)) | (((upper >> 3) & 7) << 8);
      const scale = d * <f32>(((word >> 12) & 7) * 2 + 1);
      times(to, shifted(a, b, word >> 15, word >> 15), scale * 0.125);
    }
  }
}

export function IQ1_M(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 56) {
    const scales = from + 48;
    const words = load<u64>(scales);
    // The upper 4 bits of each of the four words are d.
    const low = ((words >> 12) & 15) | ((words >> 24) & 0xf0);
    const d = halfOf(<u32>(low | ((words >> 36) & 0xf00) | ((words >> 48) & 0xf000)));
    for (let sub = 0; sub < 16; sub++, to += 64) {
      const high = <u32>load<u8>(from + 32 + sub);
      const a = (<u32>load<u8>(from + 2 * sub)) | ((high & 7) << 8);
      const b = (<u32>load<u8>(from + 1 + 2 * sub)) | (((high >> 4) & 7) << 8);
      const packed = (<u32>load<u16>(scales + 2 * (sub >> 2))) >> (3 * (sub & 3));
      const scale = d * <f32>((packed & 7) * 2 + 1);
      times(to, shifted(a, b, (high >> 3) & 1, high >> 7), scale * 0.125);
    }
  }
}

export function IQ4_NL(from: usize, to: usize, count: i32): void {
  const levels = v128.load(IQ4_LEVELS);
  for (let block = 0; block < count; block++, from += 18, to += 128) {
    const d = half(from);
    const codes = v128.load(from + 2);
    times(to, i8x16.swizzle(levels, lows(codes)), d);
    times(to + 64, i8x16.swizzle(levels, highs(codes)), d);
  }
}

export function IQ4_XS(from: usize, to: usize, count: i32): void {
  const levels = v128.load(IQ4_LEVELS);
  for (let block = 0; block < count; block++, from += 136) {
    const d = half(from);
    const upper = <u32>load<u16>(from + 2);
    for (let sub = 0; sub < 8; sub++, to += 128) {
      const scale = d * <f32>(<i32>(nibble(from + 4, sub) | (((upper >> (2 * sub)) & 3) << 4)) - 32);
      const codes = v128.load(from + 8 + 16 * sub);
      times(to, i8x16.swizzle(levels, lows(codes)), scale);
      times(to + 64, i8x16.swizzle(levels, highs(codes)), scale);
    }
  }
}
