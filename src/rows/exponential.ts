// e^x of four floats at once, within 1 unit in the last place of the F32 next to it (measured, and held by a test).

/** ln 2^-126. Below, e^x is subnormal: slow, and nothing beside a sum that has e^0 in it. */
export const LEAST: f32 = -87.33654022216797;

/** 1.5 · 2^23: a float this large has no bits behind the point, so that adding it rounds to a whole number, and the lowest bits
 * of the sum are that number; 127 makes them the exponent of a float. */
const ROUNDING: f32 = 12582912 + 127;
/** ln 2 in two parts: times a whole number up to 127 the first, of 9 bits, is exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

// e^r = 1 + r + r²(C2 + … + C6 r⁴) with the least largest relative error for |r| ≤ ln 2 / 2, by Remez' algorithm: 3.1e-9.
const C2: f32 = 0.4999999403953552;
const C3: f32 = 0.1666652113199234;
const C4: f32 = 0.04166838899254799;
const C5: f32 = 0.00836874544620514;
const C6: f32 = 0.0013814540579915047;

/** e^x for x ≤ 88 and not below LEAST; NaN of NaN. x = n ln 2 + r, e^x = 2^n e^r. */
export function exponential(x: v128): v128 {
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), f32x4.splat(ROUNDING));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDING));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let q = f32x4.add(f32x4.mul(r, f32x4.splat(C6)), f32x4.splat(C5));
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(C4));
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(C3));
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(C2));
  q = f32x4.add(f32x4.mul(f32x4.mul(q, r), r), r);
  const power = i32x4.shl(shifted, 23);
  return f32x4.mul(f32x4.add(q, f32x4.splat(1)), power);
}

/** e^x of `count` floats, a multiple of 4, from LEAST to 88: what the tests measure. */
export function exponentials(from: usize, count: i32, to: usize): void {
  const end = from + 4 * <usize>count;
  for (; from < end; from += 16, to += 16) v128.store(to, inline.always(exponential(v128.load(from))));
}
