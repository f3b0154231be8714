// Weights stored one by one: `count` numbers at `from` as floats at `to`.
import { E4M3_VALUES, E4M3_FNUZ_VALUES, E5M2_VALUES, E5M2_FNUZ_VALUES, E8M0_VALUES, HALVES } from './memory';

export function F64(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<f64>(from + 8 * i));
}

export function F32(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, 4 * count);
}

export function F16(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(to + 4 * i, load<f32>(HALVES + 4 * <usize>load<u16>(from + 2 * i)));
  }
}

export function BF16(from: usize, to: usize, count: i32): void {
  const zeros = i32x4.splat(0);
  const inVectors = count & ~7;
  for (let i = 0; i < inVectors; i += 8) {
    const codes = v128.load(from + 2 * i);
    v128.store(to + 4 * i, v128.shuffle<i16>(zeros, codes, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + 4 * i + 16, v128.shuffle<i16>(zeros, codes, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (let i = inVectors; i < count; i++) store<u32>(to + 4 * i, (<u32>load<u16>(from + 2 * i)) << 16);
}

/** Bytes whose values stand in a table of 256. */
function byTable(from: usize, to: usize, count: i32, table: usize): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, load<f32>(table + 4 * <usize>load<u8>(from + i)));
}

export function F8_E4M3(from: usize, to: usize, count: i32): void {
  byTable(from, to, count, E4M3_VALUES);
}

export function F8_E5M2(from: usize, to: usize, count: i32): void {
  byTable(from, to, count, E5M2_VALUES);
}

export function F8_E4M3FNUZ(from: usize, to: usize, count: i32): void {
  byTable(from, to, count, E4M3_FNUZ_VALUES);
}

export function F8_E5M2FNUZ(from: usize, to: usize, count: i32): void {
  byTable(from, to, count, E5M2_FNUZ_VALUES);
}

export function F8_E8M0(from: usize, to: usize, count: i32): void {
  byTable(from, to, count, E8M0_VALUES);
}

export function I8(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<i8>(from + i));
}

export function U8(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<u8>(from + i));
}

export { U8 as BOOL };

export function I16(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<i16>(from + 2 * i));
}

export function U16(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<u16>(from + 2 * i));
}

export function I32(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<i32>(from + 4 * i));
}

export function U32(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>load<u32>(from + 4 * i));
}

// The reference reads numbers of 64 bits as doubles first.
export function I64(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + 4 * i, <f32>(<f64>load<i64>(from + 8 * i)));
}

/** In halves, which are exact as doubles, so that only their sum is rounded: V8 converts unsigned numbers of 64 bits slowly. */
export function U64(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const low = <f64>load<u32>(from + 8 * i);
    const high = <f64>load<u32>(from + 8 * i, 4);
    store<f32>(to + 4 * i, <f32>(high * 4294967296.0 + low));
  }
}
