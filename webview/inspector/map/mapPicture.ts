// What is drawn of the map, with which colors, and the rectangle it is cut at.
import type { ThemeKind } from '../../shared/colors.ts';
import type { Box, MapLayout } from './mapLayout.ts';

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
}

/** Colors and fonts of the theme, as CSS texts. */
export interface Palette {
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly bar: string;
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
