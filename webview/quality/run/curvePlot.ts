// The running perplexity: after every chunk, with a band of one standard error, and that of the base beside it. The axis of chunks
// has its whole length from the start, so that nothing moves but the end of the line.
import { formatCount, formatFixed } from '../../../src/core/base/units.ts';
import type { Curve } from '../../../src/protocol/quality.ts';
import { natText, withError } from '../../../src/protocol/qualityWords.ts';
import { pairLabels } from '../figures.ts';
import { decimalsOf } from '../history/bitsPlot.ts';
import type { ChartData } from '../../shared/charts/chartTable.tsx';
import { roundTicks } from '../../shared/charts/numbers.ts';
import {
  ticksThatFit,
  type ErrorPoint,
  type Mark,
  type Plot,
  type Point,
  type Reading,
} from '../../shared/charts/plot.ts';

const PLOT_HEIGHT = 168;
const ROOM = { left: 44, above: 10, below: 20 };
/** Px of a character of a label at the end of a line. */
const CHARACTER = 7;
const MAX_LABEL = 10;
const TICK_ROOM = 56;
/** The first chunks are so uncertain that the axis would be theirs. */
const BAND_FROM = 2;
/** Px between the labels of two lines. */
const LABEL_APART = 12;

export interface CurvePlotProps {
  readonly curve: Curve;
  /** What stands at the ends of the lines. */
  readonly modelLabel: string;
  readonly baseLabel: string;
}

export function curvePlot({ curve, modelLabel, baseLabel }: CurvePlotProps, width: number): Plot {
  const { perplexity, standardError, basePerplexity, pass } = curve;
  const names = pairLabels(modelLabel, baseLabel);
  const [model, base] = [shortLabel(names.model, 'model'), shortLabel(names.base, 'base')];
  const own = pass === 'base' ? base : model;
  const right = 13 + CHARACTER * Math.max(own.length, basePerplexity === null ? 0 : base.length);
  const plotWidth = Math.max(1, width - ROOM.left - right);
  const x = { low: curve.chunks > 1 ? 1 : 0.5, high: Math.max(1.5, curve.chunks) };
  const y = heights(curve);
  const ticks = roundTicks(y.low, y.high, 4);
  const decimals = decimalsOf(ticks);
  const place = (values: ArrayLike<number>): Point[] =>
    Array.from(values, (value, at) => ({ x: at + 1, y: Number.isFinite(value) ? value : NaN }));
  const edge = (sign: number): Point[] =>
    Array.from(perplexity, (value, at) => {
      const reach = value + sign * (standardError[at] ?? NaN);
      return { x: at + 1, y: Number.isFinite(reach) ? Math.min(y.high, Math.max(y.low, reach)) : NaN };
    });
  return {
    height: ROOM.above + PLOT_HEIGHT + ROOM.below,
    room: { ...ROOM, right },
    x: {
      ...x,
      ticks: ticksThatFit(
        roundTicks(1, x.high, Math.floor(plotWidth / TICK_ROOM)).flatMap((at) =>
          Number.isInteger(at) ? [{ at, text: formatCount(at) }] : [],
        ),
        x,
        plotWidth,
        { left: ROOM.left, right },
      ),
    },
    y: {
      ...y,
      kind: 'linear',
      hasGrid: true,
      ticks: ticks.map((at) => ({ at, text: formatFixed(at, decimals) })),
    },
    series: [
      { kind: 'band', low: edge(-1), high: edge(1), ink: 'histogram', opacity: 0.25 },
      ...(basePerplexity === null
        ? []
        : [
            {
              kind: 'line' as const,
              points: place(basePerplexity),
              ink: 'foreground' as const,
              dash: [4, 3],
            },
          ]),
      { kind: 'line', points: place(perplexity), ink: 'histogram', dash: [] },
      ...(perplexity.length === 1 ? [{ kind: 'points' as const, points: firstPoint(curve) }] : []),
    ],
    marks: endLabels(curve, { own, base, perPx: (y.high - y.low) / PLOT_HEIGHT }),
    parts: { low: 0.5, width: 1, count: perplexity.length, read: (part) => readChunk(curve, part) },
  };
}

/** A line of one chunk is not seen. */
function firstPoint({ perplexity, standardError }: Curve): ErrorPoint[] {
  const [y = NaN, error = NaN] = [perplexity[0], standardError[0]];
  if (!Number.isFinite(y)) return [];
  return [{ x: 1, y, error: Number.isFinite(error) ? error : 0, ink: 'histogram', isChosen: false }];
}

const shortLabel = (label: string, otherwise: string): string =>
  label !== '' && label.length <= MAX_LABEL ? label : otherwise;

/** All curves, and of the band what is not only the doubt of the first chunks. */
function heights({ perplexity, standardError, basePerplexity }: Curve): {
  readonly low: number;
  readonly high: number;
} {
  const values = [...perplexity, ...(basePerplexity ?? [])];
  for (const [at, value] of perplexity.entries()) {
    if (at < BAND_FROM) continue;
    const error = standardError[at] ?? NaN;
    values.push(value - error, value + error);
  }
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return { low: 0, high: 1 };
  const low = known.reduce((least, value) => Math.min(least, value));
  const high = known.reduce((most, value) => Math.max(most, value));
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
  // To whole steps, so that the axis stays while the end of the line moves.
  const [first = low, second = high] = roundTicks(low - room, high + room, 6);
  const step = second - first || room;
  return { low: Math.floor((low - room) / step) * step, high: Math.ceil((high + room) / step) * step };
}

function endLabels(
  { perplexity, basePerplexity }: Curve,
  { own, base, perPx }: { readonly own: string; readonly base: string; readonly perPx: number },
): Mark[] {
  const at = perplexity.length;
  const value = perplexity[at - 1] ?? NaN;
  const other = basePerplexity?.[at - 1] ?? NaN;
  const gap = (value - other) / perPx;
  const push =
    Math.abs(gap) < LABEL_APART ? ((LABEL_APART - Math.abs(gap)) / 2) * perPx * (gap < 0 ? -1 : 1) : 0;
  const label = (y: number, text: string, ink: 'histogram' | 'foreground'): Mark[] =>
    Number.isFinite(y) ? [{ kind: 'label', x: at, y, text, ink, side: 'right' }] : [];
  const isAlone = Number.isNaN(other);
  return [
    ...label(value + (isAlone ? 0 : push), own, 'histogram'),
    ...label(other - push, base, 'foreground'),
  ];
}

function readChunk(
  { chunks, perplexity, standardError, basePerplexity, meanKl }: Curve,
  part: number,
): Reading {
  const error = standardError[part] ?? NaN;
  const base = basePerplexity?.[part];
  const kl = meanKl?.[part];
  return {
    head: `After ${formatCount(part + 1)} of ${formatCount(chunks)}`,
    text: [
      withError({ value: perplexity[part] ?? NaN, error: Number.isFinite(error) ? error : null }),
      ...(base === undefined || Number.isNaN(base) ? [] : [`base ${formatFixed(base, 2)}`]),
      ...(kl === undefined || Number.isNaN(kl) ? [] : [`KL ${natText(kl)}`]),
    ].join(' · '),
  };
}

/** The same as numbers. */
export function curveData({ perplexity, standardError, basePerplexity, meanKl }: Curve): ChartData {
  const columns = [
    { head: 'Perplexity', values: perplexity },
    { head: 'Standard error', values: standardError },
    ...(basePerplexity === null ? [] : [{ head: 'Base', values: basePerplexity }]),
    ...(meanKl === null ? [] : [{ head: 'Mean KL', values: meanKl }]),
  ];
  const cell = (value: number | undefined): string | number =>
    value === undefined || Number.isNaN(value) ? '–' : Number(value.toPrecision(6));
  return {
    heads: ['Chunks', ...columns.map(({ head }) => head)],
    rows: Array.from(perplexity, (_value, at) => [at + 1, ...columns.map(({ values }) => cell(values[at]))]),
  };
}
