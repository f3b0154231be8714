// What an importance matrix says about a tensor: numbers about the mean squared activations of its columns. Where llama.cpp has
// the same number (llama-imatrix --show-statistics; tools/imatrix/imatrix.cpp of v0.4.0) it is computed as there, in float64.

import { OUTLIER_CHANNEL_FACTOR } from './outliers.ts';

/** What was collected of one tensor. */
export interface CollectedImportance {
  /** Sums of squared activations: matrix (expert) by matrix, column by column. */
  readonly sums: Float32Array;
  /** Of each matrix: what its sums are divided by to make means; 0 for one that was never used. */
  readonly divisors: readonly number[];
}

/** Numbers about mean squared activations, one for each column of each matrix that was used. Act² is one of them. */
export interface ImportanceStats {
  /** N: how many there are. */
  readonly count: number;
  /** Σ(Act²) */
  readonly total: number;
  readonly min: number;
  readonly max: number;
  /** μ: total ÷ N. */
  readonly mean: number;
  /** σ, of the whole population. */
  readonly std: number;
  /** Share of those above ACTIVE_ABOVE, 0 … 1. */
  readonly active: number;
  /** −Σ p·log₂ p in bits, where p = Act² ÷ Σ(Act²). 0 for one column, log₂ N where all are alike. */
  readonly entropy: number;
  /** E(norm): entropy ÷ log₂ N, 0 … 1; 1 for N = 1. */
  readonly entropyShare: number;
  /** ZD: share of those above μ + σ. */
  readonly zScoreShare: number;
  /** Values that are no finite numbers; they count in nothing else. */
  readonly nonFinite: number;
}

/** Below this a column is asleep: the threshold of llama-imatrix. */
const ACTIVE_ABOVE = 1e-5;

/** null: no matrix of it was used. */
export function importanceStats({ sums, divisors }: CollectedImportance): ImportanceStats | null {
  const width = Math.floor(sums.length / divisors.length);
  const used = divisors.flatMap((divisor, matrix) =>
    divisor > 0 ? [{ divisor, from: matrix * width }] : [],
  );
  if (used.length === 0 || width === 0) return null;
  const means = new Float64Array(used.length * width);
  let count = 0;
  for (const { divisor, from } of used)
    for (let at = from; at < from + width; at++) {
      const mean = (sums[at] ?? 0) / divisor;
      if (Number.isFinite(mean)) means[count++] = mean;
    }
  return statsOf(means.subarray(0, count), used.length * width - count);
}

function statsOf(means: Float64Array, nonFinite: number): ImportanceStats {
  const count = means.length;
  let [total, squares, min, max, active] = [0, 0, Infinity, -Infinity, 0];
  for (const value of means) {
    total += value;
    squares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
    if (Math.abs(value) > ACTIVE_ABOVE) active += 1;
  }
  const mean = count === 0 ? 0 : total / count;
  const std = count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
  let beyond = 0;
  if (std > 0) for (const value of means) if ((value - mean) / std > 1) beyond += 1;
  const entropy = entropyOf(means, total);
  return {
    ...{ count, total, mean, std, entropy, nonFinite },
    min: count === 0 ? 0 : min,
    max: count === 0 ? 0 : max,
    active: count === 0 ? 0 : active / count,
    entropyShare: count > 1 ? entropy / Math.log2(count) : 1,
    zScoreShare: count === 0 ? 0 : beyond / count,
  };
}

/** In bits. What is not above 0 counts nothing. */
function entropyOf(values: Float64Array, total: number): number {
  if (!(total > 0)) return 0;
  let sum = 0;
  // −Σ p·log p = log T − Σ v·log v ÷ T, with one division for all.
  for (const value of values) if (value > 0) sum += value * Math.log2(value);
  return Math.max(0, Math.log2(total) - sum / total);
}

/** The columns of a tensor: of several matrices (experts) the mean over all rows that any of them was used for. */
export interface ImportanceChannels {
  /** Mean squared activation of each column; 0 where nothing finite is known. */
  readonly meanSquares: Float64Array;
  readonly total: number;
  /** 2 to the power of the entropy of `meanSquares`: so many equally strong columns would be as mixed. 0 when all are 0. */
  readonly effectiveCount: number;
  /** Median over the columns of √(mean Act²), of an even number the upper of the middle two. */
  readonly median: number;
  /** Columns whose √(mean Act²) is above OUTLIER_CHANNEL_FACTOR times the median, the strongest first: amplitudes are compared, as
   * they are for weights; in Act² the factor is 9. */
  readonly outliers: readonly number[];
  /** The strongest column, −1 when all are 0. */
  readonly top: number;
}

/**
 * Rows below which a matrix is weighed by chance: the mean of n squares is off by about √(2 ÷ n) of itself even where activations
 * are normally distributed (6 % at 512, more with outliers), which is as much as columns differ. One usual chunk.
 */
export const FEW_ROWS = 512;

/** @param matrix only this one; null: all together */
export function importanceChannels(
  { sums, divisors }: CollectedImportance,
  matrix: number | null = null,
): ImportanceChannels {
  const width = divisors.length === 0 ? 0 : Math.floor(sums.length / divisors.length);
  const meanSquares = new Float64Array(width);
  let rows = 0;
  for (const [index, divisor] of divisors.entries()) {
    if (divisor <= 0 || (matrix !== null && index !== matrix)) continue;
    rows += divisor;
    for (let column = 0; column < width; column++) {
      const value = sums[index * width + column] ?? 0;
      if (Number.isFinite(value)) meanSquares[column] = (meanSquares[column] ?? 0) + value;
    }
  }
  let [total, top] = [0, -1];
  for (let column = 0; column < width; column++) {
    const value = rows > 0 ? (meanSquares[column] ?? 0) / rows : 0;
    meanSquares[column] = value;
    total += value;
    if (value > (meanSquares[top] ?? 0)) top = column;
  }
  const median = Math.sqrt(meanSquares.toSorted()[width >> 1] ?? 0);
  return {
    ...{ meanSquares, total, median, top },
    effectiveCount: total > 0 ? 2 ** entropyOf(meanSquares, total) : 0,
    outliers: outlierColumns(meanSquares, median),
  };
}

function outlierColumns(meanSquares: Float64Array, median: number): number[] {
  const limit = (OUTLIER_CHANNEL_FACTOR * median) ** 2;
  const found: number[] = [];
  if (median > 0) for (const [column, value] of meanSquares.entries()) if (value > limit) found.push(column);
  return found.sort((one, other) => (meanSquares[other] ?? 0) - (meanSquares[one] ?? 0) || one - other);
}

/** The columns with the largest mean squared activation, the largest first; those at 0 are left out. @param most at least 1 */
export function topColumns({ meanSquares }: Pick<ImportanceChannels, 'meanSquares'>, most: number): number[] {
  const found: number[] = [];
  const valueAt = (place: number): number => meanSquares[found[place] ?? -1] ?? 0;
  for (const [column, value] of meanSquares.entries()) {
    if (!(value > 0) || (found.length === most && value <= valueAt(most - 1))) continue;
    let place = found.length;
    while (place > 0 && valueAt(place - 1) < value) place -= 1;
    found.splice(place, 0, column);
    found.length = Math.min(found.length, most);
  }
  return found;
}

/**
 * CosSim: how alike the sums of two tensors are, 1 for the same direction; llama-imatrix compares a tensor with that of the layer
 * before. null where they cannot be compared: of other sizes, or one of them all 0.
 */
export function cosineSimilarity(one: Float32Array, other: Float32Array): number | null {
  if (one.length !== other.length) return null;
  let [product, oneSquares, otherSquares] = [0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    const [a, b] = [one[at] ?? 0, other[at] ?? 0];
    product += a * b;
    oneSquares += a * a;
    otherSquares += b * b;
  }
  const cosine = product / Math.sqrt(oneSquares * otherSquares);
  return Number.isFinite(cosine) ? cosine : null;
}
