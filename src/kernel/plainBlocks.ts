// Blocks with one scale (and perhaps one min): `count` blocks at `from` as floats at `to`.
import { half, highs, lows, pairs, spreadBits, times, timesMinus } from './vectors';

export function Q4_0(from: usize, to: usize, count: i32): void {
  const eight = i8x16.splat(8);
  for (let block = 0; block < count; block++, from += 18, to += 128) {
    const d = half(from);
    const codes = v128.load(from + 2);
    times(to, i8x16.sub(lows(codes), eight), d);
    times(to + 64, i8x16.sub(highs(codes), eight), d);
  }
}

export function Q4_1(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 20, to += 128) {
    const d = half(from);
    const min = -half(from + 2);
    const codes = v128.load(from + 4);
    timesMinus(to, lows(codes), d, min);
    timesMinus(to + 64, highs(codes), d, min);
  }
}

export function Q5_0(from: usize, to: usize, count: i32): void {
  const sixteen = i8x16.splat(16);
  for (let block = 0; block < count; block++, from += 22, to += 128) {
    const d = half(from);
    const fifth = load<u32>(from + 2);
    const codes = v128.load(from + 6);
    times(to, i8x16.sub(v128.or(lows(codes), spreadBits(fifth, 16)), sixteen), d);
    times(to + 64, i8x16.sub(v128.or(highs(codes), spreadBits(fifth >> 16, 16)), sixteen), d);
  }
}

export function Q5_1(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 24, to += 128) {
    const d = half(from);
    const min = -half(from + 2);
    const fifth = load<u32>(from + 4);
    const codes = v128.load(from + 8);
    timesMinus(to, v128.or(lows(codes), spreadBits(fifth, 16)), d, min);
    timesMinus(to + 64, v128.or(highs(codes), spreadBits(fifth >> 16, 16)), d, min);
  }
}

export function Q8_0(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 34, to += 128) {
    const d = half(from);
    times(to, v128.load(from + 2), d);
    times(to + 64, v128.load(from + 18), d);
  }
}

export function Q8_1(from: usize, to: usize, count: i32): void {
  for (let block = 0; block < count; block++, from += 36, to += 128) {
    const d = half(from);
    times(to, v128.load(from + 4), d);
    times(to + 64, v128.load(from + 20), d);
  }
}

export function Q1_0(from: usize, to: usize, count: i32): void {
  const one = i8x16.splat(1);
  for (let block = 0; block < count; block++, from += 18, to += 512) {
    const d = half(from);
    for (let k = 0; k < 8; k++) {
      times(to + 64 * k, i8x16.sub(spreadBits(load<u16>(from + 2 + 2 * k), 2), one), d);
    }
  }
}

export function Q2_0(from: usize, to: usize, count: i32): void {
  const one = i8x16.splat(1);
  for (let block = 0; block < count; block++, from += 18, to += 256) {
    const d = half(from);
    const codes = v128.load(from + 2);
    const a = pairs(codes, 0);
    const b = pairs(codes, 2);
    const c = pairs(codes, 4);
    const e = pairs(codes, 6);
    for (let k = 0; k < 4; k++) {
      // Bytes 4k … 4k + 3 of each, interleaved: the four codes of a byte are neighbours.
      const at = i8x16.add(i8x16.splat(<i8>(4 * k)), i8x16(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
      const ab = v128.bitselect(i8x16.swizzle(a, at), i8x16.swizzle(b, at), i16x8.splat(0x00ff));
      const ce = v128.bitselect(i8x16.swizzle(c, at), i8x16.swizzle(e, at), i16x8.splat(0x00ff));
      times(to + 64 * k, i8x16.sub(v128.bitselect(ab, ce, i32x4.splat(0x0000ffff)), one), d);
    }
  }
}
