// The data of the charts as rows of numbers: for their tables and for CSV.
import type { ChannelProfile, CodeUse, ExpertStats, Histogram } from '../../../src/protocol/tensorStats.ts';
import type { ChartData } from '../../shared/charts/chartTable.tsx';
import { rebin } from '../../shared/charts/bins.ts';
import type { Range } from '../../shared/charts/zoom.ts';

const DIGITS = 5;

/** Rows of a table of values: more would be finer than anybody reads. */
const VALUE_ROWS = 256;

/** @param range the part that is shown; null for all */
export function histogramData(values: Histogram, range: Range | null): ChartData {
  const [low, high] = range ?? [values.low, values.high];
  const counts = rebin(values, low, high, Math.min(VALUE_ROWS, values.counts.length));
  return binRows(counts, ['From', 'To', '≈ weights'], (edge) => low + edge * (high - low));
}

/** @param histogram over the logarithm to base 2 */
export function scaleData({ low, high, counts }: Histogram): ChartData {
  return binRows(counts, ['From', 'To', 'Count'], (edge) => 2 ** (low + edge * (high - low)));
}

/** Bins that are empty say nothing. A count is a part of one where it was spread over two bins. @param valueAt value at an edge, 0 … 1 of the range */
function binRows(
  counts: Float64Array,
  heads: readonly string[],
  valueAt: (edge: number) => number,
): ChartData {
  const rows = Array.from(counts, (count, bin) => [
    round(valueAt(bin / counts.length)),
    round(valueAt((bin + 1) / counts.length)),
    Number(count.toFixed(2)),
  ]);
  return { heads, rows: rows.filter(([_from, _to, count]) => count !== 0) };
}

export function codeData({ levels, counts }: CodeUse): ChartData {
  return { heads: ['Code', 'Weights'], rows: levels.map((level, index) => [level, counts[index] ?? 0]) };
}

export function channelData({ maxima, perPoint, channelCount }: ChannelProfile): ChartData {
  const name = (point: number): string => {
    const first = point * perPoint;
    const last = Math.min(channelCount, first + perPoint) - 1;
    return first === last ? String(first) : `${first}–${last}`;
  };
  return {
    heads: ['Channel', 'Largest |w|'],
    rows: Array.from(maxima, (value, point) => [name(point), round(value)]),
  };
}

export function expertData(experts: ExpertStats): ChartData {
  return {
    heads: ['Expert', 'Mean', 'Std', 'Largest |w|', 'Excess kurtosis', 'Beyond 3σ in %'],
    rows: Array.from(experts.std, (std, expert) => [
      expert,
      ...[experts.mean[expert], std, experts.absMax[expert], experts.kurtosis[expert]].map(roundOrDash),
      roundOrDash((experts.beyond3[expert] ?? NaN) * 100),
    ]),
  };
}

const roundOrDash = (value = NaN): number | string => (Number.isFinite(value) ? round(value) : '–');
const round = (value: number): number => Number(value.toPrecision(DIGITS));
