// The numbers of a tensor as one row of the analysis of its model, and rows as columns for the wire.
import { type Bins, eachBin } from '../../core/analysis/bins.ts';
import { OUTLIER_CHANNEL_FACTOR } from '../../core/analysis/outliers.ts';
import {
  QUANTILE_LEVELS,
  STATS_KNOWN,
  STATS_NUMBERS,
  type StatsColumns,
  type StatsNumber,
} from '../../protocol/analysis.ts';
import type { StatsSummary } from '../../protocol/tensorStats.ts';
import type { TensorAnalysis } from '../analysis/tensorAnalysis.ts';
import type { NumbersView } from './tensorStatsView.ts';

/** What the analysis of a model keeps of a tensor. */
export interface TensorNumbers {
  readonly known: (typeof STATS_KNOWN)[number];
  /** In the order of STATS_NUMBERS; NaN: not known. */
  readonly numbers: Float64Array;
  /** At QUANTILE_LEVELS. */
  readonly quantiles: Float32Array;
  /** Null where columns are no input channels, and in estimates. */
  readonly channels: OutlierChannels | null;
}

export interface OutlierChannels {
  /** How many input channels the tensor has. */
  readonly width: number;
  /** The strongest first, at most MAX_KEPT_CHANNELS. */
  readonly channel: Uint32Array;
  /** Their largest |w| over that of the median channel. */
  readonly ratio: Float32Array;
}

/** Of a tensor with more outlier channels the others are counted and not kept. */
export const MAX_KEPT_CHANNELS = 64;
/** A row has 185 bytes: a page stays below 1 MiB. */
const PAGE_ROWS = 4096;

/** @param view of the same analysis */
export function tensorNumbers(analysis: TensorAnalysis, view: NumbersView): TensorNumbers {
  const { summary } = view;
  if (summary === null) return UNAVAILABLE;
  const isExact = view.share === 1;
  const { columns } = analysis.tally;
  // A vector has a weight for each channel, not an input of them.
  const profile = isExact && columns.length < summary.count ? view.channels : null;
  const known: Record<StatsNumber, number | null | undefined> = {
    ...momentsOf(summary),
    ...beyondOf(summary),
    scaleRange: analysis.bins.scales === null || !isExact ? NaN : octavesOf(analysis.bins.scales),
    zeroScales: analysis.blocks === null || !isExact ? NaN : view.zeroScales,
    nonFiniteScales: analysis.blocks === null || !isExact ? NaN : view.nonFiniteScales,
    entropy: view.codes?.entropyBits,
    codeBits: view.codes?.nominalBits,
    outlierChannels: profile?.outlierCount,
  };
  const quantiles = new Float32Array(QUANTILE_LEVELS.length).fill(NaN);
  summary.quantiles.forEach(({ value }, index) => (quantiles[index] = value));
  return {
    known: isExact ? 'exact' : 'estimate',
    numbers: Float64Array.from(STATS_NUMBERS, (name) => known[name] ?? NaN),
    quantiles,
    channels: profile && outlierChannels(columns, profile.median),
  };
}

/** Of a tensor whose data cannot be had. */
export const UNAVAILABLE: TensorNumbers = {
  known: 'unavailable',
  numbers: new Float64Array(STATS_NUMBERS.length).fill(NaN),
  quantiles: new Float32Array(QUANTILE_LEVELS.length).fill(NaN),
  channels: null,
};

function momentsOf(summary: StatsSummary) {
  const { mean, std, min, max, absMax, skewness, excessKurtosis, zeros, nonFinite } = summary;
  return { mean, std, min, max, absMax, skewness, kurtosis: excessKurtosis, zeros, nonFinite };
}

function beyondOf({ outliers, count }: StatsSummary) {
  const share = (sigmas: number): number =>
    (outliers.find((item) => item.sigmas === sigmas)?.count ?? NaN) / count;
  return { beyond3: share(3), beyond6: share(6), beyond20: share(20) };
}

/** log2 of the largest over the smallest magnitude that is not zero, by the lower edges of their bins: to about 0.01. */
function octavesOf(scales: Bins): number {
  let [least, most] = [Infinity, 0];
  eachBin(scales, (low, high) => {
    const magnitude = Math.min(Math.abs(low), Math.abs(high));
    if (magnitude === 0) return;
    least = Math.min(least, magnitude);
    most = Math.max(most, magnitude);
  });
  return most === 0 ? NaN : Math.log2(most / least);
}

/** @param columns largest magnitude of every input channel @param median of them */
function outlierChannels(columns: Float32Array, median: number): OutlierChannels {
  const found: { readonly channel: number; readonly ratio: number }[] = [];
  for (let channel = 0; channel < columns.length; channel++) {
    const absMax = columns[channel] ?? 0;
    if (median > 0 && absMax > OUTLIER_CHANNEL_FACTOR * median) {
      found.push({ channel, ratio: absMax / median });
    }
  }
  const strongest = found.sort((a, b) => b.ratio - a.ratio).slice(0, MAX_KEPT_CHANNELS);
  return {
    width: columns.length,
    channel: Uint32Array.from(strongest, ({ channel }) => channel),
    ratio: Float32Array.from(strongest, ({ ratio }) => ratio),
  };
}

export interface NumberedRow {
  readonly row: number;
  /** When its numbers came. */
  readonly serial: number;
  readonly numbers: TensorNumbers;
}

/** The first rows of these, as many as fit a message. @param rows in the order of their serials */
export function statsColumns(rows: readonly NumberedRow[], since: number): StatsColumns {
  const page = rows.slice(0, PAGE_ROWS);
  const columns = Object.fromEntries(
    STATS_NUMBERS.map((name, index) => [
      name,
      Float64Array.from(page, ({ numbers }) => numbers.numbers[index] ?? NaN),
    ]),
  ) as Record<StatsNumber, Float64Array>;
  const quantiles = new Float32Array(page.length * QUANTILE_LEVELS.length);
  page.forEach(({ numbers }, index) => quantiles.set(numbers.quantiles, index * QUANTILE_LEVELS.length));
  return {
    ...columns,
    serial: page.at(-1)?.serial ?? since,
    more: rows.length > page.length,
    count: page.length,
    row: Uint32Array.from(page, ({ row }) => row),
    known: Uint8Array.from(page, ({ numbers }) => STATS_KNOWN.indexOf(numbers.known)),
    quantiles,
  };
}
