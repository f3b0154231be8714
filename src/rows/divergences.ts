// Rows of a model beside rows of a base model: what the KL divergence of each pair is made of.
import { exponential, LEAST } from './exponential';
import { indexOf, largest } from './largest';
import { BASE_TAIL, TAIL } from './memory';
import { copyTail } from './sums';

/** What a pair of rows has summed up: the sums of e^(logit − largest) of both, and that of the base's times how much further the
 * base is from its largest logit less than the model: Σ e^b (b − x), b and x from their largest on. */
let modelSum: f64 = 0;
let baseSum: f64 = 0;
let weighted: f64 = 0;

/**
 * For each of `rows` pairs of rows 48 bytes: largest and sum of the model, largest and sum of the base, the weighted sum, as F64,
 * and the index of the largest of the model and of the base, as I32. A sum is NaN where a logit is NaN or +Infinity, or all are
 * −Infinity; the weighted sum is Infinity where the model excludes what the base does not.
 */
export function divergences(row: usize, base: usize, count: i32, rows: i32, to: usize): void {
  const whole = count & ~15;
  const wholeBytes: usize = <usize>whole * 4;
  for (let index = 0; index < rows; index++, to += 48) {
    const most = largest(row, count);
    const baseMost = largest(base, count);
    modelSum = 0;
    baseSum = 0;
    weighted = 0;
    addWhole(row, base, row + wholeBytes, most, baseMost);
    if (whole < count) {
      copyTail(TAIL, row + wholeBytes, count - whole, -Infinity);
      copyTail(BASE_TAIL, base + wholeBytes, count - whole, -Infinity);
      addWhole(TAIL, BASE_TAIL, TAIL + 64, most, baseMost);
    }
    store<f64>(to, <f64>most);
    store<f64>(to, modelSum, 8);
    store<f64>(to, <f64>baseMost, 16);
    store<f64>(to, baseSum, 24);
    store<f64>(to, weighted, 32);
    store<i32>(to, indexOf(row, count, most), 40);
    store<i32>(to, indexOf(base, count, baseMost), 44);
    row += 4 * <usize>count;
    base += 4 * <usize>count;
  }
}

/** Four logits of the model and of the base, and where their sums are. */
function addWhole(at: usize, baseAt: usize, end: usize, most: f32, baseMost: f32): void {
  const m = f32x4.splat(most);
  const bm = f32x4.splat(baseMost);
  const least = f32x4.splat(LEAST);
  let model = f64x2.splat(0);
  let base = f64x2.splat(0);
  let products = f64x2.splat(0);
  for (; at < end; at += 32, baseAt += 32) {
    const x1 = f32x4.sub(v128.load(at), m);
    const x2 = f32x4.sub(v128.load(at, 16), m);
    const b1 = f32x4.sub(v128.load(baseAt), bm);
    const b2 = f32x4.sub(v128.load(baseAt, 16), bm);
    const e1 = inline.always(exponential(f32x4.pmax(x1, least)));
    const e2 = inline.always(exponential(f32x4.pmax(x2, least)));
    const f1 = inline.always(exponential(f32x4.pmax(b1, least)));
    const f2 = inline.always(exponential(f32x4.pmax(b2, least)));
    // Where the base gives no chance, 0 · Infinity would make NaN: nothing is taken there.
    const p1 = v128.andnot(f32x4.mul(f1, f32x4.sub(b1, x1)), f32x4.lt(b1, least));
    const p2 = v128.andnot(f32x4.mul(f2, f32x4.sub(b2, x2)), f32x4.lt(b2, least));
    model = f64x2.add(model, inline.always(pairs(f32x4.add(e1, e2))));
    base = f64x2.add(base, inline.always(pairs(f32x4.add(f1, f2))));
    products = f64x2.add(products, inline.always(pairs(f32x4.add(p1, p2))));
  }
  modelSum += inline.always(total(model));
  baseSum += inline.always(total(base));
  weighted += inline.always(total(products));
}

/** Four floats as two doubles, each the sum of two. */
function pairs(v: v128): v128 {
  const low = f64x2.promote_low_f32x4(v);
  return f64x2.add(low, f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3)));
}

function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}
