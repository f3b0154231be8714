// Everything about the weights of one tensor: two passes over its rows, in one range or in several, and what comes of them.
import { type BlockTally, createBlockTally, mergeBlockTally } from '../../core/analysis/blockTally.ts';
import { type ExpertNumbers, joinExperts } from '../../core/analysis/expertTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import { summarize, type Summary } from '../../core/analysis/summary.ts';
import { createTally, mergeTally, type Tally } from '../../core/analysis/tally.ts';
import type { Tensor } from '../../core/formats/model.ts';
import { analyzeRows, type RowsTally, shiftOf, type Source } from './rowsAnalysis.ts';
import type { TensorData } from './tensorData.ts';
import { allRows, rowLayout } from './tensorRows.ts';

export interface TensorAnalysis {
  readonly tensor: Tensor;
  readonly summary: Summary;
  readonly tally: Tally;
  /** Null for plain numbers. */
  readonly blocks: BlockTally | null;
  /** Are the columns of the tally input channels? Not where rows had to be cut. */
  readonly hasChannels: boolean;
  /** Of a tensor of experts; else null. */
  readonly experts: ExpertNumbers | null;
}

/**
 * Yields the bytes done so far after every window; whoever drives it may stop there with `return()`. The kernel serves one
 * analysis at a time.
 * @throws Failure not-readable when the file ends before the data does
 */
export function* analyzeTensor(
  data: TensorData,
  source: Source,
  kernel: Kernel,
): Generator<number, TensorAnalysis> {
  const shift = shiftOf(data, source, kernel);
  const part = yield* analyzeRows(data, allRows(data), shift, source, kernel);
  return finishAnalysis(data, [part]);
}

/** @param parts all rows of the tensor, in their order, about the same shift */
export function finishAnalysis(data: TensorData, parts: readonly RowsTally[]): TensorAnalysis {
  const layout = rowLayout(data);
  const shift = parts[0]?.shift ?? 0;
  const [tally, blocks] = [createTally(layout.rowWeights), createBlockTally()];
  for (const part of parts) {
    mergeTally(tally, part.tally);
    if (part.blocks !== null) mergeBlockTally(blocks, part.blocks);
  }
  const experts = parts.flatMap((part) => part.experts ?? []);
  return {
    tensor: data.tensor,
    summary: summarize(tally, shift),
    tally,
    blocks: parts.some((part) => part.blocks !== null) ? blocks : null,
    hasChannels: layout.isOwn,
    experts: experts.length > 0 ? joinExperts(experts) : null,
  };
}
