// What the plan draws over the cells of the map: corners of overridden ones, an outline around all that are selected, the
// rectangle that is being drawn.
import { drawBox } from '../../shared/map/drawCells.ts';
import type { Box } from '../../shared/map/mapLayout.ts';
import type { MapPicture, Palette } from '../../shared/map/mapPicture.ts';
import type { Rectangle } from './mapSelect.ts';

export interface PlanMarks {
  readonly isSelected: (box: Box) => boolean;
  readonly isOverridden: (box: Box) => boolean;
  /** The tensor that is being written. */
  readonly current: Box | null;
  readonly drawn: Rectangle | null;
}

export function drawMarks(context: CanvasRenderingContext2D, picture: MapPicture, marks: PlanMarks): void {
  const { layout, palette } = picture;
  const own = layout.boxes.filter(({ kind }) => kind !== 'sum');
  outline(context, picture, own.filter(marks.isSelected));
  for (const box of own) if (marks.isOverridden(box)) corner(context, palette, box);
  if (marks.current !== null) ring(context, palette, marks.current);
  if (marks.drawn !== null) dashed(context, palette, marks.drawn);
}

/** One outline around neighbors: two px of foreground around a ring of background, so that it shows on any cell. */
function outline(context: CanvasRenderingContext2D, picture: MapPicture, boxes: readonly Box[]): void {
  const grown = (color: string, by: number): void => {
    context.fillStyle = color;
    for (const { x, y, width, height } of boxes)
      context.fillRect(x - by, y - by, width + 2 * by, height + 2 * by);
  };
  if (boxes.length === 0) return;
  grown(picture.palette.foreground, 3);
  grown(picture.palette.background, 1);
  for (const box of boxes) drawBox(context, picture, box);
}

/** Px of the sides of a corner; of narrow cells half their width. */
const CORNER = 7;

function corner(context: CanvasRenderingContext2D, { background }: Palette, { x, y, width }: Box): void {
  const side = Math.min(CORNER, Math.ceil(width / 2));
  context.fillStyle = background;
  context.beginPath();
  context.moveTo(x + width - side, y);
  context.lineTo(x + width, y);
  context.lineTo(x + width, y + side);
  context.fill();
}

function ring(context: CanvasRenderingContext2D, { foreground }: Palette, box: Box): void {
  context.strokeStyle = foreground;
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(box.x - 2, box.y - 2, box.width + 4, box.height + 4, 2);
  context.stroke();
}

function dashed(context: CanvasRenderingContext2D, { foreground }: Palette, rectangle: Rectangle): void {
  const { left, top, right, bottom } = rectangle;
  context.strokeStyle = foreground;
  context.lineWidth = 1;
  context.setLineDash([3, 2]);
  context.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, right - left, bottom - top);
  context.setLineDash([]);
}
