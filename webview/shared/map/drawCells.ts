// Draws the cells of the map: colored, hatched, dimmed; and what marks one of them.
import { formatFixed } from '../../../src/core/base/units.ts';
import { inkOn, needsOutline, type Color, type ThemeKind } from '../colors.ts';
import { inside, type MapPicture, type Palette } from './mapPicture.ts';
import type { MapCell } from './mapCells.ts';
import type { Box } from './mapLayout.ts';
import type { MeasureScale } from './scale.ts';

/** Cells that do not match the filter. */
const DIMMED = 0.22;
/** Values of a part of the weights. */
const ESTIMATED = 0.55;
/** Columns at least this wide have room for a number of three signs. */
const NUMBER_FROM_WIDTH = 21;
/** Px of the numbers in cells, and in the tall ones at the sides. */
const CELL_FONT = 10;
const EDGE_FONT = 11;

export function drawBox(context: CanvasRenderingContext2D, picture: MapPicture, box: Box): void {
  const { matches, palette } = picture;
  const { cell } = box;
  const isDimmed = matches !== null && !cell.rows.some((row) => matches[row] !== 0);
  context.globalAlpha = isDimmed ? DIMMED : 1;
  // Norms have distributions of their own kind, which would outshine what the map is about.
  if (box.isThin && picture.kind === 'weights') drawQuiet(context, palette, box);
  else {
    const { value, known } = picture.readings(cell);
    const isPending = known === 'none' || (known === 'estimate' && Number.isNaN(value));
    if (isPending) strokeInside(context, picture.theme === 'hcLight' ? palette.bar : palette.grid, box);
    else if (cell.absent || Number.isNaN(value)) hatch(context, palette, box);
    else {
      if (known === 'estimate' && !isDimmed) context.globalAlpha = ESTIMATED;
      fill(context, picture, box, value);
      if (picture.kind === 'bits' && !isDimmed) drawBits(context, picture, box);
    }
  }
  context.globalAlpha = 1;
}

function fill(context: CanvasRenderingContext2D, picture: MapPicture, box: Box, value: number): void {
  const { theme, scale } = picture;
  const { x, y, width, height } = box;
  const { color, outlined } = paintOf(theme, scale, value);
  context.fillStyle = color;
  context.fillRect(x, y, width, height);
  if (outlined && width > 3) strokeInside(context, outlineOf(picture), box);
}

/** An outline of 3:1 on the background; around cells of the weights in their own hue, so that the palest do not stand out. */
const outlineOf = ({ theme, palette, scale, kind }: MapPicture): string =>
  kind === 'weights' ? scale.color(theme, OUTLINE_AT) : palette.bar;
const OUTLINE_AT = 0.4;

/** The bits of a type that is not the one most of the stack has: what the map says without its colors. */
function drawBits(context: CanvasRenderingContext2D, picture: MapPicture, box: Box): void {
  const { theme, palette, scale } = picture;
  const { cell, x, y, width, height, isOther, kind } = box;
  if (!isOther || width < NUMBER_FROM_WIDTH || height < CELL_FONT + 4) return;
  context.font = `${kind === 'edge' ? EDGE_FONT : CELL_FONT}px ${palette.font}`;
  context.fillStyle = paintOf(theme, scale, cell.bits).ink;
  context.textAlign = 'center';
  context.fillText(shortBits(cell), x + width / 2, y + height / 2 + 0.5);
}

/** In the file, and of no color of the scale. */
function drawQuiet(context: CanvasRenderingContext2D, palette: Palette, box: Box): void {
  context.fillStyle = palette.track;
  context.fillRect(box.x, box.y, box.width, box.height);
  if (palette.track === '#000000' && box.width > 3) strokeInside(context, palette.grid, box);
}

interface Paint {
  readonly color: Color;
  readonly ink: Color;
  readonly outlined: boolean;
}
/** Steps of a scale that the eye does not tell apart: thousands of cells share their paints. */
const PAINT_STEPS = 500;
const paints = new WeakMap<MeasureScale, Map<string, Paint>>();

function paintOf(theme: ThemeKind, scale: MeasureScale, value: number): Paint {
  let ofScale = paints.get(scale);
  if (ofScale === undefined) paints.set(scale, (ofScale = new Map<string, Paint>()));
  const step = Math.round(scale.position(value) * PAINT_STEPS);
  const key = `${theme} ${step}`;
  let paint = ofScale.get(key);
  if (paint === undefined) {
    const color = scale.color(theme, step / PAINT_STEPS);
    paint = { color, ink: inkOn(color), outlined: needsOutline(theme, color) };
    ofScale.set(key, paint);
  }
  return paint;
}

/** Two digits: "4.5", "16". */
const shortBits = ({ bits }: MapCell): string => formatFixed(bits, bits < 9.95 ? 1 : 0);

/** Not in the file, or of unknown type: no color of the scale says that. */
function hatch(context: CanvasRenderingContext2D, palette: Palette, box: Box): void {
  const { x, y, width, height } = box;
  inside(context, box, () => {
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
export function drawSelection(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { x, y, width, height }: Box,
): void {
  context.strokeStyle = palette.background;
  context.lineWidth = 2;
  roundRect(context, x - 1, y - 1, width + 2, height + 2);
  context.strokeStyle = palette.foreground;
  roundRect(context, x - 2, y - 2, width + 4, height + 4);
}

/** Around the outline, between two rings of background: the focus color may be close to that of the cells. */
export function drawFocus(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { x, y, width, height }: Box,
): void {
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
