// A chart as plain data: ranges, ticks, bars, curves, marks, and what each part of it says. What is to be seen is decided by
// functions that make this; how it is drawn, elsewhere.
import type { Color } from '../colors.ts';

/** A color by what it is for, so that it follows the theme; or one of the data colors. */
export type Ink = 'foreground' | 'muted' | 'grid' | 'background' | 'histogram' | 'outlier' | Color;

export interface Plot {
  /** Of the whole picture with the room around the plot, in px. */
  readonly height: number;
  /** Px around the plot: labels of the axes and of marks stand there. */
  readonly room: {
    readonly left: number;
    readonly right: number;
    readonly above: number;
    readonly below: number;
  };
  readonly x: Axis;
  readonly y: Axis & { readonly kind: 'linear' | 'log'; readonly hasGrid: boolean };
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  /** The parts that can be pointed at, side by side along the x axis. */
  readonly parts: Parts;
}

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Series =
  | {
      readonly kind: 'bars';
      /** At the middle of the bars; parts without a bar are left out. */
      readonly points: readonly Point[];
      /** Of a bar with its gap, in units of the x axis. */
      readonly width: number;
      /** Px between bars. */
      readonly gap: number;
      /** One for all, or one for each. */
      readonly ink: Ink | readonly Ink[];
    }
  | {
      /** The area between two curves, `low` and `high` at the same places; NaN makes a gap. */
      readonly kind: 'band';
      readonly low: readonly Point[];
      readonly high: readonly Point[];
      readonly ink: Ink;
      /** Share of the ink over what lies below, 0 … 1. */
      readonly opacity: number;
    }
  | {
      readonly kind: 'line';
      readonly points: readonly Point[];
      readonly ink: Ink;
      /** Px of line and gap; none for a solid line. */
      readonly dash: readonly number[];
    }
  | {
      readonly kind: 'points';
      readonly points: readonly ErrorPoint[];
    };

/** A point with how far it may be off, upward and downward; 0: not known. */
export interface ErrorPoint extends Point {
  readonly error: number;
  readonly ink: Ink;
  /** Stands out from the others by a ring. */
  readonly isChosen: boolean;
}

export type Mark =
  /** A dotted line from top to bottom, its text above the plot. */
  | { readonly kind: 'vertical'; readonly at: number; readonly text: string }
  /** A dashed line from left to right. */
  | { readonly kind: 'horizontal'; readonly at: number }
  /** A text above a point, or at another side of it. */
  | {
      readonly kind: 'label';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly ink: Ink;
      readonly side?: 'above' | 'below' | 'left' | 'right';
    };

export interface Parts {
  readonly low: number;
  /** Of each part, in units of the x axis. */
  readonly width: number;
  readonly count: number;
  readonly read: (part: number) => Reading;
  /** Where the parts are, rising, when they do not lie side by side: the nearest one is pointed at. */
  readonly middles?: readonly number[];
}

/** What a part says: where it is, and how much is there. */
export interface Reading {
  readonly head: string;
  readonly text: string;
}

export const NO_PARTS: Parts = { low: 0, width: 1, count: 0, read: () => ({ head: '', text: '' }) };

/** The part at a value of the x axis; null beside all of them. */
export function partAt({ low, width, count, middles }: Parts, value: number): number | null {
  if (middles !== undefined) return nearest(middles, value);
  const part = Math.floor((value - low) / width);
  return part >= 0 && part < count ? part : null;
}

function nearest(middles: readonly number[], value: number): number | null {
  const distance = (part: number): number => Math.abs((middles[part] ?? Infinity) - value);
  return [...middles.keys()].reduce<number | null>(
    (best, part) => (best === null || distance(part) < distance(best) ? part : best),
    null,
  );
}

/** The middle of a part, as a value of the x axis. */
export const partMiddle = ({ low, width, middles }: Parts, part: number): number =>
  middles?.[part] ?? low + (part + 0.5) * width;

/** Px of the widest digits in a wide font (DejaVu Sans) at 11 px. */
const CHARACTER_WIDTH = 7;

/** Leaves out ticks whose text would reach out of the picture, or touch the one before. */
export function ticksThatFit(
  ticks: readonly Tick[],
  { low, high }: Pick<Axis, 'low' | 'high'>,
  plotWidth: number,
  { left, right }: { readonly left: number; readonly right: number } = { left: 0, right: 0 },
): Tick[] {
  let end = -Infinity;
  return ticks.filter(({ at, text }) => {
    const middle = ((at - low) / (high - low)) * plotWidth;
    const half = (text.length * CHARACTER_WIDTH) / 2;
    if (middle - half < Math.max(end, -left) || middle + half > plotWidth + right) return false;
    end = middle + half + CHARACTER_WIDTH;
    return true;
  });
}
