// One pass over floats of 16 bits as the codes they are stored as: counts, largest magnitude per column, extremes.
import { CODE_EXTREMES, HISTOGRAM } from './memory';

const SECOND_HISTOGRAM: usize = HISTOGRAM + 4 * 65_536;

function add(table: usize, bin: u32): void {
  const at = table + 4 * <usize>bin;
  store<u32>(at, load<u32>(at) + 1);
}

/** Two codes in 32 bits. */
function addTwo(codes: u32): void {
  add(HISTOGRAM, codes & 0xffff);
  add(SECOND_HISTOGRAM, codes >> 16);
}

/**
 * Adds `count` codes at `codes` to what HISTOGRAM, CODE_EXTREMES and the columns at `columns`, 16 bits each, hold. NaN counts
 * only in the histogram.
 * @param infinity the code of infinity: those of larger magnitude are NaN
 */
export function countCodes(codes: usize, count: i32, columns: usize, infinity: i32): void {
  const magnitude = i16x8.splat(0x7fff);
  const largest = i16x8.splat(<i16>infinity);
  const lowest = i16x8.splat(-0x8000);
  // In the order of signed numbers: all bits of a negative float but its sign turned around.
  let least = i16x8.splat(<i16>load<i32>(CODE_EXTREMES));
  let most = i16x8.splat(<i16>load<i32>(CODE_EXTREMES + 4));
  const end = codes + 2 * <usize>(count & ~7);
  let at = codes;
  let column = columns;
  for (; at < end; at += 16, column += 16) {
    const x = v128.load(at);
    const size = v128.and(x, magnitude);
    const isNumber = i16x8.le_s(size, largest);
    v128.store(column, i16x8.max_s(v128.load(column), v128.and(size, isNumber)));
    const ordered = v128.xor(x, v128.and(i16x8.shr_s(x, 15), magnitude));
    least = i16x8.min_s(least, v128.bitselect(ordered, magnitude, isNumber));
    most = i16x8.max_s(most, v128.bitselect(ordered, lowest, isNumber));
    const four = i64x2.extract_lane(x, 0);
    const others = i64x2.extract_lane(x, 1);
    addTwo(<u32>four);
    addTwo(<u32>((<u64>four) >> 32));
    addTwo(<u32>others);
    addTwo(<u32>((<u64>others) >> 32));
  }
  for (let lane = 0; lane < 8; lane++) {
    widen(laneOf(least, lane), laneOf(most, lane));
  }
  for (const last = codes + 2 * <usize>count; at < last; at += 2, column += 2) {
    const code = <i32>load<u16>(at);
    add(HISTOGRAM, code);
    const size = code & 0x7fff;
    if (size > infinity) continue;
    store<u16>(column, <u16>max(<i32>load<u16>(column), size));
    const ordered = code > 0x7fff ? ~size : size;
    widen(ordered, ordered);
  }
}

function widen(least: i32, most: i32): void {
  store<i32>(CODE_EXTREMES, min(load<i32>(CODE_EXTREMES), least));
  store<i32>(CODE_EXTREMES + 4, max(load<i32>(CODE_EXTREMES + 4), most));
}

/** Lane 0 … 7, signed. */
function laneOf(v: v128, lane: i32): i32 {
  const half = lane < 4 ? i64x2.extract_lane(v, 0) : i64x2.extract_lane(v, 1);
  return <i32>(<i16>(half >> (16 * (lane & 3))));
}
