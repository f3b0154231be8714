// What one pass over the weights of a tensor collects, and the reference that says how. The WASM kernel must agree: exactly in
// counts and extremes, and in the power sums to about 1e-8, because it sums 64 weights at a time in F32.

/** Bins of the histogram: the upper 16 bits of an F32, which are its bfloat16 pattern. */
export const BIN_COUNT = 65_536;

/** Counts by bin, as doubles: a tensor may have more than 2^32 equal weights. */
export type Counts = Float64Array;

export interface Tally {
  /** Infinity and −Infinity as long as there was no number. NaN never counts, infinities do. */
  least: number;
  most: number;
  /** Sums of (weight − shift), its square, cube and fourth power, over the finite weights; the difference is an F32. */
  readonly powers: Float64Array;
  /** Weights by the upper 16 bits of their F32: NaN, infinities and both zeros have bins of their own. */
  readonly histogram: Counts;
  /** Largest magnitude in each column (input channel); 0 for a column of NaN. */
  readonly columns: Float32Array;
}

export function createTally(columnCount: number): Tally {
  return {
    least: Infinity,
    most: -Infinity,
    powers: new Float64Array(4),
    histogram: new Float64Array(BIN_COUNT),
    columns: new Float32Array(columnCount),
  };
}

/** Empty again. */
export function clearTally(tally: Tally): void {
  tally.least = Infinity;
  tally.most = -Infinity;
  for (const numbers of [tally.powers, tally.histogram, tally.columns]) numbers.fill(0);
}

/**
 * Adds a piece of a row to the tally.
 * @param firstColumn column of the first weight
 * @param shift what the power sums are about: near the mean, or the fourth power of a large mean hides the spread. The same
 * for all pieces of a tensor.
 */
export function addToTally(tally: Tally, weights: Float32Array, firstColumn: number, shift: number): void {
  countBins(tally.histogram, weights);
  widen(tally, weights);
  raiseColumns(tally.columns, weights, firstColumn);
  sumPowers(tally.powers, weights, shift);
}

/** Adds what was tallied of other rows of the same tensor, about the same shift. */
export function mergeTally(into: Tally, from: Tally): void {
  into.least = Math.min(into.least, from.least);
  into.most = Math.max(into.most, from.most);
  addCounts(into.powers, from.powers);
  addCounts(into.histogram, from.histogram);
  from.columns.forEach((magnitude, column) => {
    into.columns[column] = Math.max(into.columns[column] ?? 0, magnitude);
  });
}

/** Adds numbers place by place. Most of them are 0. */
export function addCounts(into: Float64Array, from: Float64Array): void {
  for (let bin = 0; bin < from.length; bin++) {
    const count = from[bin] as number;
    if (count !== 0) into[bin] = (into[bin] as number) + count;
  }
}

// Loops over indexes: V8 runs `for … of` over a typed array many times slower.

function countBins(histogram: Counts, weights: Float32Array): void {
  const patterns = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  for (let index = 0; index < patterns.length; index++) {
    const bin = (patterns[index] ?? 0) >>> 16;
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
}

function widen(tally: Tally, weights: Float32Array): void {
  let { least, most } = tally;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] ?? NaN;
    if (weight < least) least = weight;
    if (weight > most) most = weight;
  }
  tally.least = least;
  tally.most = most;
}

function raiseColumns(columns: Float32Array, weights: Float32Array, firstColumn: number): void {
  for (let index = 0; index < weights.length; index++) {
    const magnitude = Math.abs(weights[index] ?? NaN);
    if (magnitude > (columns[firstColumn + index] ?? NaN)) columns[firstColumn + index] = magnitude;
  }
}

function sumPowers(powers: Float64Array, weights: Float32Array, shift: number): void {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] ?? NaN;
    if (!Number.isFinite(weight)) continue;
    const x = Math.fround(weight - shift);
    const square = x * x;
    first += x;
    second += square;
    third += square * x;
    fourth += square * square;
  }
  powers.set([first, second, third, fourth].map((sum, k) => sum + (powers[k] ?? 0)));
}
