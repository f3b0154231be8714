// Everything about the weights of one tensor: two passes over its rows, in one range or in several, and what comes of them.
import { type TensorBins, tensorBins } from '../../core/analysis/bins.ts';
import { type BlockTally, createBlockTally, mergeBlockTally } from '../../core/analysis/blockTally.ts';
import { type ExpertNumbers, joinExperts } from '../../core/analysis/expertTally.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Origin } from '../../core/analysis/origin.ts';
import {
  mergeOutliers,
  type OutlierLimits,
  outlierLimits,
  type Outliers,
  type PlacedWeight,
  withExactCounts,
} from '../../core/analysis/outliers.ts';
import { summarize, type Summary } from '../../core/analysis/summary.ts';
import { createTally, mergeTally, type Tally } from '../../core/analysis/tally.ts';
import type { Tensor } from '../../core/formats/model.ts';
import { analyzeRows, type RowsTally, shiftOf } from './rowsAnalysis.ts';
import type { Source } from './rowsPass.ts';
import { searchRows } from './rowsSearch.ts';
import type { TensorData } from './tensorData.ts';
import { allRows, rowLayout, type RowLayout } from './tensorRows.ts';

export interface TensorAnalysis {
  readonly tensor: Tensor;
  /** Weights of a row of the tensor, the number of input channels. */
  readonly rowWeights: number;
  /** Part of the weights that was read: 1, or less of an estimate. */
  readonly share: number;
  readonly summary: Summary;
  readonly tally: Tally;
  /** Null for plain numbers. */
  readonly blocks: BlockTally | null;
  /** See RowsTally. */
  readonly codeLevels: readonly number[] | null;
  /** Of the histograms of both. */
  readonly bins: TensorBins;
  /** Are the columns of the tally input channels? Not where rows had to be cut. */
  readonly hasChannels: boolean;
  /** Of a tensor of experts; else null. */
  readonly experts: ExpertNumbers | null;
  /** The weights furthest from the mean, the furthest first; null: not looked for, or all weights are the same. */
  readonly worst: readonly PlacedWeight[] | null;
  /** Of plain floats that lie on the grid of a quantized type; null also of an estimate. */
  readonly origin: Origin | null;
}

/** How much of a second pass is wanted. */
export interface AnalysisDepth {
  /** Count outliers exactly from this many σ on. With 6 nearly nothing is read twice. */
  readonly exactBeyond: OutlierLimits['exactBeyond'];
}

/**
 * Yields the bytes of the first pass done so far after every window of either pass; whoever drives it may stop there with
 * `return()`. The kernel serves one analysis at a time.
 * @throws Failure not-readable when the file ends before the data does
 */
export function* analyzeTensor(
  data: TensorData,
  source: Source,
  kernel: Kernel,
  { exactBeyond }: AnalysisDepth = { exactBeyond: 3 },
): Generator<number, TensorAnalysis> {
  const part = yield* analyzeRows(data, allRows(data), shiftOf(data, source, kernel), source, kernel);
  const analysis = joinParts(data, [part]);
  const limits = searchLimits(analysis, exactBeyond);
  if (limits === null) return analysis;
  const search = searchRows(data, part, limits, source, kernel);
  for (;;) {
    const step = search.next();
    if (step.done === true) return withOutliers(analysis, limits, [step.value]);
    yield data.tensor.byteLength ?? 0;
  }
}

/**
 * The analysis after the first pass: outliers are estimates, the worst are not known.
 * @param parts all rows of the tensor, in their order, about the same shift
 */
export function joinParts(data: TensorData, parts: readonly RowsTally[]): TensorAnalysis {
  const layout = rowLayout(data);
  const shift = parts[0]?.shift ?? 0;
  const { tally, blocks } =
    parts.length === 1 && parts[0] !== undefined ? parts[0] : mergedParts(parts, layout);
  const bins = tensorBins(tally, blocks);
  const experts = parts.flatMap((part) => part.experts ?? []);
  return {
    tensor: data.tensor,
    rowWeights: data.rowWeights,
    share: 1,
    summary: summarize(tally, shift, bins.values),
    tally,
    blocks,
    codeLevels: parts[0]?.codeLevels ?? null,
    bins,
    hasChannels: layout.isOwn,
    experts: experts.length > 0 ? joinExperts(experts) : null,
    worst: null,
    origin: parts[0]?.origin ?? null,
  };
}

function mergedParts(
  parts: readonly RowsTally[],
  { columnCount }: RowLayout,
): Pick<RowsTally, 'tally' | 'blocks'> {
  const [tally, blocks] = [createTally(columnCount), createBlockTally()];
  for (const part of parts) {
    mergeTally(tally, part.tally);
    if (part.blocks !== null) mergeBlockTally(blocks, part.blocks);
  }
  return { tally, blocks: parts.some((part) => part.blocks !== null) ? blocks : null };
}

/** What the second pass over all parts looks for; null where there is nothing to look for: the weights have no spread. */
export const searchLimits = (
  { summary, bins }: TensorAnalysis,
  exactBeyond: OutlierLimits['exactBeyond'],
): OutlierLimits | null => outlierLimits(summary, bins.values, exactBeyond);

/** The analysis after the second pass. @param found in all parts by the same limits */
export function withOutliers(
  analysis: TensorAnalysis,
  limits: OutlierLimits,
  found: readonly Outliers[],
): TensorAnalysis {
  const outliers = mergeOutliers(found, limits);
  return { ...analysis, summary: withExactCounts(analysis.summary, outliers), worst: outliers.worst };
}
