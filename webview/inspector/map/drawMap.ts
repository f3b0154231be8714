// Draws the map into a canvas: the part of the layout that is in view, in the colors of the theme.
import { formatBits, formatFixed } from '../../../src/core/base/units.ts';
import { bitsColor, inkOn, needsOutline, type ThemeKind } from '../../shared/colors.ts';
import type { MapCell } from './mapCells.ts';
import { AXIS_HEIGHT, CAPTION_HEIGHT, type Box, type MapLayout } from './mapLayout.ts';

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

/** Cells that do not match the filter. */
const DIMMED = 0.22;
/** Columns at least this wide have room for a number of three signs. */
const NUMBER_FROM_WIDTH = 21;
const LABEL_FONT = 12;
const SMALL_FONT = 11;
const CELL_FONT = 10;
/** Right of the margin's left end: end of the bits, begin and greatest length of the bar, end of the share. */
const MARGIN = { bits: 46, bar: 58, barLength: 48, share: 158 };

export function drawMap(canvas: HTMLCanvasElement, picture: MapPicture): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { view, layout } = picture;
  const ratio = devicePixelRatio;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  context.textBaseline = 'middle';
  context.fontKerning = 'normal';

  const bodyHeight = view.height - AXIS_HEIGHT;
  // Cells scroll under the labels, not over them; the outline of the first ones reaches a little into the space between.
  const cellsLeft = layout.labelWidth - LABEL_SPACE;
  inside(context, cellsLeft, 0, view.width - cellsLeft, bodyHeight, () => {
    context.translate(-view.left, -view.top);
    for (const box of layout.boxes) if (isInView(box, view)) drawBox(context, picture, box);
    if (picture.focused !== null) focusRing(context, picture.palette, picture.focused);
    if (picture.selected !== null) outline(context, picture, picture.selected);
    drawMargins(context, picture);
  });
  inside(context, 0, 0, view.width, bodyHeight, () => {
    context.translate(0, -view.top);
    drawLabels(context, picture);
  });
  drawAxis(context, picture, bodyHeight);
}

const isInView = ({ x, y, width, height }: Box, view: MapPicture['view']): boolean =>
  x < view.left + view.width && x + width > view.left && y < view.top + view.height && y + height > view.top;

function inside(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  draw: () => void,
): void {
  // prettier-ignore
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  draw();
  context.restore();
}

function drawBox(context: CanvasRenderingContext2D, picture: MapPicture, box: Box): void {
  const { theme, palette, matches } = picture;
  const { cell, x, y, width, height } = box;
  const isDimmed = matches !== null && !cell.rows.some((row) => matches[row] !== 0);
  context.globalAlpha = isDimmed ? DIMMED : 1;
  if (cell.absent || Number.isNaN(cell.bits)) {
    hatch(context, palette, box);
  } else {
    const color = bitsColor(theme, cell.bits);
    context.fillStyle = color;
    context.fillRect(x, y, width, height);
    if (needsOutline(theme, color) && width > 3) strokeInside(context, palette.muted, box);
    if (box.isOther && !isDimmed && width >= NUMBER_FROM_WIDTH && height >= CELL_FONT + 4) {
      context.font = `${box.kind === 'edge' ? SMALL_FONT : CELL_FONT}px ${palette.font}`;
      context.fillStyle = inkOn(color);
      context.textAlign = 'center';
      context.fillText(shortBits(cell), x + width / 2, y + height / 2 + 0.5);
    }
  }
  context.globalAlpha = 1;
}

/** Two digits: "4.5", "16". */
const shortBits = ({ bits }: MapCell): string => formatFixed(bits, bits < 9.95 ? 1 : 0);

/** Not in the file, or of unknown type: no color of the scale says that. */
function hatch(context: CanvasRenderingContext2D, palette: Palette, box: Box): void {
  const { x, y, width, height } = box;
  inside(context, x, y, width, height, () => {
    context.strokeStyle = palette.grid;
    context.lineWidth = 1.5;
    context.beginPath();
    const step = 5;
    const first = Math.floor((x + y) / step) * step; // lines run through all cells as one pattern
    for (let sum = first; sum < x + y + width + height; sum += step) {
      context.moveTo(sum - y, y);
      context.lineTo(sum - y - height, y + height);
    }
    context.stroke();
  });
  if (width > 3) strokeInside(context, palette.grid, box);
}

function strokeInside(context: CanvasRenderingContext2D, color: string, { x, y, width, height }: Box): void {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
}

/** Two px of foreground around a ring of background, so that it shows on any neighbor. */
function outline(
  context: CanvasRenderingContext2D,
  { palette }: MapPicture,
  { x, y, width, height }: Box,
): void {
  context.strokeStyle = palette.background;
  context.lineWidth = 2;
  roundRect(context, x - 1, y - 1, width + 2, height + 2);
  context.strokeStyle = palette.foreground;
  roundRect(context, x - 2, y - 2, width + 4, height + 4);
}

/** Around the outline, between two rings of background: the focus color may be close to that of the cells. */
function focusRing(context: CanvasRenderingContext2D, palette: Palette, { x, y, width, height }: Box): void {
  const ring = (away: number, color: string, lineWidth: number): void => {
    context.strokeStyle = color;
    context.lineWidth = lineWidth;
    roundRect(context, x - away, y - away, width + 2 * away, height + 2 * away);
  };
  ring(5, palette.background, 4);
  ring(5, palette.focus, 2);
}

function roundRect(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.beginPath();
  context.roundRect(x, y, width, height, 2);
  context.stroke();
}

function drawLabels(context: CanvasRenderingContext2D, { layout, palette }: MapPicture): void {
  const { labelWidth } = layout;
  for (const { text, y, kind } of layout.labels) {
    context.font = `${kind === 'thin' ? SMALL_FONT : LABEL_FONT}px ${palette.font}`;
    context.fillStyle = kind === 'role' ? palette.foreground : palette.muted;
    context.textAlign = kind === 'thin' ? 'right' : 'left';
    const x = kind === 'thin' ? labelWidth - LABEL_SPACE : 0;
    context.fillText(fit(context, text, labelWidth - LABEL_SPACE), x, y + 0.5);
  }
}

/** Px between the labels and the first cells. */
export const LABEL_SPACE = 8;
const MIN_LABEL_WIDTH = 64;
const MAX_LABEL_WIDTH = 150;

/** Px that the labels take, with the space behind them. */
export function measureLabels(texts: readonly string[], font: string): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return MAX_LABEL_WIDTH;
  context.font = `${LABEL_FONT}px ${font}`;
  const widest = texts.reduce(
    (most, text) => Math.max(most, context.measureText(text).width),
    MIN_LABEL_WIDTH,
  );
  return Math.ceil(Math.min(MAX_LABEL_WIDTH, widest)) + LABEL_SPACE;
}

function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}

function drawMargins(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { layout, palette, totalBits, wholeBytes, view } = picture;
  const left = layout.marginLeft;
  const most = layout.margins.reduce(
    (bytes, { kind, cell }) => (kind === 'role' ? Math.max(bytes, cell.bytes || 0) : bytes),
    0,
  );
  const write = (text: string, right: number, y: number, font: string, color: string): void => {
    context.font = `${font} ${palette.font}`;
    context.fillStyle = color;
    context.textAlign = 'right';
    context.fillText(text, left + right, y + 0.5);
  };
  const stackCount = layout.margins.filter(({ kind }) => kind === 'stack').length;
  for (const { kind, y, cell } of layout.margins) {
    // One stack is the whole model: its sum is the number in the header, which leaves out unknown types.
    const bits = kind === 'stack' && stackCount === 1 ? totalBits : cell.bits;
    write(
      formatBits(bits),
      MARGIN.bits,
      y,
      `${kind === 'stack' ? '600 ' : ''}${LABEL_FONT}px`,
      palette.foreground,
    );
    if (kind === 'stack' || !layout.hasShares || Number.isNaN(cell.bytes)) continue;
    context.fillStyle = palette.bar;
    context.fillRect(
      left + MARGIN.bar,
      Math.round(y - 2.5),
      Math.max(1, (cell.bytes / most) * MARGIN.barLength),
      5,
    );
    const share = `${formatFixed((cell.bytes / wholeBytes) * 100, 1)} %`;
    write(share, MARGIN.share, y, `${LABEL_FONT}px`, palette.muted);
  }
  write('bpw', MARGIN.bits, view.top + CAPTION_HEIGHT / 2, `${SMALL_FONT}px`, palette.muted);
  if (layout.hasShares)
    write('of file', MARGIN.share, view.top + CAPTION_HEIGHT / 2, `${SMALL_FONT}px`, palette.muted);
}

/** Half the width of a layer number: none is cut at the right end of the view. */
const TICK_SPACE = 10;

function drawAxis(
  context: CanvasRenderingContext2D,
  { layout, palette, view }: MapPicture,
  top: number,
): void {
  context.font = `${SMALL_FONT}px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.textAlign = 'center';
  const leftmost = view.left === 0 ? 0 : view.left + layout.labelWidth;
  for (const { x, text } of layout.ticks)
    if (x >= leftmost && x < view.left + view.width - TICK_SPACE)
      context.fillText(text, x - view.left, top + 11);
}
