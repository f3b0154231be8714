// The statistics of tensors as JSON.
import type { GroupsView } from '../../protocol/tensorGroups.ts';
import type { ExpertStats, Histogram, StatsSummary, TensorStatsView } from '../../protocol/tensorStats.ts';
import { groupsReport } from './groupsReport.ts';

/**
 * An array with an object for each tensor.
 * @param groups of packed matrices, where they were asked for
 * Infinity and NaN, which JSON does not know, are texts. */
export function statsReport(
  views: readonly TensorStatsView[],
  groups: ReadonlyMap<TensorStatsView, GroupsView> = new Map(),
): string {
  const objects = views.map((view) => {
    const { name, type, summary } = view;
    return summary === null
      ? { name, type, unavailable: view.unavailable }
      : {
          name,
          type,
          ...summaryReport(summary),
          ...blockReport(view),
          ...groupsOf(groups.get(view)),
          ...weightReport(view),
        };
  });
  const writable = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(objects, writable, 2)}\n`;
}

const groupsOf = (groups: GroupsView | undefined) =>
  groups === undefined ? {} : { groups: groupsReport(groups) };

function summaryReport(summary: StatsSummary) {
  const { count, min, max, absMax, mean, std, skewness, zeros, nonFinite, outliers, quantiles } = summary;
  return {
    count,
    min,
    max,
    absMax,
    mean,
    std,
    skewness,
    kurtosis: summary.excessKurtosis, // 0 for a normal distribution
    zeros,
    nonFinite,
    outliers: Object.fromEntries(outliers.map((outlier) => [outlier.sigmas, outlier.count])),
    outliersExact: Object.fromEntries(outliers.map(({ sigmas, isExact }) => [sigmas, isExact])),
    quantiles: Object.fromEntries(quantiles.map(({ share, value }) => [share, value])),
  };
}

function blockReport({ codes, scales, mins, zeroScales, nonFiniteScales }: TensorStatsView) {
  if (codes === null && scales === null) return { scales: null, mins: null, codes: null };
  return {
    scales: { zeros: zeroScales, nonFinite: nonFiniteScales, log2: histogramReport(scales) },
    mins: { log2: histogramReport(mins) },
    codes: codes && { ...codes, counts: [...codes.counts] },
  };
}

/** The worst weights are those furthest from the mean, the furthest first; null where all are the same. */
function weightReport({ worst, experts, origin }: TensorStatsView) {
  return {
    worst: worst && worst.map(({ expert, ...weight }) => (expert < 0 ? weight : { expert, ...weight })),
    experts: experts && expertReport(experts),
    origin,
  };
}

/** An object for each expert; null: not known. */
function expertReport({ mean, std, absMax, kurtosis, beyond3 }: ExpertStats) {
  const known = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value;
  return Array.from(mean, (_mean, expert) => ({
    mean: known(mean[expert]),
    std: known(std[expert]),
    absMax: known(absMax[expert]),
    kurtosis: known(kurtosis[expert]),
    beyond3: known(beyond3[expert]),
  }));
}

/** Counts in even bins of log2 of the magnitude. */
const histogramReport = (histogram: Histogram | null) =>
  histogram && { low: histogram.low, high: histogram.high, counts: [...histogram.counts] };
