// What one pass counted, as the panel of a tensor shows it.
import { eachBin, evenBins, zeroCount, nonFiniteCount } from '../../core/analysis/bins.ts';
import type { BlockTally } from '../../core/analysis/blockTally.ts';
import { OUTLIER_CHANNEL_FACTOR } from '../../core/analysis/outliers.ts';
import { OUTLIER_SIGMAS, QUANTILE_SHARES, type Summary } from '../../core/analysis/summary.ts';
import type { Counts } from '../../core/analysis/tally.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Tensor } from '../../core/formats/model.ts';
import type { ChannelProfile, Histogram, StatsSummary, TensorStatsView } from '../../protocol/tensorStats.ts';
import type { TensorAnalysis } from '../analysis/tensorAnalysis.ts';
import { codeUse } from './codeUse.ts';

/** Finer than a panel is wide, so that the page can zoom into a part of it. */
const VALUE_BINS = 4096;
const SCALE_BINS = 96;
/** Fewer octaves would make bins as narrow as those of the tally, of which some hold two and some none. */
const MIN_OCTAVES = 2;
/** Points of a channel profile: as many as a wide panel has pixels. */
const MAX_CHANNEL_POINTS = 2048;
const MAX_OUTLIER_CHANNELS = 20;
/** Share of a normal distribution beyond 3, 6 and 20 standard deviations: erfc(k / √2). */
const NORMAL_SHARES = { 3: 2.699796e-3, 6: 1.973175e-9, 20: 5.507248e-89 } as const;

export function tensorStatsView(analysis: TensorAnalysis, milliseconds: number): TensorStatsView {
  const { tensor, summary, tally, blocks, hasChannels, share, experts, origin } = analysis;
  return {
    ...unavailableStats(tensor, null),
    share,
    summary: share < 1 ? estimatedSummary(summary, tensor) : statsSummary(summary),
    worst: worstWeights(analysis),
    experts,
    origin,
    values: valueHistogram(tally.histogram, summary.std === 0),
    ...scaleViews(blocks),
    codes: blocks === null ? null : codeUse(tensor.scheme, blocks.levels),
    channels: hasChannels && tally.columns.length > 1 ? channelProfile(tally.columns) : null,
    milliseconds,
    bytes: Math.round((tensor.byteLength ?? 0) * share),
  };
}

/** No numbers, and why. */
export function unavailableStats(tensor: Tensor, why: string | null): TensorStatsView {
  return {
    name: visibleText(tensor.name),
    type: visibleText(tensor.scheme.name),
    unavailable: why,
    share: 1,
    summary: null,
    worst: null,
    experts: null,
    origin: null,
    values: null,
    scales: null,
    zeroScales: 0,
    nonFiniteScales: 0,
    mins: null,
    codes: null,
    channels: null,
    milliseconds: 0,
    bytes: 0,
  };
}

function statsSummary({ outliers, quantiles, ...summary }: Summary): StatsSummary {
  return {
    ...summary,
    outliers:
      outliers === null
        ? []
        : OUTLIER_SIGMAS.map((sigmas) => ({
            sigmas,
            count: outliers[sigmas].estimate,
            isExact: outliers[sigmas].least === outliers[sigmas].most,
            normalShare: NORMAL_SHARES[sigmas],
          })),
    quantiles: (quantiles ?? []).map((value, index) => ({ share: QUANTILE_SHARES[index] ?? NaN, value })),
  };
}

/** What a sample does not tell is null, or left out: extremes, rare weights, and what hangs on them. */
function estimatedSummary(summary: Summary, { elementCount }: Tensor): StatsSummary {
  const { outliers, ...rest } = statsSummary(summary);
  const unknown = { nonFinite: null, zeros: null, min: null, max: null, absMax: null };
  return {
    ...rest,
    ...unknown,
    count: elementCount,
    skewness: null,
    excessKurtosis: null,
    outliers: outliers
      .filter(({ sigmas }) => sigmas === 3)
      .map((outlier) => ({ ...outlier, isExact: false })),
  };
}

function worstWeights({ tensor, rowWeights, summary, worst }: TensorAnalysis): TensorStatsView['worst'] {
  const { mean, std } = summary;
  if (worst === null || mean === null || std === null) return null;
  const { shape } = tensor;
  const expertRows = shape.length === 3 ? (shape[1] ?? 1) : null; // the middle one in the order of either container
  return worst.map(({ index, value }) => {
    const row = Math.floor(index / rowWeights);
    return {
      row: expertRows === null ? row : row % expertRows,
      column: index % rowWeights,
      expert: expertRows === null ? -1 : Math.floor(row / expertRows),
      value,
      sigmas: (value - mean) / std,
    };
  });
}

/** From the lower edge of the first bin that is used to the upper one of the last, so that nothing at the ends is lost. */
function valueHistogram(histogram: Counts, isConstant: boolean): Histogram | null {
  let [low, high] = [Infinity, -Infinity];
  eachBin(histogram, (from, to) => {
    low = Math.min(low, from);
    high = Math.max(high, to);
  });
  if (low > high) return null;
  if (isConstant) {
    const around = Math.max(Math.abs(low), Math.abs(high)) > 1e-30 ? Math.abs(low + high) / 4 : 1;
    [low, high] = [low - around, high + around];
  }
  return { low, high, counts: evenBins(histogram, low, high, VALUE_BINS) };
}

function scaleViews(
  blocks: BlockTally | null,
): Pick<TensorStatsView, 'scales' | 'mins' | 'zeroScales' | 'nonFiniteScales'> {
  if (blocks === null) return { scales: null, mins: null, zeroScales: 0, nonFiniteScales: 0 };
  const { scales, mins } = blocks;
  return {
    scales: magnitudeHistogram(scales),
    mins: magnitudeHistogram(mins),
    zeroScales: zeroCount(scales),
    nonFiniteScales: nonFiniteCount(scales),
  };
}

/** Even bins of log2 of the magnitudes, zeros left out; null where there are none. */
function magnitudeHistogram(histogram: Counts): Histogram | null {
  const octaves: { readonly from: number; readonly to: number; readonly count: number }[] = [];
  eachBin(histogram, (low, high, count) => {
    const [least, most] = [Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))];
    if (least > 0) octaves.push({ from: Math.log2(least), to: Math.log2(most), count });
  });
  if (octaves.length === 0) return null;
  let low = octaves.reduce((least, { from }) => Math.min(least, from), Infinity);
  let high = octaves.reduce((most, { to }) => Math.max(most, to), -Infinity);
  const missing = Math.max(0, MIN_OCTAVES - (high - low)) / 2;
  [low, high] = [low - missing, high + missing];
  const counts = new Float64Array(SCALE_BINS);
  const width = (high - low) / SCALE_BINS;
  for (const { from, to, count } of octaves) {
    const bin = Math.min(SCALE_BINS - 1, Math.floor(((from + to) / 2 - low) / width));
    counts[bin] = (counts[bin] ?? 0) + count;
  }
  return { low, high, counts };
}

/** @param columns a magnitude for every input channel */
export function channelProfile(columns: Float32Array): ChannelProfile {
  const perPoint = Math.ceil(columns.length / MAX_CHANNEL_POINTS);
  const maxima = new Float32Array(Math.ceil(columns.length / perPoint));
  for (let channel = 0; channel < columns.length; channel++) {
    const point = Math.floor(channel / perPoint);
    maxima[point] = Math.max(maxima[point] ?? 0, columns[channel] ?? 0);
  }
  const median = columns.toSorted()[columns.length >> 1] ?? 0;
  const outliers: { readonly channel: number; readonly absMax: number }[] = [];
  for (let channel = 0; median > 0 && channel < columns.length; channel++) {
    const absMax = columns[channel] ?? 0;
    if (absMax > OUTLIER_CHANNEL_FACTOR * median) outliers.push({ channel, absMax });
  }
  outliers.sort((a, b) => b.absMax - a.absMax);
  return {
    channelCount: columns.length,
    maxima,
    perPoint,
    median,
    outliers: outliers.slice(0, MAX_OUTLIER_CHANNELS),
    outlierCount: outliers.length,
  };
}
