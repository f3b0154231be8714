// Codes in LEVELS become weights in STRIP: by scales, zeros and a table that the host has written. Each product and each sum is rounded.
import { LEVELS, PACKED_FACTORS, PACKED_SCALES, PACKED_TABLE, PACKED_ZEROS, STRIP } from './memory';

/** Four of sixteen bytes as floats. */
// prettier-ignore
function first(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(0, -128, -128, -128, 1, -128, -128, -128, 2, -128, -128, -128, 3, -128, -128, -128)));
}
// prettier-ignore
function second(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(4, -128, -128, -128, 5, -128, -128, -128, 6, -128, -128, -128, 7, -128, -128, -128)));
}
// prettier-ignore
function third(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(8, -128, -128, -128, 9, -128, -128, -128, 10, -128, -128, -128, 11, -128, -128, -128)));
}
// prettier-ignore
function fourth(v: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.swizzle(v, i8x16(12, -128, -128, -128, 13, -128, -128, -128, 14, -128, -128, -128, 15, -128, -128, -128)));
}

/** (code − zero) · scale of its group. @param zeros 0: `zero` is that of all groups */
export function offsetGroups(count: i32, groupSize: i32, offset: i32, zeros: i32, zero: f32): void {
  let scale = PACKED_SCALES;
  let end = min(groupSize - offset, count);
  for (let at = 0; at < count; end = min(end + groupSize, count), scale += 4) {
    const s = load<f32>(scale);
    const z = zeros === 0 ? zero : load<f32>(scale - PACKED_SCALES + PACKED_ZEROS);
    const ss = f32x4.splat(s);
    const zz = f32x4.splat(z);
    for (; at + 16 <= end; at += 16) {
      const codes = v128.load(LEVELS + at);
      const to = STRIP + 4 * <usize>at;
      v128.store(to, f32x4.mul(f32x4.sub(first(codes), zz), ss));
      v128.store(to + 16, f32x4.mul(f32x4.sub(second(codes), zz), ss));
      v128.store(to + 32, f32x4.mul(f32x4.sub(third(codes), zz), ss));
      v128.store(to + 48, f32x4.mul(f32x4.sub(fourth(codes), zz), ss));
    }
    for (; at < end; at++) store<f32>(STRIP + 4 * <usize>at, (<f32>load<u8>(LEVELS + at) - z) * s);
  }
}

/** (code − zero) · scale + bias of its group. */
export function biasGroups(count: i32, groupSize: i32, offset: i32, zero: f32): void {
  let scale = PACKED_SCALES;
  let end = min(groupSize - offset, count);
  const zz = f32x4.splat(zero);
  for (let at = 0; at < count; end = min(end + groupSize, count), scale += 4) {
    const s = load<f32>(scale);
    const b = load<f32>(scale - PACKED_SCALES + PACKED_ZEROS);
    const ss = f32x4.splat(s);
    const bb = f32x4.splat(b);
    for (; at + 16 <= end; at += 16) {
      const codes = v128.load(LEVELS + at);
      const to = STRIP + 4 * <usize>at;
      v128.store(to, f32x4.add(f32x4.mul(f32x4.sub(first(codes), zz), ss), bb));
      v128.store(to + 16, f32x4.add(f32x4.mul(f32x4.sub(second(codes), zz), ss), bb));
      v128.store(to + 32, f32x4.add(f32x4.mul(f32x4.sub(third(codes), zz), ss), bb));
      v128.store(to + 48, f32x4.add(f32x4.mul(f32x4.sub(fourth(codes), zz), ss), bb));
    }
    for (; at < end; at++) store<f32>(STRIP + 4 * <usize>at, (<f32>load<u8>(LEVELS + at) - zero) * s + b);
  }
}

/** table[code] · scale of its group. */
export function tableGroups(count: i32, groupSize: i32, offset: i32): void {
  let scale = PACKED_SCALES;
  let end = min(groupSize - offset, count);
  for (let at = 0; at < count; end = min(end + groupSize, count), scale += 4) {
    const s = load<f32>(scale);
    for (; at < end; at++) store<f32>(STRIP + 4 * <usize>at, valueAt(at) * s);
  }
}

function valueAt(at: i32): f32 {
  return load<f32>(PACKED_TABLE + 4 * <usize>load<u8>(LEVELS + at));
}

/** (code − zero) · scale, each weight with its own. Up to 15 more than `count` are written. @param zeros 0: `zero` is that of all */
export function offsetEach(count: i32, zeros: i32, zero: f32): void {
  const zz = f32x4.splat(zero);
  for (let at: usize = 0; at < <usize>count; at += 16) {
    const codes = v128.load(LEVELS + at);
    const by: usize = 4 * at;
    each(first(codes), by, zeros, zz);
    each(second(codes), by + 16, zeros, zz);
    each(third(codes), by + 32, zeros, zz);
    each(fourth(codes), by + 48, zeros, zz);
  }
}

function each(codes: v128, by: usize, zeros: i32, zero: v128): void {
  const z = zeros === 0 ? zero : v128.load(PACKED_ZEROS + by);
  v128.store(STRIP + by, f32x4.mul(f32x4.sub(codes, z), v128.load(PACKED_SCALES + by)));
}

/** All weights of the strip times one factor. */
export function timesFactor(count: i32, factor: f32): void {
  const ff = f32x4.splat(factor);
  for (let at = STRIP; at < STRIP + 4 * <usize>count; at += 16) v128.store(at, f32x4.mul(v128.load(at), ff));
}

/** Each weight times its own factor. */
export function timesFactors(count: i32): void {
  for (let by: usize = 0; by < 4 * <usize>count; by += 16)
    v128.store(STRIP + by, f32x4.mul(v128.load(STRIP + by), v128.load(PACKED_FACTORS + by)));
}

/**
 * Sums of vectors: `count` weights in pieces of `inGroup`, a multiple of 4, each the sum of a vector of every codebook, times `scale`.
 * @param codes of `codeBytes` bytes, those of a piece side by side, of which the bits of `mask` count
 * @param table numbers of the line in the first vector
 * @param vector bytes from a vector to the next, `book` from a codebook to the next
 */
export function sumVectors(
  codes: usize,
  codeBytes: i32,
  mask: u32,
  books: i32,
  table: usize,
  vector: usize,
  book: usize,
  inGroup: i32,
  count: i32,
  scale: f32,
): void {
  const scales = f32x4.splat(scale);
  const pieceBytes: usize = 4 * inGroup;
  const end = STRIP + 4 * <usize>count;
  for (let to = STRIP; to < end; to += pieceBytes, codes += books * codeBytes) {
    for (let by: usize = 0; by < pieceBytes; by += 16) {
      let sum = f32x4.splat(0);
      let own = table + by;
      for (let b = 0; b < books; b++, own += book) {
        const at = codes + b * codeBytes;
        const code =
          codeBytes === 2 ? <u32>load<u16>(at) : codeBytes === 1 ? <u32>load<u8>(at) : load<u32>(at);
        sum = f32x4.add(sum, v128.load(own + vector * <usize>(code & mask)));
      }
      v128.store(to + by, f32x4.mul(sum, scales));
    }
  }
}
