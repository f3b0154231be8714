// Counts what the blocks of a strip were made of: levels of the codes, scales and mins.
import { LEVEL_COUNTS, LEVEL_PAIRS, LEVELS, MIN_HISTOGRAM, MINS, SCALE_HISTOGRAM, SCALES } from './memory';

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
