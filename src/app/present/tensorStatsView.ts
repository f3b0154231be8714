// What one pass counted, as the panel of a tensor shows it.
import { type Bins, evenBins } from '../../core/analysis/bins.ts';
import { OUTLIER_CHANNEL_FACTOR } from '../../core/analysis/outliers.ts';
import { OUTLIER_SIGMAS, QUANTILE_SHARES, type Summary } from '../../core/analysis/summary.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Tensor } from '../../core/formats/model.ts';
import type { ChannelProfile, Histogram, StatsSummary, TensorStatsView } from '../../protocol/tensorStats.ts';
import type { TensorAnalysis } from '../analysis/tensorAnalysis.ts';
import { codeUse } from './codeUse.ts';
import { shownName } from './tensorColumns.ts';

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

/** The part of a view that becomes numbers of the analysis of a model: of an estimate nothing else is kept. */
export type NumbersView = Pick<
  TensorStatsView,
  'share' | 'summary' | 'zeroScales' | 'nonFiniteScales' | 'codes' | 'channels'
>;

/** Without channels. */
export const numbersView = ({
  tensor,
  summary,
  blocks,
  codeLevels,
  bins,
  share,
}: TensorAnalysis): NumbersView => ({
  share,
  summary: share < 1 ? estimatedSummary(summary, tensor) : statsSummary(summary),
  zeroScales: bins.scales?.zeros ?? 0,
  nonFiniteScales: bins.scales?.nonFinite ?? 0,
  codes:
    blocks === null || hasNoCodes(tensor, codeLevels)
      ? null
      : codeUse(tensor.scheme, blocks.levels, codeLevels),
  channels: null,
});

/** Of a packed matrix whose codes are those of whole vectors. */
const hasNoCodes = ({ packed }: Tensor, codeLevels: TensorAnalysis['codeLevels']): boolean =>
  packed !== null && codeLevels === null;

export function tensorStatsView(analysis: TensorAnalysis, milliseconds: number): TensorStatsView {
  const { tensor, summary, tally, bins, hasChannels, share, experts, origin } = analysis;
  return {
    ...unavailableStats(tensor, null),
    ...numbersView(analysis),
    worst: worstWeights(analysis),
    experts,
    origin,
    values: valueHistogram(bins.values, summary.std === 0),
    scales: bins.scales && magnitudeHistogram(bins.scales),
    mins: bins.mins && magnitudeHistogram(bins.mins),
    channels: hasChannels && tally.columns.length > 1 ? channelProfile(tally.columns) : null,
    milliseconds,
    bytes: Math.round((tensor.byteLength ?? 0) * share),
  };
}

/** No numbers, and why. */
export function unavailableStats(tensor: Tensor, why: string | null): TensorStatsView {
  return {
    name: shownName(tensor.name),
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
function valueHistogram(bins: Bins, isConstant: boolean): Histogram | null {
  let [low, high] = [bins.low[0], bins.high.at(-1)];
  if (low === undefined || high === undefined) return null;
  if (isConstant) {
    const around = Math.max(Math.abs(low), Math.abs(high)) > 1e-30 ? Math.abs(low + high) / 4 : 1;
    [low, high] = [low - around, high + around];
  }
  return { low, high, counts: evenBins(bins, low, high, VALUE_BINS) };
}

/** Even bins of log2 of the magnitudes, zeros left out; null where there are none. */
function magnitudeHistogram({ low: lows, high: highs, count }: Bins): Histogram | null {
  // The edges of a bin are ordered as its numbers are, not as their magnitudes.
  const nearest = (bin: number): number => Math.min(Math.abs(lows[bin] ?? NaN), Math.abs(highs[bin] ?? NaN));
  const furthest = (bin: number): number => Math.max(Math.abs(lows[bin] ?? NaN), Math.abs(highs[bin] ?? NaN));
  let [least, most] = [Infinity, 0];
  for (let bin = 0; bin < count.length; bin++) {
    if (nearest(bin) === 0) continue;
    least = Math.min(least, nearest(bin));
    most = Math.max(most, furthest(bin));
  }
  if (most === 0) return null;
  let [low, high] = [Math.log2(least), Math.log2(most)];
  const missing = Math.max(0, MIN_OCTAVES - (high - low)) / 2;
  [low, high] = [low - missing, high + missing];
  const counts = new Float64Array(SCALE_BINS);
  const width = (high - low) / SCALE_BINS;
  for (let bin = 0; bin < count.length; bin++) {
    if (nearest(bin) === 0) continue;
    const middle = (Math.log2(nearest(bin)) + Math.log2(furthest(bin))) / 2;
    const place = Math.min(SCALE_BINS - 1, Math.floor((middle - low) / width));
    counts[place] = (counts[place] ?? 0) + (count[bin] ?? 0);
  }
  return { low, high, counts };
}

export function channelProfile(columns: Float32Array): ChannelProfile {
  const perPoint = Math.ceil(columns.length / MAX_CHANNEL_POINTS);
  const maxima = new Float32Array(Math.ceil(columns.length / perPoint));
  for (let point = 0; point < maxima.length; point++) {
    let largest = 0;
    const end = Math.min(columns.length, (point + 1) * perPoint);
    for (let channel = point * perPoint; channel < end; channel++)
      largest = Math.max(largest, columns[channel] ?? 0);
    maxima[point] = largest;
  }
  const median = middleOf(columns);
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

/** Upper bits of an F32 by which magnitudes are sorted first: an eighth of an octave. */
const SORTED_BITS = 12;

/** The one in the middle of these magnitudes; 0 of none. Only those of about its size are sorted. */
function middleOf(magnitudes: Float32Array): number {
  const patterns = new Uint32Array(magnitudes.buffer, magnitudes.byteOffset, magnitudes.length);
  const counts = new Uint32Array(2 ** SORTED_BITS);
  for (let index = 0; index < patterns.length; index++) {
    const place = (patterns[index] as number) >>> (32 - SORTED_BITS);
    counts[place] = (counts[place] as number) + 1;
  }
  let [place, rank] = [0, magnitudes.length >> 1];
  while (rank >= (counts[place] ?? Infinity)) rank -= counts[place++] as number;
  const near = magnitudes.filter(
    (_magnitude, index) => (patterns[index] as number) >>> (32 - SORTED_BITS) === place,
  );
  return near.sort()[rank] ?? 0;
}
