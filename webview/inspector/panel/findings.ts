// What the charts of a tensor say, in words: the second half of their titles.
import { formatCount, formatFixed, formatPercent, plural } from '../../../src/core/base/units.ts';
import type {
  ChannelProfile,
  CodeUse,
  Histogram,
  StatsSummary,
  TensorStatsView,
} from '../../../src/protocol/tensorStats.ts';
import { rebin } from '../../shared/charts/bins.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';
import { OUTLIER_MEDIANS } from '../../shared/charts/profilePlot.ts';
import type { Range } from '../../shared/charts/zoom.ts';

/** "; estimate from 1/64 of the rows", behind what was found in a sample; '' for exact numbers. */
export const estimateText = ({ share }: Pick<TensorStatsView, 'share'>): string =>
  share < 1 ? `estimate from 1/${formatCount(1 / share)} of the rows` : '';

/** "1,046 beyond 3σ (0.53 %; a normal distribution: 0.27 %)". */
export function valueFinding({ summary, share }: Pick<TensorStatsView, 'summary' | 'share'>): string {
  if (summary === null) return '';
  const { outliers, count, nonFinite, std, min } = summary;
  if (std === 0 && share === 1)
    return min === null ? 'all weights are the same' : `all weights are ${formatNumber(min)}`;
  const beyond = outliers.find(({ sigmas }) => sigmas === 3);
  if (beyond === undefined || !Number.isFinite(beyond.count)) return estimateText({ share });
  const finite = Math.max(1, count - (nonFinite ?? 0));
  const percent = formatPercent(beyond.count / finite);
  // As long as the exact words, so that nothing moves when they come.
  if (share < 1) return `≈ ${percent} % beyond 3σ; ${estimateText({ share })}`;
  const about = beyond.isExact ? '' : '≈ ';
  return `${about}${formatCount(beyond.count)} beyond 3σ (${percent} %; a normal distribution: ${formatPercent(beyond.normalShare)} %)`;
}

/** "≈ 312 weights (0.16 %) from −0.6 to −0.4": the part of the values that is shown. */
export function zoomFinding(values: Histogram, summary: StatsSummary, [low, high]: Range): string {
  const [weights = 0] = rebin(values, low, high, 1);
  const percent = formatPercent(weights / Math.max(1, summary.count));
  return `≈ ${plural(Math.round(weights), 'weight')} (${percent} %) from ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
}

/** "6,144, largest ≈ 26 × the smallest, none zero": zero and broken scales are named in any case. */
export function scaleFinding({
  scales,
  zeroScales,
  nonFiniteScales,
  share,
}: Pick<TensorStatsView, 'scales' | 'zeroScales' | 'nonFiniteScales' | 'share'>): string {
  if (scales === null) return '';
  const total = sumOf(scales.counts) + zeroScales + nonFiniteScales;
  const spread = octavesOf(scales);
  return [
    share < 1 ? 'estimate' : formatCount(total),
    ...(spread === null ? [] : [`largest ${factorText(2 ** spread)} the smallest`]),
    zeroScales === 0
      ? 'none zero'
      : `${formatCount(zeroScales)} zero (${formatPercent(zeroScales / total)} %)`,
    ...(nonFiniteScales === 0 ? [] : [`${formatCount(nonFiniteScales)} NaN or Inf`]),
  ].join(', ');
}

/** The same of the mins, of which zero ones are usual. */
export function minFinding(mins: Histogram, share: number): string {
  const spread = octavesOf(mins);
  return [
    share < 1 ? 'estimate' : formatCount(sumOf(mins.counts)),
    ...(spread === null ? [] : [`largest ${factorText(2 ** spread)} the smallest`]),
  ].join(', ');
}

/** From the first to the last bin that is used of a histogram over logarithms; null: all are in one. */
function octavesOf({ low, high, counts }: Histogram): number | null {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return last <= first ? null : ((last - first) * (high - low)) / counts.length;
}

const factorText = (factor: number): string =>
  `≈ ${factor < 9.95 ? formatFixed(factor, 1) : factor < 1e6 ? formatCount(Number(factor.toPrecision(2))) : formatNumber(factor, 2)} ×`;

/** "3.85 of 4 bits": how evenly the codes are used. */
export function codeFinding({ entropyBits, nominalBits, levels, counts }: CodeUse, share: number): string {
  const unused = levels.length - counts.filter((count) => count > 0).length;
  const bits =
    nominalBits === null
      ? `${formatFixed(entropyBits, 2)} bits`
      : `${formatFixed(entropyBits, 2)} of ${formatNumber(nominalBits)} bits`;
  if (share < 1) return `${bits}, estimate`;
  return unused === 0
    ? bits
    : `${bits}, ${formatCount(unused)} of ${formatCount(levels.length)} codes unused`;
}

export function channelFinding({ channelCount, outlierCount }: ChannelProfile, share: number): string {
  if (share < 1) return `${estimateText({ share })}; the largest |w| of a column is at least this`;
  const above = outlierCount === 0 ? 'none' : formatCount(outlierCount);
  return `largest |w| of each of ${formatCount(channelCount)} columns; ${above} above ${OUTLIER_MEDIANS} × the median`;
}

/** One number of every expert. */
export interface ExpertNumbers {
  readonly numbers: Float64Array;
  readonly format: (value: number) => string;
  /** Behind the range: of what it is a share. */
  readonly suffix?: string;
}

/** "0.0121 … 0.0187, most in expert 5". */
export function expertFinding({ numbers, format, suffix = '' }: ExpertNumbers): string {
  const known = numbers.filter(Number.isFinite);
  if (known.length === 0) return 'not known';
  const [least, most] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  if (least === most) return `${format(most)}${suffix} in each of ${formatCount(numbers.length)}`;
  return `${format(least)} … ${format(most)}${suffix}, most in expert ${formatCount(numbers.indexOf(most))}`;
}

export const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
