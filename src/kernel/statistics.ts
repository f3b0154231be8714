// One pass over a strip of floats: extremes, power sums, largest magnitude per column, counts by the upper 16 bits.
import { HISTOGRAM, SUMS, USED_BINS } from './memory';

const SECOND_HISTOGRAM: usize = HISTOGRAM + 4 * 65_536;

function add(table: usize, bin: u32): void {
  const at = table + 4 * <usize>bin;
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Adds `count` floats at `weights` to what SUMS, HISTOGRAM and the columns at `columns` hold.
 * NaN counts only in the histogram. Power sums are of weight − shift, in F64, and of finite weights only.
 */
export function accumulate(weights: usize, count: i32, columns: usize, shift: f32): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const shifts = f32x4.splat(shift);
  let least = f32x4.splat(load<f32>(SUMS + 32));
  let most = f32x4.splat(load<f32>(SUMS + 36));
  let a1 = f64x2.splat(0);
  let a2 = f64x2.splat(0);
  let a3 = f64x2.splat(0);
  let a4 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let b2 = f64x2.splat(0);
  let b3 = f64x2.splat(0);
  let b4 = f64x2.splat(0);
  const end = weights + 4 * <usize>(count & ~3);
  let at = weights;
  for (let column = columns; at < end; at += 16, column += 16) {
    let x = v128.load(at);
    least = f32x4.pmin(least, x);
    most = f32x4.pmax(most, x);
    add(HISTOGRAM, load<u16>(at, 2));
    add(SECOND_HISTOGRAM, load<u16>(at, 6));
    add(HISTOGRAM, load<u16>(at, 10));
    add(SECOND_HISTOGRAM, load<u16>(at, 14));
    v128.store(column, f32x4.pmax(v128.load(column), v128.and(x, magnitude)));
    x = f32x4.sub(x, shifts);
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
    const aa = f64x2.mul(a, a);
    const bb = f64x2.mul(b, b);
    a1 = f64x2.add(a1, a);
    b1 = f64x2.add(b1, b);
    a2 = f64x2.add(a2, aa);
    b2 = f64x2.add(b2, bb);
    a3 = f64x2.add(a3, f64x2.mul(aa, a));
    b3 = f64x2.add(b3, f64x2.mul(bb, b));
    a4 = f64x2.add(a4, f64x2.mul(aa, aa));
    b4 = f64x2.add(b4, f64x2.mul(bb, bb));
  }
  store<f32>(SUMS + 32, smallest(least));
  store<f32>(SUMS + 36, largest(most));
  const s1 = lanes(f64x2.add(a1, b1));
  const s2 = lanes(f64x2.add(a2, b2));
  const s3 = lanes(f64x2.add(a3, b3));
  const s4 = lanes(f64x2.add(a4, b4));
  // The fourth power of the largest float is far from the largest double: only a NaN or an infinity spoils the sum.
  if (isFinite(s4)) addPowers(s1, s2, s3, s4);
  else sumFinite(weights, count & ~3, shift);
  tail(at, count & 3, columns + 4 * <usize>(count & ~3), shift);
}

function lanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

function smallest(v: v128): f32 {
  return min(
    min(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    min(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

function largest(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

function addPowers(s1: f64, s2: f64, s3: f64, s4: f64): void {
  store<f64>(SUMS, load<f64>(SUMS) + s1);
  store<f64>(SUMS + 8, load<f64>(SUMS + 8) + s2);
  store<f64>(SUMS + 16, load<f64>(SUMS + 16) + s3);
  store<f64>(SUMS + 24, load<f64>(SUMS + 24) + s4);
}

/** The power sums again, without NaN and infinities. */
function sumFinite(weights: usize, count: i32, shift: f32): void {
  for (let i = 0; i < count; i++) addPowersOf(load<f32>(weights + 4 * i), shift);
}

function addPowersOf(weight: f32, shift: f32): void {
  if (!isFinite(weight)) return;
  const x = <f64>(weight - shift);
  addPowers(x, x * x, x * x * x, x * x * (x * x));
}

/** The last one to three floats of a strip. */
function tail(weights: usize, count: i32, columns: usize, shift: f32): void {
  for (let i = 0; i < count; i++) {
    const at = weights + 4 * i;
    const column = columns + 4 * i;
    const x = load<f32>(at);
    if (x < load<f32>(SUMS + 32)) store<f32>(SUMS + 32, x);
    if (x > load<f32>(SUMS + 36)) store<f32>(SUMS + 36, x);
    if (abs(x) > load<f32>(column)) store<f32>(column, abs(x));
    add(HISTOGRAM, load<u16>(at, 2));
    addPowersOf(x, shift);
  }
}

/** Lists in USED_BINS what HISTOGRAM holds, in the order of the bins, and empties it. Answers how many bins it listed. */
export function takeHistogram(): i32 {
  const zeros = i32x4.splat(0);
  let list = USED_BINS;
  for (let bin: u32 = 0; bin < 65_536; bin += 4) {
    const at = HISTOGRAM + 4 * <usize>bin;
    const secondAt = SECOND_HISTOGRAM + 4 * <usize>bin;
    const counts = i32x4.add(v128.load(at), v128.load(secondAt));
    if (!v128.any_true(counts)) continue;
    v128.store(at, zeros);
    v128.store(secondAt, zeros);
    list = listBin(list, bin, i32x4.extract_lane(counts, 0));
    list = listBin(list, bin + 1, i32x4.extract_lane(counts, 1));
    list = listBin(list, bin + 2, i32x4.extract_lane(counts, 2));
    list = listBin(list, bin + 3, i32x4.extract_lane(counts, 3));
  }
  return (<i32>(list - USED_BINS)) >> 3;
}

function listBin(list: usize, bin: u32, count: u32): usize {
  if (count === 0) return list;
  store<u32>(list, bin);
  store<u32>(list + 4, count);
  return list + 8;
}
