// What every pass over rows of a tensor does: reads whole rows into the kernel and adds them there, as often as the kernel is full.
import { notReadable } from '../../core/base/failure.ts';
import {
  addBlocksToTally,
  type BlockTally,
  createBlockTally,
  mergeBlockTally,
} from '../../core/analysis/blockTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Tally } from '../../core/analysis/tally.ts';
import { createTensorTally, type TensorTally } from '../../core/analysis/tensorTally.ts';
import { anatomyOf } from '../../core/quant/anatomy/anatomy.ts';
import type { TensorData } from './tensorData.ts';
import { bytesOf, firstWeight, type RowLayout, type RowRange, weightsIn } from './tensorRows.ts';

export interface Source {
  /** See ByteSource. @param file index into Model.files; of packed matrices, whose parts may be in several. Default: that of the tensor */
  read(offset: number, target: Uint8Array, file?: number): number;
}

/** Bytes between two chances to stop. They lie in the cache of the processor beside the tables of the kernel. */
export const WINDOW_BYTES = 2 ** 19;
/** The reference takes about a microsecond a weight. */
const REFERENCE_WINDOW_BYTES = 2 ** 14;
/** The kernel counts in 32 bits. */
export const MAX_WEIGHTS_AT_ONCE = 2 ** 31;

/** Reads rows to an offset in the input of the kernel. Answers how many bytes they are. */
export function readRows(
  { tensor }: TensorData,
  layout: RowLayout,
  rows: RowRange,
  source: Source,
  kernel: Kernel,
  inputOffset = 0,
): number {
  const byteLength = bytesOf(tensor.scheme, weightsIn(layout, rows));
  const byteOffset = tensor.byteOffset + bytesOf(tensor.scheme, firstWeight(layout, rows.from));
  if (source.read(byteOffset, kernel.input.subarray(inputOffset, inputOffset + byteLength)) < byteLength)
    throw endsInside(tensor.name);
  return byteLength;
}

export const endsInside = (name: string) => notReadable(name, 'the file ends inside its data');

export interface Pass extends Pick<TensorTally, 'takeExtremes'> {
  readonly windowBytes: number;
  /** Adds weights that lie in the input of the kernel; to `tallies` only when the kernel is full. */
  add(inputOffset: number, count: number, tallies: readonly Tally[]): void;
  /** Adds to each of these tallies what the kernel holds. */
  moveTo(tallies: readonly Tally[]): void;
  /** What was counted of blocks. */
  blocks(): BlockTally | null;
  /** The kernel is empty afterwards; also when the pass was stopped. */
  leave(): void;
}

/** A pass over rows of a tensor, in whatever order. */
export function createPass(
  { tensor: { scheme }, endianness }: TensorData,
  { rowWeights }: RowLayout,
  shift: number,
  kernel: Kernel,
): Pass {
  const tally = createTensorTally(kernel, { scheme, endianness, rowWeights, shift });
  if (tally === null) throw new RangeError(`Rows of ${rowWeights} weights of type ${scheme.name}.`);
  // Of blocks that the reference decodes, as those of big-endian files, the reference counts the parts.
  const byReference =
    kernel.stripDecoder(scheme, endianness)?.countBlocks === null && anatomyOf(scheme, endianness) !== null;
  const counted = byReference ? createBlockTally() : null;
  let taken: BlockTally | null = null;
  let [pending, pendingInBlocks] = [0, 0];
  const moveTo = (into: readonly Tally[]): void => {
    tally.moveTo(into);
    pending = 0;
  };
  const moveBlocks = (): void => {
    if (pendingInBlocks === 0) return; // to look into empty tables takes as long as into full ones
    pendingInBlocks = 0;
    const blocks = tally.takeBlocks();
    if (taken === null || blocks === null) taken ??= blocks;
    else mergeBlockTally(taken, blocks);
  };
  return {
    windowBytes: byReference ? REFERENCE_WINDOW_BYTES : WINDOW_BYTES,
    takeExtremes: tally.takeExtremes,
    add(inputOffset, count, into) {
      if (pending + count > MAX_WEIGHTS_AT_ONCE) moveTo(into);
      if (pendingInBlocks + count > MAX_WEIGHTS_AT_ONCE) moveBlocks();
      tally.addRows(inputOffset, count);
      pending += count;
      pendingInBlocks += count;
      if (counted === null) return;
      const blockCount = count / scheme.blockWeights;
      addBlocksToTally(counted, scheme, endianness, kernel.input, inputOffset, blockCount);
    },
    moveTo,
    blocks() {
      moveBlocks();
      return counted ?? taken;
    },
    leave() {
      moveTo([]);
      moveBlocks();
    },
  };
}
