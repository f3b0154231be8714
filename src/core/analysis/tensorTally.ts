// Tallies a tensor row by row: whole rows lie in the kernel's input, strips of them go through decoder and statistics.
import type { Endianness } from '../quant/decode/decoder.ts';
import type { Scheme } from '../quant/scheme.ts';
import type { BlockTally } from './blockTally.ts';
import type { Kernel } from './kernel.ts';
import type { Tally } from './tally.ts';

export interface TensorTally {
  /** Adds `count` weights that lie in the input of the kernel from `inputOffset` on: whole rows, but the last may be short. */
  addRows(inputOffset: number, count: number): void;
  /** The smallest and the largest weight since the last time, at `index` and the next; infinities count. */
  takeExtremes(into: Float32Array, index: number): void;
  /** Adds what was added here to each of these tallies of as many columns, and begins anew; without extremes that were taken. */
  moveTo(tallies: readonly Tally[]): void;
  /** What was counted of blocks; begins anew. Null where `StripDecoder.countBlocks` is. */
  takeBlocks(): BlockTally | null;
}

export interface TensorRows {
  readonly scheme: Scheme;
  readonly endianness: Endianness;
  /** Weights of a row, the number of columns: whole blocks and whole bytes. */
  readonly rowWeights: number;
  /** See addToTally. */
  readonly shift: number;
}

/** Null where the scheme has no decoder or rows do not end at a block and a byte. One tensor at a time uses a kernel. */
export function createTensorTally(
  kernel: Kernel,
  { scheme, endianness, rowWeights, shift }: TensorRows,
): TensorTally | null {
  const { blockWeights, blockBytes } = scheme;
  const decoder = kernel.stripDecoder(scheme, endianness);
  if (decoder === null || blockBytes === null) return null;
  const rowBytes = (rowWeights / blockWeights) * blockBytes;
  if (rowWeights === 0 || rowWeights % blockWeights !== 0 || !Number.isInteger(rowBytes)) return null;

  // Short rows go through the kernel together, as if they were one: their columns are folded in the end.
  const rowsPerStrip = Math.max(1, Math.floor(kernel.strip.length / rowWeights));
  const groupWeights = rowsPerStrip * rowWeights;
  const columnCount = Math.min(kernel.columnLimit, groupWeights);
  const { decode, countBlocks } = decoder;
  const codes = kernel.codeCounter(scheme, endianness);
  let scale: number | null = null;
  const addPiece = (inputOffset: number, count: number, firstColumn: number): void => {
    if (codes !== null) {
      codes.add(inputOffset, count, firstColumn % kernel.columnLimit);
      return;
    }
    const blockCount = count / blockWeights;
    decode(inputOffset, blockCount);
    scale ??= scaleOf(kernel.strip.subarray(0, count), shift);
    // A row longer than the kernel has columns begins again at the first one.
    kernel.add(count, firstColumn % kernel.columnLimit, shift, scale);
    countBlocks?.(blockCount);
  };
  const addGroup = (inputOffset: number, count: number): void => {
    for (let column = 0; column < count; column += kernel.strip.length) {
      const piece = Math.min(kernel.strip.length, count - column);
      addPiece(inputOffset + (column / blockWeights) * blockBytes, piece, column);
    }
  };
  return {
    addRows(inputOffset, count) {
      for (let first = 0; first < count; first += groupWeights) {
        addGroup(inputOffset + (first / blockWeights) * blockBytes, Math.min(groupWeights, count - first));
      }
    },
    takeExtremes: (into, index) => (codes ?? kernel).takeExtremes(into, index),
    moveTo: (tallies) =>
      codes === null ? kernel.moveTo(tallies, columnCount) : codes.moveTo(tallies, columnCount, shift),
    takeBlocks: () => countBlocks && kernel.takeBlocks(),
  };
}

/** Far from the exponents of F32 at which fourth powers of it would leave F64. */
const MAX_EXPONENT = 100;
/** Fourth powers of weights that much smaller than the largest are no normal F32, and computing with others is slow. */
const SMALLEST_SHARE = 2 ** -31;
/** Of the weights may be as small: more of them would be slower than F64. */
const SMALL_WEIGHTS = 1 / 64;

/**
 * The power of two that brings the largest of some weights of a tensor near 1, for the sums of powers in the kernel; 0 where they
 * are of too many magnitudes for one.
 */
export function scaleOf(weights: Float32Array, shift: number): number {
  let largest = 0;
  for (let index = 0; index < weights.length; index++) {
    const distance = Math.abs((weights[index] ?? NaN) - shift);
    if (distance > largest && distance < Infinity) largest = distance;
  }
  let small = 0;
  for (let index = 0; index < weights.length; index++) {
    const distance = Math.abs((weights[index] ?? NaN) - shift);
    if (distance > 0 && distance < largest * SMALLEST_SHARE) small++;
  }
  if (small > weights.length * SMALL_WEIGHTS) return 0;
  const exponent = largest === 0 ? 0 : -Math.floor(Math.log2(largest));
  return 2 ** Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, exponent));
}
