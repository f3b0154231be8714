// What is drawn of the map, with which colors, and the rectangle it is cut at.
import type { STATS_KNOWN } from '../../../src/protocol/analysis.ts';
import type { ThemeKind } from '../colors.ts';
import type { MapCell } from './mapCells.ts';
import type { Box, MapLayout } from './mapLayout.ts';
import type { MeasureScale } from './scale.ts';

/**
 * bits: bits per weight, written into cells that are unlike the others. size: bytes. weights: something about the weights
 * themselves, which means nothing for norms.
 */
export type PictureKind = 'bits' | 'size' | 'weights';

/** The value of a cell and how well it is known; NaN where nothing is, or where there is nothing of the kind. */
export interface Reading {
  readonly value: number;
  readonly known: (typeof STATS_KNOWN)[number];
}
export type Readings = (cell: MapCell) => Reading;

export interface MapPicture {
  readonly layout: MapLayout;
  readonly theme: ThemeKind;
  readonly palette: Palette;
  /** Part of the layout that is in view: its corner, and its size with the axis. */
  readonly view: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  /** Rows that the filter lets through; null: all. */
  readonly matches: Uint8Array | null;
  readonly selected: Box | null;
  /** Set while the keyboard is in the map. */
  readonly focused: Box | null;
  readonly totalBits: number | null;
  readonly wholeBytes: number;
  readonly kind: PictureKind;
  readonly scale: MeasureScale;
  readonly readings: Readings;
  /** The number of a row or of the whole at the right of the map, and what stands over them. */
  readonly marginText: (cell: MapCell) => string;
  readonly marginCaption: string;
  /** What a page draws over its cells, in coordinates of the layout. */
  readonly over?: (context: CanvasRenderingContext2D) => void;
}

/** Colors and fonts of the theme, as CSS texts. */
export interface Palette {
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly bar: string;
  readonly track: string;
  readonly focus: string;
  readonly font: string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    foreground: style.color,
    muted: value('--muted'),
    background: value('--background'),
    grid: value('--grid'),
    bar: value('--neutral-bar'),
    track: value('--track'),
    focus: value('--focus'),
    font: style.fontFamily,
  };
}

/** Everything drawn by `draw` is cut at the rectangle. */
export function inside(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Pick<Box, 'x' | 'y' | 'width' | 'height'>,
  draw: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  draw();
  context.restore();
}
