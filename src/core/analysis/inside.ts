// The floats that are no further from a mean than a distance: an interval of F32, so that four can be compared at a time.

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The smallest and the largest F32 for which |weight − mean| > distance is false, computed in doubles. */
export function insideOf(mean: number, distance: number): Interval {
  const isInside = (weight: number): boolean => !(Math.abs(weight - mean) > distance);
  const nearest = Math.fround(mean);
  if (!isInside(nearest)) return around(mean, nearest); // narrower than floats are apart
  return { low: lastInside(nearest, -Infinity, isInside), high: lastInside(nearest, Infinity, isInside) };
}

/** Is a weight between these outside of the interval? NaN extremes, of no weights, are not. */
export const reachesOutside = ({ low, high }: Interval, least: number, most: number): boolean =>
  least < low || most > high;

/** The interval that all of these share, about the same mean. */
export const narrowest = (intervals: readonly Interval[]): Interval => ({
  low: Math.max(...intervals.map(({ low }) => low)),
  high: Math.min(...intervals.map(({ high }) => high)),
});

/** An interval without any float in it. */
const around = (mean: number, nearest: number): Interval =>
  nearest > mean
    ? { low: nearest, high: floatAt(orderOf(nearest) - 1) }
    : { low: floatAt(orderOf(nearest) + 1), high: nearest };

/** The float furthest towards `end` that is inside; all between it and `from` are. */
function lastInside(from: number, end: number, isInside: (weight: number) => boolean): number {
  if (isInside(end)) return end;
  let [inside, outside] = [orderOf(from), orderOf(end)];
  while (Math.abs(outside - inside) > 1) {
    const middle = Math.floor((inside + outside) / 2);
    if (isInside(floatAt(middle))) inside = middle;
    else outside = middle;
  }
  return floatAt(inside);
}

const VIEW_OF_BITS = new DataView(new ArrayBuffer(4));

/** Whole numbers in the order of the floats: 0 of 0, their patterns above, minus their patterns below. */
function orderOf(float: number): number {
  VIEW_OF_BITS.setFloat32(0, float);
  const bits = VIEW_OF_BITS.getUint32(0);
  return bits < 2 ** 31 ? bits : 2 ** 31 - bits;
}

function floatAt(order: number): number {
  VIEW_OF_BITS.setUint32(0, order < 0 ? 2 ** 31 - order : order);
  return VIEW_OF_BITS.getFloat32(0);
}
