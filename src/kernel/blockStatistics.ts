// Counts what the blocks of a strip were made of: levels of the codes, scales and mins.
import {
  LEVEL_BITS,
  LEVEL_COUNTS,
  LEVEL_PAIRS,
  LEVEL_PLANES,
  LEVELS,
  MIN_HISTOGRAM,
  MINS,
  SCALE_HISTOGRAM,
  SCALES,
} from './memory';

function add(table: usize, bin: u32): void {
  const at = table + 4 * <usize>bin;
  store<u32>(at, load<u32>(at) + 1);
}

/** Bytes of one table of LEVEL_COUNTS. */
const TABLE: usize = 4 * 256;

/** The levels of `count` weights, a multiple of 16. Bin 128 is level 0. */
export function countLevels(count: i32): void {
  for (let at = LEVELS; at < LEVELS + <usize>count; at += 8) {
    // 0x80 in every byte turns signed into unsigned order.
    const eight = load<u64>(at) ^ 0x8080808080808080;
    add(LEVEL_COUNTS, (<u32>eight) & 255);
    add(LEVEL_COUNTS + TABLE, (<u32>(eight >> 8)) & 255);
    add(LEVEL_COUNTS + 2 * TABLE, (<u32>(eight >> 16)) & 255);
    add(LEVEL_COUNTS + 3 * TABLE, (<u32>(eight >> 24)) & 255);
    add(LEVEL_COUNTS + 4 * TABLE, (<u32>(eight >> 32)) & 255);
    add(LEVEL_COUNTS + 5 * TABLE, (<u32>(eight >> 40)) & 255);
    add(LEVEL_COUNTS + 6 * TABLE, (<u32>(eight >> 48)) & 255);
    add(LEVEL_COUNTS + 7 * TABLE, <u32>(eight >> 56));
  }
}

/**
 * The levels of `count` weights, a multiple of 16, two at a time: half as many counts. Of a pair the lowest `bits` bits of the first
 * level are the lower ones.
 */
export function countLevelPairs(count: i32, bits: i32): void {
  const mask = i8x16.splat(<i8>(((<i32>1) << bits) - 1));
  const first = i16x8.splat(0xff);
  for (let at = LEVELS; at < LEVELS + <usize>count; at += 16) {
    const levels = v128.and(v128.load(at), mask);
    const pairs = v128.or(v128.and(levels, first), i16x8.shl(i16x8.shr_u(levels, 8), bits));
    addFour(i64x2.extract_lane(pairs, 0));
    addFour(i64x2.extract_lane(pairs, 1));
  }
}

/** Taken from a lane of 64 bits: lanes of 16 bits come one in a cycle. */
function addFour(pairs: u64): void {
  add(LEVEL_PAIRS, (<u32>pairs) & 0xffff);
  add(LEVEL_PAIRS, (<u32>pairs) >> 16);
  add(LEVEL_PAIRS, <u32>((pairs >> 32) & 0xffff));
  add(LEVEL_PAIRS, <u32>(pairs >> 48));
}

/**
 * Of the levels of `count` weights, a multiple of 16, the four lowest bits: adds to place S of LEVEL_BITS how many have all bits of
 * S, from 1 to 15. By bits of 64 weights at a time, without a table: to count each weight in one takes several times as long.
 */
export function countLevelBits(count: i32): void {
  const end = LEVELS + <usize>count;
  const planesEnd = LEVEL_PLANES + <usize>((count + 127) >> 7) * 64;
  for (let at = end; at < LEVELS + <usize>((count + 127) & ~127); at += 16) v128.store(at, i8x16.splat(0));
  for (let plane = LEVEL_PLANES, at = LEVELS; plane < planesEnd; plane += 64, at += 128) toPlanes(at, plane);
  countLowBits(planesEnd);
  countHighBits(planesEnd);
}

/** The four lowest bits of 128 bytes as four vectors, one for each bit. */
function toPlanes(at: usize, plane: usize): void {
  const low = i8x16.splat(15);
  const ones = i8x16.splat(0x55);
  const twos = i8x16.splat(0x33);
  let a = v128.or(v128.and(v128.load(at), low), i16x8.shl(v128.and(v128.load(at, 16), low), 4));
  let b = v128.or(v128.and(v128.load(at, 32), low), i16x8.shl(v128.and(v128.load(at, 48), low), 4));
  let c = v128.or(v128.and(v128.load(at, 64), low), i16x8.shl(v128.and(v128.load(at, 80), low), 4));
  let d = v128.or(v128.and(v128.load(at, 96), low), i16x8.shl(v128.and(v128.load(at, 112), low), 4));
  // A matrix of four bits by four, turned over: first within pairs of rows, then the pairs.
  const ab = v128.and(v128.xor(i16x8.shr_u(a, 1), b), ones);
  const cd = v128.and(v128.xor(i16x8.shr_u(c, 1), d), ones);
  b = v128.xor(b, ab);
  a = v128.xor(a, i16x8.shl(ab, 1));
  d = v128.xor(d, cd);
  c = v128.xor(c, i16x8.shl(cd, 1));
  const ac = v128.and(v128.xor(i16x8.shr_u(a, 2), c), twos);
  const bd = v128.and(v128.xor(i16x8.shr_u(b, 2), d), twos);
  v128.store(plane, v128.xor(a, i16x8.shl(ac, 2)));
  v128.store(plane, v128.xor(b, i16x8.shl(bd, 2)), 16);
  v128.store(plane, v128.xor(c, ac), 32);
  v128.store(plane, v128.xor(d, bd), 48);
}

/** The sets of the bits 0, 1 and 2. */
function countLowBits(end: usize): void {
  let n1: i64 = 0;
  let n2: i64 = 0;
  let n3: i64 = 0;
  let n4: i64 = 0;
  let n5: i64 = 0;
  let n6: i64 = 0;
  let n7: i64 = 0;
  for (let at = LEVEL_PLANES; at < end; at += 64) {
    for (let half = at; half < at + 16; half += 8) {
      const a = load<i64>(half);
      const b = load<i64>(half, 16);
      const c = load<i64>(half, 32);
      const ab = a & b;
      n1 += popcnt(a);
      n2 += popcnt(b);
      n3 += popcnt(ab);
      n4 += popcnt(c);
      n5 += popcnt(a & c);
      n6 += popcnt(b & c);
      n7 += popcnt(ab & c);
    }
  }
  addBits(1, n1);
  addBits(2, n2);
  addBits(3, n3);
  addBits(4, n4);
  addBits(5, n5);
  addBits(6, n6);
  addBits(7, n7);
}

/** The sets with bit 3. */
function countHighBits(end: usize): void {
  let n0: i64 = 0;
  let n1: i64 = 0;
  let n2: i64 = 0;
  let n3: i64 = 0;
  let n4: i64 = 0;
  let n5: i64 = 0;
  let n6: i64 = 0;
  let n7: i64 = 0;
  for (let at = LEVEL_PLANES; at < end; at += 64) {
    for (let half = at; half < at + 16; half += 8) {
      const d = load<i64>(half, 48);
      const a = load<i64>(half) & d;
      const b = load<i64>(half, 16) & d;
      const c = load<i64>(half, 32);
      const ab = a & b;
      n0 += popcnt(d);
      n1 += popcnt(a);
      n2 += popcnt(b);
      n3 += popcnt(ab);
      n4 += popcnt(c & d);
      n5 += popcnt(a & c);
      n6 += popcnt(b & c);
      n7 += popcnt(ab & c);
    }
  }
  addBits(8, n0);
  addBits(9, n1);
  addBits(10, n2);
  addBits(11, n3);
  addBits(12, n4);
  addBits(13, n5);
  addBits(14, n6);
  addBits(15, n7);
}

function addBits(set: usize, count: i64): void {
  const at = LEVEL_BITS + 4 * set;
  store<u32>(at, load<u32>(at) + <u32>count);
}

/**
 * The scales of `count` weights, one for each `scaleWeights`, by the upper 16 bits of the F32.
 * @param unit the value of a level whose byte is 1, by which the scales kept are too small
 */
export function countScales(count: i32, scaleWeights: i32, unit: f32): void {
  const step = scaleWeights >> 2;
  for (let at = 0; at < count >> 2; at += step) {
    add(SCALE_HISTOGRAM, reinterpret<u32>(load<f32>(SCALES + at) * unit) >> 16);
  }
}

/** The mins of `count` weights, one for each `scaleWeights`. */
export function countMins(count: i32, scaleWeights: i32): void {
  const step = scaleWeights >> 2;
  for (let at = 0; at < count >> 2; at += step) add(MIN_HISTOGRAM, load<u32>(MINS + at) >> 16);
}
