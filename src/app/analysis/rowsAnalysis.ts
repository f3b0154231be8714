// The first pass over a range of the rows of a tensor: windows go through the kernel; what it counted can be sent to another thread.
import { notReadable } from '../../core/base/failure.ts';
import {
  addBlocksToTally,
  type BlockTally,
  createBlockTally,
  mergeBlockTally,
} from '../../core/analysis/blockTally.ts';
import { createExpertTally, type ExpertNumbers } from '../../core/analysis/expertTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Origin } from '../../core/analysis/origin.ts';
import { createTally, type Tally } from '../../core/analysis/tally.ts';
import { createTensorTally, type TensorTally } from '../../core/analysis/tensorTally.ts';
import type { ByteSource } from '../../core/formats/byteSource.ts';
import { anatomyOf } from '../../core/quant/anatomy/anatomy.ts';
import { originOf } from './originSample.ts';
import type { TensorData } from './tensorData.ts';
import {
  bytesOf,
  expertEnd,
  firstWeight,
  rowLayout,
  type RowLayout,
  type RowRange,
  spansOf,
  weightsIn,
  windowsOf,
} from './tensorRows.ts';

export type Source = Pick<ByteSource, 'read'>;

/** What a pass over some rows of a tensor found. */
export interface RowsTally {
  readonly range: RowRange;
  /** What the power sums are about. */
  readonly shift: number;
  readonly tally: Tally;
  /** Null for plain numbers. */
  readonly blocks: BlockTally | null;
  /** The smallest and the largest weight of every span, one after the other. Empty of a sample. */
  readonly extremes: Float32Array;
  /** Of the experts in the range; null for tensors of other kinds, and of a sample. */
  readonly experts: ExpertNumbers | null;
  /** Of the tensor, looked for in all of its rows together with its first; else null. */
  readonly origin: Origin | null;
}

/** Bytes between two chances to stop: some milliseconds of work. */
export const WINDOW_BYTES = 2 ** 21;
/** The reference takes about a microsecond a weight. */
const REFERENCE_WINDOW_BYTES = 2 ** 14;
/** The kernel counts in 32 bits. */
const MAX_WEIGHTS_AT_ONCE = 2 ** 31;

/**
 * Yields the bytes done so far after every window; whoever drives it may stop there with `return()`. The kernel serves one
 * analysis at a time.
 * @param range an expert must not lie in two ranges; splitRows sees to it
 * @param shift of shiftOf; the same for all ranges of a tensor
 * @throws Failure not-readable when the file ends before the data does
 */
export function* analyzeRows(
  data: TensorData,
  range: RowRange,
  shift: number,
  source: Source,
  kernel: Kernel,
): Generator<number, RowsTally> {
  const layout = rowLayout(data);
  const spans = [...spansOf(layout, range)];
  const { tensor } = data;
  const pass = createPass(data, layout, shift, kernel);
  const experts = layout.expertRows === null ? null : createExpertTally(layout.rowWeights);
  const sum = createTally(layout.rowWeights);
  const extremes = new Float32Array(2 * spans.length);
  const into = experts === null ? [sum] : [sum, experts.current];
  let index = 0;
  let done = 0;
  try {
    for (const window of windowsOf(spans, layout, tensor.scheme, pass.windowBytes)) {
      done += readRows(
        data,
        layout,
        { from: window[0]?.from ?? 0, to: window.at(-1)?.to ?? 0 },
        source,
        kernel,
      );
      let at = 0;
      for (const span of window) {
        const weights = weightsIn(layout, span);
        pass.add(at, weights, into);
        at += bytesOf(tensor.scheme, weights);
        pass.takeExtremes(extremes, index);
        for (const tally of into) widen(tally, extremes, index);
        index += 2;
        if (experts === null || expertEnd(layout, span.from) !== span.to) continue;
        pass.moveTo(into);
        experts.end((layout.expertRows ?? 0) * layout.rowWeights, shift);
      }
      yield done;
    }
    pass.moveTo(into);
    const blocks = pass.blocks();
    const origin = range.from === 0 ? originOf(data, source) : null;
    return { range, shift, tally: sum, blocks, extremes, experts: experts?.numbers() ?? null, origin };
  } finally {
    pass.leave();
  }
}

/** What the power sums of a tensor are about: 0, or the mean of its first weights where it is large against their spread. */
export function shiftOf({ tensor, endianness }: TensorData, source: Source, kernel: Kernel): number {
  const { scheme, elementCount, byteOffset } = tensor;
  const count = Math.min(elementCount, kernel.strip.length);
  const bytes = kernel.input.subarray(0, Math.ceil(bytesOf(scheme, count)));
  if (source.read(byteOffset, bytes) < bytes.length) throw endsInside(tensor.name);
  kernel.stripDecoder(scheme, endianness)?.decode(0, count / scheme.blockWeights);
  const finite = kernel.strip.subarray(0, count).filter(Number.isFinite);
  if (finite.length === 0) return 0;
  const mean = finite.reduce((sum, weight) => sum + weight, 0) / finite.length;
  const meanSquare = finite.reduce((sum, weight) => sum + weight * weight, 0) / finite.length;
  return mean ** 2 > meanSquare - mean ** 2 ? Math.fround(mean) : 0;
}

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

const endsInside = (name: string) => notReadable(name, 'the file ends inside its data');

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
  const counted = createBlockTally();
  let hasBlocks = false;
  // Of blocks that the reference decodes, as those of big-endian files, the reference counts the parts.
  const byReference =
    kernel.stripDecoder(scheme, endianness)?.countBlocks === null && anatomyOf(scheme, endianness) !== null;
  let [pending, pendingInBlocks] = [0, 0];
  const moveTo = (into: readonly Tally[]): void => {
    tally.moveTo(into);
    pending = 0;
  };
  const moveBlocks = (): void => {
    const blocks = tally.takeBlocks();
    if (blocks !== null) mergeBlockTally(counted, blocks);
    hasBlocks ||= blocks !== null;
    pendingInBlocks = 0;
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
      if (!byReference) return;
      const blockCount = count / scheme.blockWeights;
      addBlocksToTally(counted, scheme, endianness, kernel.input, inputOffset, blockCount);
    },
    moveTo,
    blocks() {
      moveBlocks();
      return hasBlocks || byReference ? counted : null;
    },
    leave() {
      moveTo([]);
      moveBlocks();
    },
  };
}

function widen(tally: Tally, extremes: Float32Array, index: number): void {
  tally.least = Math.min(tally.least, extremes[index] ?? NaN);
  tally.most = Math.max(tally.most, extremes[index + 1] ?? NaN);
}
