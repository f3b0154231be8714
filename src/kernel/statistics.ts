// One pass over a strip of floats: extremes, power sums, largest magnitude per column, counts by the upper 16 bits.
import { CONSTANTS, HISTOGRAM, SUMS, USED_BINS } from './memory';

const SECOND_HISTOGRAM: usize = HISTOGRAM + 4 * 65_536;

function add(table: usize, bin: u32): void {
  const at = table + 4 * <usize>bin;
  store<u32>(at, load<u32>(at) + 1);
}

/** Counts four floats by their upper halves: the first and the third in one table, the others in the second. */
function countFour(at: usize): void {
  add(HISTOGRAM, load<u16>(at, 2));
  add(SECOND_HISTOGRAM, load<u16>(at, 6));
  add(HISTOGRAM, load<u16>(at, 10));
  add(SECOND_HISTOGRAM, load<u16>(at, 14));
}

/** The same vector by way of the memory: one that is known the compiler would make again in every turn of a loop. */
function held(offset: usize, v: v128): v128 {
  v128.store(CONSTANTS + offset, v);
  return v128.load(CONSTANTS + offset);
}

/** Weights whose powers are summed in F32 before they go into the sums in F64. */
const GROUP: usize = 4 * 64;

/**
 * Adds `count` floats at `weights` to what SUMS, HISTOGRAM and the columns at `columns` hold.
 * NaN counts only in the histogram. Power sums are of weight − shift, of finite weights only: of 64 weights each in F32, by
 * `scale`, and of all groups in F64. An error of a group is by chance and 10⁻⁷ of it, so that of many groups is far below.
 * @param scale a power of two that brings the weights near 1, where their fourth powers are floats
 */
export function accumulate(weights: usize, count: i32, columns: usize, shift: f32, scale: f32): void {
  const magnitude = held(0, i32x4.splat(0x7fffffff));
  const shifts = held(16, f32x4.splat(shift));
  const scales = held(32, f32x4.splat(scale));
  let least = f32x4.splat(load<f32>(SUMS + 32));
  let most = f32x4.splat(load<f32>(SUMS + 36));
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  let s4 = f64x2.splat(0);
  const end = weights + 4 * <usize>(count & ~3);
  let at = weights;
  let column = columns;
  while (at < end) {
    const groupEnd = min(at + GROUP, end);
    let g1 = f32x4.splat(0);
    let g2 = f32x4.splat(0);
    let g3 = f32x4.splat(0);
    let g4 = f32x4.splat(0);
    for (; at < groupEnd; at += 16, column += 16) {
      let x = v128.load(at);
      least = f32x4.pmin(least, x);
      most = f32x4.pmax(most, x);
      inline.always(countFour(at));
      v128.store(column, f32x4.pmax(v128.load(column), v128.and(x, magnitude)));
      x = f32x4.mul(f32x4.sub(x, shifts), scales);
      const xx = f32x4.mul(x, x);
      g1 = f32x4.add(g1, x);
      g2 = f32x4.add(g2, xx);
      g3 = f32x4.add(g3, f32x4.mul(xx, x));
      g4 = f32x4.add(g4, f32x4.mul(xx, xx));
    }
    s1 = f64x2.add(s1, halves(g1));
    s2 = f64x2.add(s2, halves(g2));
    s3 = f64x2.add(s3, halves(g3));
    s4 = f64x2.add(s4, halves(g4));
  }
  store<f32>(SUMS + 32, smallest(least));
  store<f32>(SUMS + 36, largest(most));
  const unit = 1 / <f64>scale;
  const fourth = lanes(s4) * (unit * unit * unit * unit);
  // A NaN, an infinity or a weight far from all others spoils the sum of its strip.
  if (isFinite(fourth))
    addPowers(lanes(s1) * unit, lanes(s2) * (unit * unit), lanes(s3) * (unit * unit * unit), fourth);
  else sumFinite(weights, count & ~3, shift);
  tail(at, count & 3, columns + 4 * <usize>(count & ~3), shift);
}

/** The same, all sums in F64: for weights of so many magnitudes that no scale brings their powers into F32. */
export function accumulateWide(weights: usize, count: i32, columns: usize, shift: f32): void {
  const magnitude = held(0, i32x4.splat(0x7fffffff));
  const shifts = held(16, f32x4.splat(shift));
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
    inline.always(countFour(at));
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

/** The sums of lanes 0 and 2, and of 1 and 3, as F64. */
function halves(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
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
    list = listFour(list, bin, counts);
  }
  return (<i32>(list - USED_BINS)) >> 3;
}

/** The same of one table of 65,536 counts. */
export function takeBins(table: usize): i32 {
  let list = USED_BINS;
  for (let bin: u32 = 0; bin < 65_536; bin += 4) {
    const at = table + 4 * <usize>bin;
    const counts = v128.load(at);
    if (!v128.any_true(counts)) continue;
    v128.store(at, i32x4.splat(0));
    list = listFour(list, bin, counts);
  }
  return (<i32>(list - USED_BINS)) >> 3;
}

function listFour(list: usize, bin: u32, counts: v128): usize {
  list = listBin(list, bin, i32x4.extract_lane(counts, 0));
  list = listBin(list, bin + 1, i32x4.extract_lane(counts, 1));
  list = listBin(list, bin + 2, i32x4.extract_lane(counts, 2));
  return listBin(list, bin + 3, i32x4.extract_lane(counts, 3));
}

function listBin(list: usize, bin: u32, count: u32): usize {
  if (count === 0) return list;
  store<u32>(list, bin);
  store<u32>(list + 4, count);
  return list + 8;
}
