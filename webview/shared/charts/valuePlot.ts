// The weights of a tensor by value: bars, what lies beyond 3σ in its own color, and the normal curve of the same mean and width.
import { formatCount, formatPercent } from '../../../src/core/base/units.ts';
import type { Histogram, StatsSummary } from '../../../src/protocol/tensorStats.ts';
import { normalCount, rebin } from './bins.ts';
import { countAxis, formatNumber, formatTick, roundTicks, type CountKind } from './numbers.ts';
import { ticksThatFit, type Mark, type Plot, type Point, type Reading } from './plot.ts';
import type { Range } from './zoom.ts';

const ROOM = { left: 36, right: 0, above: 18, below: 20 };
const PLOT_HEIGHT = 128;
/** Px of a bar with the gap to the next: whole ones, so that all are alike. */
const BAR = 5;
const SIGMAS = [-6, -3, -1, 1, 3, 6];
const OUTLIER_SIGMAS = 3;
/** Half the width of "−6σ" in px. */
const SIGMA_ROOM = 12;
/** Px between two numbers of the axis. */
const TICK_ROOM = 64;
const CURVE_STEPS = 200;
/** A curve lower than this share of the plot would lie on its foot. */
const LEAST_CURVE = 0.002;

export interface ValueProps {
  readonly values: Histogram;
  readonly summary: Pick<StatsSummary, 'count' | 'mean' | 'std'>;
  readonly counts: CountKind;
  /** The part of the values that is shown; null for all. */
  readonly range: Range | null;
}

export function valuePlot({ values, summary, counts: kind, range }: ValueProps, width: number): Plot {
  const plotWidth = Math.max(BAR, width - ROOM.left);
  const [low, end] = range ?? [values.low, values.high];
  const most = Math.floor(plotWidth / BAR);
  const count = summary.std === 0 && most % 2 === 0 ? most - 1 : most; // a single value lies in the middle of a bar
  const partWidth = (end - low) / count;
  const high = low + (partWidth * plotWidth) / BAR; // the px that are left after the last bar
  const counts = rebin(values, low, end, count);
  const { mean, std } = summary;
  const vertical = countAxis(
    counts.reduce((most, weights) => Math.max(most, weights), 0),
    kind,
  );
  const distance = (value: number): number =>
    mean === null || std === null || std === 0 ? 0 : (value - mean) / std;
  const middle = (part: number): number => low + (part + 0.5) * partWidth;
  const used = [...counts.keys()].filter((part) => (counts[part] ?? 0) > 0);
  const read = (part: number): Reading => {
    const [from, to] = [low + part * partWidth, low + (part + 1) * partWidth];
    const far = std === null || std === 0 ? '' : ` · ${formatNumber(distance(middle(part)), 2)}σ`;
    return {
      head: `${formatNumber(from)} … ${formatNumber(to)}`,
      text: `${weightsText(counts[part] ?? 0, summary.count)}${far}`,
    };
  };
  const axis = { low, high };
  const hasSpread = mean !== null && std !== null && std > 0;
  return {
    height: ROOM.above + PLOT_HEIGHT + ROOM.below,
    room: ROOM,
    x: {
      ...axis,
      ticks: ticksThatFit(
        roundTicks(low, high, Math.floor(plotWidth / TICK_ROOM)).map((at) => ({
          at,
          text: formatNumber(at),
        })),
        axis,
        plotWidth,
        ROOM,
      ),
    },
    y: {
      ...vertical,
      kind,
      hasGrid: true,
      ticks: vertical.ticks.map((at) => ({ at, text: formatTick(at) })),
    },
    series: [
      {
        kind: 'bars',
        points: used.map((part) => ({ x: middle(part), y: counts[part] ?? 0 })),
        width: partWidth,
        gap: 1,
        ink: used.map((part) =>
          Math.abs(distance(middle(part))) > OUTLIER_SIGMAS ? 'outlier' : 'histogram',
        ),
      },
      ...(hasSpread
        ? [
            {
              kind: 'line' as const,
              ink: 'foreground' as const,
              dash: [3, 2],
              points: curve(axis, vertical, kind, (value) =>
                normalCount(value, partWidth, summary.count, mean, std),
              ),
            },
          ]
        : []),
    ],
    marks: hasSpread ? sigmaMarks(mean, std, axis, plotWidth) : [],
    parts: { low, width: partWidth, count, read },
  };
}

/** "1,234 weights · 0.63 %". A count may be a part of one, where a bin of the histogram is cut. */
export function weightsText(count: number, total: number): string {
  const weights =
    count > 0 && count < 0.5
      ? '<1 weight'
      : `${formatCount(count)} weight${Math.round(count) === 1 ? '' : 's'}`;
  return `${weights} · ${formatPercent(count / Math.max(1, total))} %`;
}

/** As far as it would be seen at all. */
function curve(
  { low, high }: { readonly low: number; readonly high: number },
  counts: { readonly low: number; readonly high: number },
  kind: CountKind,
  expected: (value: number) => number,
): Point[] {
  const least = kind === 'log' ? counts.low : counts.high * LEAST_CURVE;
  return Array.from({ length: CURVE_STEPS + 1 }, (_, step) => {
    const x = low + ((high - low) * step) / CURVE_STEPS;
    return { x, y: expected(x) };
  }).filter(({ y }) => y > least);
}

function sigmaMarks(
  mean: number,
  std: number,
  { low, high }: { readonly low: number; readonly high: number },
  plotWidth: number,
): Mark[] {
  const px = plotWidth / (high - low);
  return SIGMAS.filter((sigma) => mean + sigma * std >= low && mean + sigma * std <= high).map((sigma) => {
    // Where the tails are long, ±1σ is too close to the middle to be named.
    const apart = std * px * (Math.abs(sigma) === 1 ? 1 : 2);
    const toEnd = (high - mean - sigma * std) * px;
    const isNamed = apart >= SIGMA_ROOM && toEnd >= SIGMA_ROOM;
    const text = `${sigma < 0 ? '−' : '+'}${Math.abs(sigma)}σ`;
    return { kind: 'vertical', at: mean + sigma * std, text: isNamed ? text : '' };
  });
}
