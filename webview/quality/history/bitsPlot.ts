// Perplexity against bits per weight: a point for each model on the same text, with its error and its name. Bits stand by their
// logarithm, as on the scale of colors: between 2 and 6 is what one chooses from.
import { formatBits, formatFixed } from '../../../src/core/base/units.ts';
import type { SeriesPoint } from '../../../src/protocol/quality.ts';
import { withError } from '../../../src/protocol/qualityWords.ts';
import { roundTicks } from '../../shared/charts/numbers.ts';
import { ticksThatFit, type ErrorPoint, type Mark, type Plot } from '../../shared/charts/plot.ts';
import { bitsColor, type ThemeKind } from '../../shared/colors.ts';

const ROOM = { left: 44, right: 12, above: 18, below: 20 };
const PLOT_HEIGHT = 180;
/** Px of a character of a name, a little more than it has; and of a line. */
const CHARACTER = 6.5;
const LINE = 12;
const MAX_NAME = 18;
/** Of the range, left free on both sides. */
const MARGIN = 0.08;

export interface BitsPlotProps {
  /** By bits, fewest first. */
  readonly points: readonly SeriesPoint[];
  readonly theme: ThemeKind;
}

export function bitsPlot({ points, theme }: BitsPlotProps, width: number): Plot {
  const seen = points.filter(({ perplexity }) => Number.isFinite(perplexity));
  const plotWidth = Math.max(1, width - ROOM.left - ROOM.right);
  const x = widened(
    seen.map(({ bitsPerWeight }) => Math.log2(bitsPerWeight)),
    1,
  );
  const y = widened(
    seen.flatMap(({ perplexity, standardError }) => [
      perplexity - (standardError ?? 0),
      perplexity + (standardError ?? 0),
    ]),
    1,
  );
  const shown = seen.map(({ bitsPerWeight, perplexity, standardError, isThis }): ErrorPoint => ({
    x: Math.log2(bitsPerWeight),
    y: perplexity,
    error: standardError ?? 0,
    ink: bitsColor(theme, bitsPerWeight),
    isChosen: isThis,
  }));
  const ticks = roundTicks(y.low, y.high, 6);
  const decimals = decimalsOf(ticks);
  return {
    height: ROOM.above + PLOT_HEIGHT + ROOM.below,
    room: ROOM,
    x: {
      ...x,
      ticks: ticksThatFit(
        bitTicks(x).map((bits) => ({ at: Math.log2(bits), text: String(bits) })),
        x,
        plotWidth,
        ROOM,
      ),
    },
    y: {
      ...y,
      kind: 'linear',
      hasGrid: true,
      ticks: ticks.map((at) => ({ at, text: formatFixed(at, decimals) })),
    },
    series: [{ kind: 'points', points: shown }],
    marks: nameMarks(seen, {
      x: (bits) => ((Math.log2(bits) - x.low) / (x.high - x.low)) * plotWidth,
      y: (value) => ((y.high - value) / (y.high - y.low)) * PLOT_HEIGHT,
      width: plotWidth,
      perPx: (y.high - y.low) / PLOT_HEIGHT,
    }),
    parts: {
      low: x.low,
      width: ((x.high - x.low) * 10) / plotWidth,
      count: seen.length,
      middles: seen.map(({ bitsPerWeight }) => Math.log2(bitsPerWeight)),
      read(part) {
        const point = seen[part];
        if (point === undefined) return { head: '', text: '' };
        const { model, bitsPerWeight, perplexity, standardError, asBase } = point;
        const value = withError({ value: perplexity, error: standardError });
        return {
          head: model.label,
          text: `${formatBits(bitsPerWeight)} bits per weight · ${value}${asBase ? ', as a base' : ''}`,
        };
      },
    },
  };
}

/** The bits that people speak of, or finer ones where only few of those are within. */
function bitTicks({ low, high }: { readonly low: number; readonly high: number }): number[] {
  const usual = [1, 1.5, 2, 3, 4, 5, 6, 8, 12, 16, 32];
  const within = usual.filter((bits) => Math.log2(bits) >= low && Math.log2(bits) <= high);
  return within.length > 1 ? within : roundTicks(2 ** low, 2 ** high, 4);
}

/** A range with room around it; around a single value `least` in all. */
function widened(values: readonly number[], least: number): { readonly low: number; readonly high: number } {
  if (values.length === 0) return { low: 0, high: least };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low;
  const room = span > 0 ? span * MARGIN : least / 2;
  return { low: low - room, high: high + room };
}

export function decimalsOf(ticks: readonly number[]): number {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) || 1;
  return Math.max(0, Math.min(4, -Math.floor(Math.log10(step) + 1e-9)));
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Frame {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly width: number;
  readonly perPx: number;
}

/** Names above the errors, else below them, else beside the point; where all are taken, none: hover and table have it. */
function nameMarks(points: readonly SeriesPoint[], { x, y, width, perPx }: Frame): Mark[] {
  const circles = points.map(({ bitsPerWeight, perplexity }) =>
    around(x(bitsPerWeight), y(perplexity), 6, 6),
  );
  const placed: Box[] = [];
  const byImportance = points.toSorted((one, other) => Number(other.isThis) - Number(one.isThis));
  return byImportance.flatMap((point): Mark[] => {
    const name = shortened(point.model.shortLabel);
    const half = (name.length * CHARACTER) / 2;
    const middle = x(point.bitsPerWeight);
    const error = Math.max(point.standardError ?? 0, 8 * perPx);
    const [high, low] = [point.perplexity + error, point.perplexity - error];
    const sides = [
      { side: 'above' as const, y: high, box: around(middle, y(high) - LINE / 2 - 2, half, LINE / 2) },
      { side: 'below' as const, y: low, box: around(middle, y(low) + LINE / 2 + 4, half, LINE / 2) },
      {
        side: 'left' as const,
        y: point.perplexity,
        box: around(middle - 10 - half, y(point.perplexity), half, LINE / 2),
      },
      {
        side: 'right' as const,
        y: point.perplexity,
        box: around(middle + 10 + half, y(point.perplexity), half, LINE / 2),
      },
    ];
    const isFree = (box: Box, taken: readonly Box[]): boolean =>
      box.left >= -ROOM.left &&
      box.right <= width + ROOM.right &&
      box.top >= -ROOM.above &&
      box.bottom <= PLOT_HEIGHT &&
      !taken.some((other) => touch(box, other));
    const free =
      sides.find(({ box }) => isFree(box, [...circles, ...placed])) ??
      (point.isThis ? sides.find(({ box }) => isFree(box, placed)) : undefined);
    if (free === undefined) return [];
    placed.push(free.box);
    const ink = point.isThis ? 'foreground' : 'muted';
    return [
      { kind: 'label', x: Math.log2(point.bitsPerWeight), y: free.y, text: name, ink, side: free.side },
    ];
  });
}

const shortened = (name: string): string =>
  name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name;

const around = (x: number, y: number, halfWidth: number, halfHeight: number): Box => ({
  left: x - halfWidth,
  right: x + halfWidth,
  top: y - halfHeight,
  bottom: y + halfHeight,
});

const touch = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
