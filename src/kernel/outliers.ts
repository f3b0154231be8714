// Looks for weights far from the mean in a strip of floats: counts those outside three intervals and lists those outside a fourth.
import { OUTLIER_COUNTS, OUTLIER_LIMITS, OUTLIERS } from './memory';

/** The pair of what is listed, in OUTLIER_LIMITS. */
const LISTED: usize = OUTLIER_LIMITS + 8 * 4;

/** Adds to OUTLIER_COUNTS, and lists from OUTLIERS on. A NaN is never outside. Answers how many it listed. */
export function findOutliers(weights: usize, count: i32): i32 {
  const low = f32x4.splat(load<f32>(OUTLIER_LIMITS));
  const high = f32x4.splat(load<f32>(OUTLIER_LIMITS + 4));
  const end = weights + 4 * <usize>(count & ~15);
  let list = OUTLIERS;
  let at = weights;
  // Sixteen at a time: nearly always all of them are inside.
  for (; at < end; at += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    // In this order pmin and pmax take the first where the second is NaN.
    const least = f32x4.pmin(f32x4.pmin(f32x4.pmin(f32x4.pmin(low, a), b), c), d);
    const most = f32x4.pmax(f32x4.pmax(f32x4.pmax(f32x4.pmax(high, a), b), c), d);
    if (v128.any_true(v128.or(f32x4.lt(least, low), f32x4.gt(most, high)))) {
      list = sortFour(a, low, high, (<i32>(at - weights)) >> 2, list);
      list = sortFour(b, low, high, ((<i32>(at - weights)) >> 2) + 4, list);
      list = sortFour(c, low, high, ((<i32>(at - weights)) >> 2) + 8, list);
      list = sortFour(d, low, high, ((<i32>(at - weights)) >> 2) + 12, list);
    }
  }
  for (let index = count & ~15; index < count; index++)
    list = sort(load<f32>(weights + 4 * index), index, list);
  return (<i32>(list - OUTLIERS)) >> 3;
}

function sortFour(four: v128, low: v128, high: v128, index: i32, list: usize): usize {
  const outside = i32x4.bitmask(v128.or(f32x4.lt(four, low), f32x4.gt(four, high)));
  if (outside & 1) list = sort(f32x4.extract_lane(four, 0), index, list);
  if (outside & 2) list = sort(f32x4.extract_lane(four, 1), index + 1, list);
  if (outside & 4) list = sort(f32x4.extract_lane(four, 2), index + 2, list);
  if (outside & 8) list = sort(f32x4.extract_lane(four, 3), index + 3, list);
  return list;
}

/** Counts a weight where it belongs, and lists it. Answers the end of the list. */
function sort(weight: f32, index: i32, list: usize): usize {
  for (let k: usize = 0; k < 3; k++) {
    if (!isOutside(weight, OUTLIER_LIMITS + 8 * (k + 1))) continue;
    const count = OUTLIER_COUNTS + 4 * k;
    store<u32>(count, load<u32>(count) + 1);
  }
  if (!isOutside(weight, LISTED)) return list;
  store<i32>(list, index);
  store<f32>(list + 4, weight);
  return list + 8;
}

function isOutside(weight: f32, limits: usize): bool {
  return weight < load<f32>(limits) || weight > load<f32>(limits + 4);
}
