// The largest logit of a row, and where it stands.

/** The largest of `count` floats; NaN are passed over. −Infinity when nothing is larger. */
export function largest(row: usize, count: i32): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  let c = a;
  let d = a;
  const whole = row + 4 * <usize>(count & ~15);
  let at = row;
  // pmax keeps the first unless the second is larger, and nothing is larger than NaN or smaller.
  for (; at < whole; at += 64) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
    c = f32x4.pmax(c, v128.load(at, 32));
    d = f32x4.pmax(d, v128.load(at, 48));
  }
  a = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  a = f32x4.pmax(a, v128.shuffle<f32>(a, a, 2, 3, 2, 3));
  let most = f32x4.extract_lane(f32x4.pmax(a, v128.shuffle<f32>(a, a, 1, 1, 1, 1)), 0);
  const end = row + 4 * <usize>count;
  for (; at < end; at += 4) {
    const logit = load<f32>(at);
    if (logit > most) most = logit;
  }
  return most;
}

/** Index of the first of `count` floats that is `most`; −1 when that is −Infinity, which is not likely, or not there. */
export function indexOf(row: usize, count: i32, most: f32): i32 {
  if (most === -Infinity) return -1;
  const wanted = f32x4.splat(most);
  const end = row + 4 * <usize>count;
  let at = row;
  for (; at + 64 <= end; at += 64) {
    const early = v128.or(f32x4.eq(v128.load(at), wanted), f32x4.eq(v128.load(at, 16), wanted));
    const late = v128.or(f32x4.eq(v128.load(at, 32), wanted), f32x4.eq(v128.load(at, 48), wanted));
    if (v128.any_true(v128.or(early, late))) break;
  }
  for (; at < end; at += 4) if (load<f32>(at) === most) return <i32>((at - row) >> 2);
  return -1;
}

/** For each of `rows` rows the index of its largest logit, as I32. */
export function tops(row: usize, count: i32, rows: i32, to: usize): void {
  for (let index = 0; index < rows; index++, row += 4 * <usize>count, to += 4) {
    store<i32>(to, indexOf(row, count, largest(row, count)));
  }
}
