// The two charts of a role over the layers: the spread of its weights as a ribbon of quantiles, and its outliers.
import { formatPercent } from '../../../src/core/base/units.ts';
import { HEIGHT_TICKS, layerFrame, layerHead, layerPoints } from '../../shared/charts/layerAxis.ts';
import { formatNumber, roundTicks } from '../../shared/charts/numbers.ts';
import { NO_PARTS, type Plot, type Reading, type Series } from '../../shared/charts/plot.ts';
import type { RoleDepth } from './depthData.ts';

/** Share of a normal distribution beyond 3 σ. */
export const NORMAL_BEYOND_3 = 0.002699796;

/** Pairs of levels of QUANTILE_LEVELS, outermost first, and how strongly the area between them is drawn. */
const RIBBONS = [
  { low: 0, high: 8, opacity: 0.22, name: '99.8 %' },
  { low: 1, high: 7, opacity: 0.3, name: '98 %' },
  { low: 3, high: 5, opacity: 0.55, name: '50 %' },
] as const;
const MEDIAN = 4;

export function spreadPlot(depth: RoleDepth, width: number): Plot {
  const { quantiles, std } = depth;
  const level = (index: number): Float64Array => quantiles[index] ?? new Float64Array();
  const limit = Math.max(largest(level(0)), largest(level(8))) || 1;
  const low = -limit;
  const series = RIBBONS.map((ribbon): Series => ({
    kind: 'band',
    low: layerPoints(level(ribbon.low)),
    high: layerPoints(level(ribbon.high)),
    ink: 'histogram',
    opacity: ribbon.opacity,
  }));
  const read = (layer: number): Reading => {
    const value = (index: number): string => formatNumber(level(index)[layer] ?? NaN, 3);
    if (Number.isNaN(level(MEDIAN)[layer] ?? NaN)) return unknown(depth, layer);
    const ranges = RIBBONS.map(({ low: from, high: to, name }) => `${name} in ${value(from)} … ${value(to)}`);
    return {
      head: layerHead(layer),
      text: [`median ${value(MEDIAN)}`, `σ ${formatNumber(std[layer] ?? NaN, 3)}`, ...ranges].join(' · '),
    };
  };
  return {
    ...layerFrame(depth.rows.length, width),
    y: {
      low,
      high: limit,
      ticks: roundTicks(low, limit, HEIGHT_TICKS).map((at) => ({ at, text: formatNumber(at, 3) })),
      kind: 'linear',
      hasGrid: true,
    },
    series: [...series, { kind: 'line', points: layerPoints(level(MEDIAN)), ink: 'foreground', dash: [] }],
    marks: [],
    parts: partsOf(depth, read),
  };
}

export function outlierPlot(depth: RoleDepth, top: number, width: number): Plot {
  const { beyond3 } = depth;
  const read = (layer: number): Reading => {
    const share = beyond3[layer] ?? NaN;
    if (Number.isNaN(share)) return unknown(depth, layer);
    return {
      head: layerHead(layer),
      text: `${formatPercent(share)} % beyond 3σ · a normal distribution: ${formatPercent(NORMAL_BEYOND_3)} %`,
    };
  };
  const high = Math.max(top, NORMAL_BEYOND_3) * 1.05;
  return {
    ...layerFrame(depth.rows.length, width),
    y: {
      low: 0,
      high,
      ticks: roundTicks(0, high, HEIGHT_TICKS).map((at) => ({
        at,
        text: `${formatNumber(at * 100, 3)} %`,
      })),
      kind: 'linear',
      hasGrid: true,
    },
    series: [
      {
        kind: 'bars',
        points: layerPoints(beyond3).filter(({ y }) => y > 0),
        width: 1,
        gap: width / beyond3.length > 6 ? 1 : 0,
        ink: 'outlier',
      },
    ],
    marks: [{ kind: 'horizontal', at: NORMAL_BEYOND_3 }],
    parts: partsOf(depth, read),
  };
}

const partsOf = ({ rows }: RoleDepth, read: (layer: number) => Reading): Plot['parts'] =>
  rows.length === 0 ? NO_PARTS : { low: 0, width: 1, count: rows.length, read };

const unknown = ({ rows }: RoleDepth, layer: number): Reading => ({
  head: layerHead(layer),
  text: (rows[layer] ?? []).length === 0 ? 'has no such tensor' : 'not analyzed',
});

const largest = (values: Float64Array): number =>
  values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
