// The two charts of a role over the layers: the spread of its weights as a ribbon of quantiles, and its outliers.
import { formatPercent } from '../../../src/core/base/units.ts';
import { formatNumber, roundTicks } from '../../shared/charts/numbers.ts';
import {
  NO_PARTS,
  ticksThatFit,
  type Axis,
  type Plot,
  type Point,
  type Reading,
  type Series,
} from '../../shared/charts/plot.ts';
import type { RoleDepth } from './depthData.ts';

/** Share of a normal distribution beyond 3 σ. */
export const NORMAL_BEYOND_3 = 0.002699796;

const ROOM = { left: 52, right: 8, above: 8, below: 20 };
const PLOT_HEIGHT = 84;
/** Px between two numbers of the axis of layers. */
const TICK_ROOM = 44;
const HEIGHT_TICKS = 5;

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
    low: pointsOf(level(ribbon.low)),
    high: pointsOf(level(ribbon.high)),
    ink: 'histogram',
    opacity: ribbon.opacity,
  }));
  const read = (layer: number): Reading => {
    const value = (index: number): string => formatNumber(level(index)[layer] ?? NaN, 3);
    if (Number.isNaN(level(MEDIAN)[layer] ?? NaN)) return unknown(depth, layer);
    const ranges = RIBBONS.map(({ low: from, high: to, name }) => `${name} in ${value(from)} … ${value(to)}`);
    return {
      head: headOf(layer),
      text: [`median ${value(MEDIAN)}`, `σ ${formatNumber(std[layer] ?? NaN, 3)}`, ...ranges].join(' · '),
    };
  };
  return {
    ...frameOf(depth, width),
    y: {
      low,
      high: limit,
      ticks: roundTicks(low, limit, HEIGHT_TICKS).map((at) => ({ at, text: formatNumber(at, 3) })),
      kind: 'linear',
      hasGrid: true,
    },
    series: [...series, { kind: 'line', points: pointsOf(level(MEDIAN)), ink: 'foreground', dash: [] }],
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
      head: headOf(layer),
      text: `${formatPercent(share)} % beyond 3σ · a normal distribution: ${formatPercent(NORMAL_BEYOND_3)} %`,
    };
  };
  const high = Math.max(top, NORMAL_BEYOND_3) * 1.05;
  return {
    ...frameOf(depth, width),
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
        points: pointsOf(beyond3).filter(({ y }) => y > 0),
        width: 1,
        gap: width / beyond3.length > 6 ? 1 : 0,
        ink: 'outlier',
      },
    ],
    marks: [{ kind: 'horizontal', at: NORMAL_BEYOND_3 }],
    parts: partsOf(depth, read),
  };
}

function frameOf({ rows }: RoleDepth, width: number): Pick<Plot, 'height' | 'room' | 'x'> {
  const axis = { low: 0, high: Math.max(1, rows.length) };
  const plotWidth = Math.max(1, width - ROOM.left - ROOM.right);
  const ticks: Axis['ticks'] = roundTicks(0, rows.length - 1, Math.floor(plotWidth / TICK_ROOM))
    .filter((layer) => Number.isInteger(layer))
    .map((layer) => ({ at: layer + 0.5, text: String(layer) }));
  const all = rows.length === 1 ? [{ at: 0.5, text: '0' }] : ticks;
  return {
    height: ROOM.above + PLOT_HEIGHT + ROOM.below,
    room: ROOM,
    x: { ...axis, ticks: ticksThatFit(all, axis, plotWidth, ROOM) },
  };
}

const partsOf = ({ rows }: RoleDepth, read: (layer: number) => Reading): Plot['parts'] =>
  rows.length === 0 ? NO_PARTS : { low: 0, width: 1, count: rows.length, read };

/** In the middle of each layer. */
const pointsOf = (values: Float64Array): Point[] => Array.from(values, (y, layer) => ({ x: layer + 0.5, y }));

const headOf = (layer: number): string => `Layer ${layer}`;
const unknown = ({ rows }: RoleDepth, layer: number): Reading => ({
  head: headOf(layer),
  text: (rows[layer] ?? []).length === 0 ? 'has no such tensor' : 'not analyzed',
});

const largest = (values: Float64Array): number =>
  values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
