// Of each row the largest logit and the sum of e^(logit − largest): all that the chance of any token needs.
import { exponential, LEAST } from './exponential';
import { largest } from './largest';
import { TAIL } from './memory';

/** Two F64 for each of `rows` rows of `count` floats. The sum is NaN where a logit is NaN or +Infinity, or all are −Infinity. */
export function sums(row: usize, count: i32, rows: i32, to: usize): void {
  for (let index = 0; index < rows; index++, row += 4 * <usize>count, to += 16) {
    const most = largest(row, count);
    store<f64>(to, <f64>most);
    store<f64>(to, sumOfExponentials(row, count, most), 8);
  }
}

function sumOfExponentials(row: usize, count: i32, most: f32): f64 {
  const whole = count & ~15;
  let sum = wholeSum(row, row + 4 * <usize>whole, most);
  if (whole < count) {
    copyTail(TAIL, row + 4 * <usize>whole, count - whole, -Infinity);
    sum += wholeSum(TAIL, TAIL + 64, most);
  }
  return sum;
}

/** The last logits of a row, filled up to 16. */
export function copyTail(to: usize, from: usize, count: i32, filling: f32): void {
  for (let index = 0; index < 16; index++) {
    store<f32>(to + 4 * <usize>index, index < count ? load<f32>(from + 4 * <usize>index) : filling);
  }
}

/** Of 16 floats at a time. Two are added as floats, which rounds once; the rest as doubles. */
function wholeSum(at: usize, end: usize, most: f32): f64 {
  const m = f32x4.splat(most);
  const least = f32x4.splat(LEAST);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  for (; at < end; at += 64) {
    // What is raised to LEAST adds 1e-38, which no sum from 1 on can tell from nothing. pmax keeps a NaN that comes first.
    const e1 = inline.always(exponential(f32x4.pmax(f32x4.sub(v128.load(at), m), least)));
    const e2 = inline.always(exponential(f32x4.pmax(f32x4.sub(v128.load(at, 16), m), least)));
    const e3 = inline.always(exponential(f32x4.pmax(f32x4.sub(v128.load(at, 32), m), least)));
    const e4 = inline.always(exponential(f32x4.pmax(f32x4.sub(v128.load(at, 48), m), least)));
    const e = f32x4.add(f32x4.add(e1, e2), f32x4.add(e3, e4));
    a = f64x2.add(a, f64x2.promote_low_f32x4(e));
    b = f64x2.add(b, f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)));
  }
  const sum = f64x2.add(a, b);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
