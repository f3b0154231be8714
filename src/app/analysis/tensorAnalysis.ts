// One pass over the data of a tensor: windows of whole rows go through the kernel; what it counted is the analysis.
import { notReadable } from '../../core/base/failure.ts';
import {
  addBlocksToTally,
  type BlockTally,
  createBlockTally,
  mergeBlockTally,
} from '../../core/analysis/blockTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import { summarize, type Summary } from '../../core/analysis/summary.ts';
import { createTally, mergeTally, type Tally } from '../../core/analysis/tally.ts';
import { createTensorTally } from '../../core/analysis/tensorTally.ts';
import type { ByteSource } from '../../core/formats/byteSource.ts';
import type { Tensor } from '../../core/formats/model.ts';
import { anatomyOf } from '../../core/quant/anatomy/anatomy.ts';
import { rowsOf, type TensorData } from './tensorData.ts';

export interface TensorAnalysis {
  readonly tensor: Tensor;
  readonly summary: Summary;
  readonly tally: Tally;
  /** Null for plain numbers. */
  readonly blocks: BlockTally | null;
  /** Are the columns of the tally input channels? Not where rows had to be cut. */
  readonly hasChannels: boolean;
}

/** Bytes between two chances to stop: some milliseconds of work. */
const WINDOW_BYTES = 2 ** 21;
/** Longer rows are cut: a window is at least a row. */
const MAX_ROW_BYTES = 2 ** 23;
/** The reference takes about a microsecond a weight. */
const REFERENCE_WINDOW_BYTES = 2 ** 14;
/** The kernel counts in 32 bits. */
const MAX_WEIGHTS_AT_ONCE = 2 ** 31;

/**
 * Yields the bytes done so far after every window; whoever drives it may stop there with `return()`. The kernel serves one
 * analysis at a time.
 * @throws Failure not-readable when the file ends before the data does
 */
export function* analyzeTensor(
  { tensor, endianness, rowWeights }: TensorData,
  source: Pick<ByteSource, 'read'>,
  kernel: Kernel,
): Generator<number, TensorAnalysis> {
  const { scheme, byteOffset, elementCount } = tensor;
  const bytesOf = (weights: number): number => (weights / scheme.blockWeights) * (scheme.blockBytes ?? 0);
  const read = (at: number, count: number): void => {
    if (source.read(byteOffset + at, kernel.input.subarray(0, count)) < count)
      throw notReadable(tensor.name, 'the file ends inside its data');
  };
  const decoder = kernel.stripDecoder(scheme, endianness);
  if (decoder === null) throw new RangeError(`There is no decoder for ${scheme.name}.`);
  // Of blocks that the reference decodes, as those of big-endian files, the reference counts the parts.
  const byReference = decoder.countBlocks === null && anatomyOf(scheme, endianness) !== null;
  const referenceBlocks = createBlockTally();
  const rows = rowsOf(scheme, rowWeights, elementCount, MAX_ROW_BYTES);
  const windowBytes = byReference ? REFERENCE_WINDOW_BYTES : WINDOW_BYTES;

  const firstWeights = Math.min(elementCount, kernel.strip.length);
  read(0, Math.ceil(bytesOf(firstWeights)));
  decoder.decode(0, firstWeights / scheme.blockWeights);
  const shift = shiftOf(kernel.strip.subarray(0, firstWeights));

  const sum = createTally(rows.rowWeights);
  let blocks: BlockTally | null = byReference ? referenceBlocks : null;
  let done = 0;
  for (const part of [rows, ...(rows.rest === 0 ? [] : [{ rowWeights: rows.rest, rowCount: 1 }])]) {
    const tally = createTensorTally(kernel, { scheme, endianness, rowWeights: part.rowWeights, shift });
    if (tally === null) throw new RangeError(`Rows of ${part.rowWeights} weights of type ${scheme.name}.`);
    const rowBytes = bytesOf(part.rowWeights);
    const rowsAtOnce = Math.max(1, Math.floor(windowBytes / rowBytes));
    let pending = 0;
    const takeAll = (): void => {
      const taken = tally.take();
      pending = 0;
      mergeTally(sum, taken.tally);
      if (taken.blocks === null) return;
      if (blocks === null) blocks = taken.blocks;
      else mergeBlockTally(blocks, taken.blocks);
    };
    try {
      for (let row = 0; row < part.rowCount; row += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, part.rowCount - row);
        const weights = count * part.rowWeights;
        read(done, count * rowBytes);
        if (pending + weights > MAX_WEIGHTS_AT_ONCE) takeAll();
        tally.addRows(0, count);
        if (byReference)
          addBlocksToTally(
            referenceBlocks,
            scheme,
            endianness,
            kernel.input,
            0,
            weights / scheme.blockWeights,
          );
        pending += weights;
        done += count * rowBytes;
        yield done;
      }
    } finally {
      takeAll(); // also when it is stopped: the kernel is left empty
    }
  }
  const hasChannels = rows.rest === 0 && rows.rowWeights === rowWeights && rowWeights <= kernel.columnLimit;
  return { tensor, summary: summarize(sum, shift), tally: sum, blocks, hasChannels };
}

/** What the power sums are about: 0, or the mean of the first weights where it is large against their spread. */
function shiftOf(firstWeights: Float32Array): number {
  const finite = firstWeights.filter(Number.isFinite);
  if (finite.length === 0) return 0;
  const mean = finite.reduce((sum, weight) => sum + weight, 0) / finite.length;
  const meanSquare = finite.reduce((sum, weight) => sum + weight * weight, 0) / finite.length;
  return mean ** 2 > meanSquare - mean ** 2 ? Math.fround(mean) : 0;
}
