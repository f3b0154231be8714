// The statistics of tensors as cells of a table.
import { formatCount, formatFixed, formatPercent } from '../../core/base/units.ts';
import type { Histogram, StatsSummary, TensorStatsView } from '../../protocol/tensorStats.ts';

const HEADS = ['tensor', 'type', 'weights', 'mean', 'std', 'min', 'max'];
const MORE_HEADS = ['kurtosis', '% > 3σ', '> 6σ', '> 20σ', 'zeros', 'NaN, Inf', 'log2 of scales', 'entropy'];

/** A row of cells for every tensor, under their heads; a tensor without numbers has only its name and type. */
export function statsCells(views: readonly TensorStatsView[]): string[][] {
  const rows = views.map((view) => [
    view.name,
    view.type,
    ...(view.summary === null ? [] : numbers(view, view.summary)),
  ]);
  return [[...HEADS, ...MORE_HEADS], ...rows];
}

function numbers({ scales, codes }: TensorStatsView, summary: StatsSummary): string[] {
  const { count, mean, std, min, max, excessKurtosis, outliers, zeros, nonFinite } = summary;
  const beyond = (sigmas: number, word: (share: number) => string): string => {
    const outlier = outliers.find((item) => item.sigmas === sigmas);
    return outlier === undefined ? '–' : `${outlier.isExact ? '' : '≈ '}${word(outlier.count)}`;
  };
  return [
    formatCount(count),
    ...[mean, std, min, max].map(significant),
    excessKurtosis === null ? '–' : formatFixed(excessKurtosis, 2),
    beyond(3, (outside) => formatPercent(outside / count)),
    beyond(6, formatCount),
    beyond(20, formatCount),
    zeros === null ? '–' : formatCount(zeros),
    nonFinite === null ? '–' : formatCount(nonFinite),
    scales === null ? '' : usedRange(scales),
    codes === null ? '' : `${formatFixed(codes.entropyBits, 2)} of ${codes.nominalBits ?? '–'}`,
  ];
}

/** From the first bin that is used to the last. */
function usedRange({ low, high, counts }: Histogram): string {
  const used = (count: number): boolean => count > 0;
  const edge = (bin: number): string => formatFixed(low + (bin * (high - low)) / counts.length, 1);
  return `${edge(counts.findIndex(used))} … ${edge(counts.findLastIndex(used) + 1)}`;
}

/** Four significant digits. */
const significant = (value: number | null): string =>
  value === null ? '–' : `${Number(value.toPrecision(4))}`;
