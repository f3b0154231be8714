// A small chart of bars side by side: scales, mins, codes, experts.
import type { Ink, Plot, Reading, Tick } from './plot.ts';
import { ticksThatFit } from './plot.ts';

const PLOT_HEIGHT = 66;
const ABOVE = 4;
/** Half of the highest number at the left stands above the plot. */
const ABOVE_NUMBERS = 8;
const BELOW = 18;
/** Room for numbers at the left, where there are some. */
const LEFT = 44;
/** From here on a bar has room for a gap, in px. */
const LEAST_WITH_GAP = 3;

export interface BarProps {
  readonly counts: ArrayLike<number>;
  readonly ink: Ink;
  /** Names below bars: `at` counts bars, 0 is the left end of the first and 0.5 its middle. */
  readonly ticks: readonly Tick[];
  /** Numbers at the left. */
  readonly heights?: readonly Tick[];
  /** Heights that are drawn as dashed lines: how high all bars would be if nothing preferred any. */
  readonly lines?: readonly number[];
  readonly read: (bar: number) => Reading;
}

export function barPlot(
  { counts, ink, ticks, heights = [], lines = [], read }: BarProps,
  width: number,
): Plot {
  const values = Array.from(counts, (count) => (Number.isFinite(count) ? count : 0));
  const largest = [...values, ...lines].reduce((most, count) => Math.max(most, count), 0) || 1;
  const left = heights.length > 0 ? LEFT : 0;
  const above = heights.length > 0 ? ABOVE_NUMBERS : ABOVE;
  const plotWidth = Math.max(1, width - left);
  const x = { low: 0, high: Math.max(1, values.length) };
  return {
    height: above + PLOT_HEIGHT + BELOW,
    room: { left, right: 0, above, below: BELOW },
    x: { ...x, ticks: ticksThatFit(ticks, x, plotWidth, { left, right: 0 }) },
    y: { low: 0, high: largest, ticks: heights, kind: 'linear', hasGrid: heights.length > 0 },
    series: [
      {
        kind: 'bars',
        points: values.flatMap((count, bar) => (count > 0 ? [{ x: bar + 0.5, y: count }] : [])),
        width: 1,
        gap: plotWidth / x.high >= LEAST_WITH_GAP ? 1 : 0,
        ink,
      },
    ],
    marks: lines.map((at) => ({ kind: 'horizontal', at })),
    parts: { low: 0, width: 1, count: values.length, read },
  };
}
