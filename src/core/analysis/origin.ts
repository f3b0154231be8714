// "Where did this come from": do the weights of a plain tensor lie on the grid of a quantized type?
import { fitBlock, type Scale } from './originBlock.ts';
import type { Measured } from './originLattice.ts';
import { isPowerOfTwo, precisionsOf, toleranceOf } from './originPrecision.ts';
import { GRID_TYPES, type GridType } from './originTypes.ts';

/** Pieces of rows, one after the other; each begins a multiple of its length from the start of its row. */
export interface OriginSample {
  readonly weights: Float32Array;
  /** 64, 128 or 256: blocks of more weights do not fit into the rows. */
  readonly pieceWeights: number;
  readonly container: 'F32' | 'F16' | 'BF16';
}

export interface Origin {
  /** The narrowest type that fits. */
  readonly type: string;
  readonly alternatives: readonly string[];
  /** Blocks of that type that were looked at, and those that lie on its grid. */
  readonly blocks: number;
  readonly fitting: number;
  /** Most distinct values in a block of `blockWeights` weights. */
  readonly distinct: number;
  readonly blockWeights: number;
}

/** Fewer weights prove nothing. */
export const MIN_WEIGHTS = 2048;
/** Share of blocks that must fit. Some may not: of numbers too small or too large for F16 nothing but zeros or infinities is left. */
const FITTING_SHARE = 15 / 16;
/** By chance less than once in 2^256 tensors: far more than there are, and room for weights that are not as random as that. */
const MIN_BITS = 256;
/** Share of its levels that a type must be seen to use. */
const LEVEL_SHARE = 0.7;

/**
 * The type whose grid the weights lie on; null when there is none, or when the sample could be something else.
 *
 * Every type but for plain floats computes a weight as scale · level (− min), with few levels and one scale for a group of
 * 16 … 256 neighbours. The scale is not known; but whether there is one at all, such that every weight of the group is
 * the rounded value of an allowed level, can be decided (originLattice.ts). "Rounded" is exact: half a step of the type
 * that holds the tensor, or of a narrower one if that can hold every weight of the sample too.
 *
 * Against false alarms:
 * - Each further weight of a group would hit a level by chance with a probability that follows from the distance of the levels
 *   and the precision of the weights. The product over distinct weights is what is asked to be below 2^−256. Where
 *   the precision is as coarse as the levels are (weights of BF16 around 1 as those of a norm), a hit counts nothing.
 * - Nearly all blocks must fit, with scales that differ from one group of a row to the next. One lattice through a whole row
 *   is how tables, ramps and numbers of two decimals look. Types with a scale per row or tensor are asked for more: of floats
 *   of 8 bits so many magnitudes in a group that whole numbers could not be meant.
 * - Most of the levels must occur, or a narrower type would say as much.
 * - Whole numbers, constants, tensors of few weights and those with one dimension are none of it. Types with a single magnitude
 *   per group (ternary ones, Q1_0) give no such product: they need both signs, and a scale that is not a power of two.
 */
export function quantizedOrigin(sample: OriginSample): Origin | null {
  const { weights } = sample;
  if (weights.length < MIN_WEIGHTS || !weights.every(Number.isFinite)) return null;
  if (weights.every(Number.isInteger)) return null;
  const precisions = precisionsOf(weights, sample.container);
  const numbers: Measured[] = []; // as many as were looked at so far: mostly few
  const numbersAt = (first: number, count: number): readonly Measured[] => {
    for (const value of weights.subarray(numbers.length, first + count)) {
      numbers.push({ value, tolerance: toleranceOf(value, precisions) });
    }
    return numbers.slice(first, first + count);
  };
  const fits = GRID_TYPES.flatMap((type) => {
    const seen = type.blockWeights <= sample.pieceWeights ? lookAt(type, sample, numbersAt) : null;
    return seen === null ? [] : [{ type, seen }];
  });
  const [narrowest, ...others] = fits;
  if (narrowest === undefined) return null;
  const { blockWeights, name } = narrowest.type;
  return {
    type: name,
    alternatives: others.map(({ type }) => type.name),
    ...narrowest.seen,
    distinct: mostDistinct(weights, blockWeights),
    blockWeights,
  };
}

/** All blocks of a sample as blocks of a type; null as soon as it is clear that they are none. */
function lookAt(
  type: GridType,
  { weights, pieceWeights }: OriginSample,
  numbersAt: (first: number, count: number) => readonly Measured[],
): Pick<Origin, 'blocks' | 'fitting'> | null {
  const blocks = Math.floor(weights.length / type.blockWeights);
  const mayMiss = Math.floor(blocks * (1 - FITTING_SHARE));
  const levels = new Set<number>();
  const scales: Scale[] = [];
  let [bits, fitting, neighbors, changes, magnitudes] = [0, 0, 0, 0, 0];
  let before: Scale | null = null;
  for (let block = 0; block < blocks; block++) {
    const first = block * type.blockWeights;
    const fit = fitBlock(type, numbersAt(first, type.blockWeights));
    if (fit === null) {
      if (block - fitting >= mayMiss) return null;
      continue;
    }
    fitting++;
    bits += fit.bits;
    magnitudes = Math.max(magnitudes, fit.magnitudes);
    for (const level of fit.levels) levels.add(level);
    if (first % pieceWeights === 0) before = null;
    for (const scale of fit.scales) {
      if (before !== null) neighbors++;
      if (before !== null && (scale.low > before.high || scale.high < before.low)) changes++;
      before = scale;
      scales.push(scale);
    }
  }
  if (levels.size < LEVEL_SHARE * type.levelCount || magnitudes < (type.magnitudes ?? 0)) return null;
  if (changes < type.scaleChanges * Math.max(1, neighbors)) return null;
  const hasOneMagnitude = [...levels].every((level) => Math.abs(level) <= 1);
  const isProved = hasOneMagnitude
    ? !scales.every(({ low, high }) => isPowerOfTwo(low, high))
    : bits >= MIN_BITS;
  return isProved ? { blocks, fitting } : null;
}

function mostDistinct(weights: Float32Array, blockWeights: number): number {
  let most = 0;
  for (let first = 0; first < weights.length; first += blockWeights) {
    most = Math.max(most, new Set(weights.subarray(first, first + blockWeights)).size);
  }
  return most;
}
