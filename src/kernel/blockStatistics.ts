// Counts what the blocks of a strip were made of: levels of the codes, scales and mins.
import { LEVEL_COUNTS, LEVELS, MIN_HISTOGRAM, MINS, SCALE_HISTOGRAM, SCALES } from './memory';

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
