// Which tensors a gesture on the map means: a rectangle, the way from one cell to another, a whole layer or role. Pure geometry.
import type { Box, MapLayout } from '../../shared/map/mapLayout.ts';

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const rectangleOf = (
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): Rectangle => ({
  left: Math.min(from.x, to.x),
  top: Math.min(from.y, to.y),
  right: Math.max(from.x, to.x),
  bottom: Math.max(from.y, to.y),
});

/** Rows of the cells that a rectangle touches. Norms on the way are passed over: nobody gives them a type. */
export function rowsInRectangle({ boxes }: MapLayout, { left, top, right, bottom }: Rectangle): number[] {
  const touched = boxes.filter(
    ({ kind, x, y, width, height }) =>
      kind !== 'sum' && x <= right && x + width >= left && y <= bottom && y + height >= top,
  );
  return rowsOfBoxes(touched);
}

/** Rows of all cells in the rectangle that two cells span. */
export function rowsBetween(layout: MapLayout, from: Box, to: Box): number[] {
  const inside = 1; // px: a rectangle that ends at a cell's edge does not touch the next one
  return rowsInRectangle(layout, {
    left: Math.min(from.x, to.x) + inside,
    top: Math.min(from.y, to.y) + inside,
    right: Math.max(from.x + from.width, to.x + to.width) - inside,
    bottom: Math.max(from.y + from.height, to.y + to.height) - inside,
  });
}

/** What a click on a cell means: its tensors; on the sum of a layer all of the layer. */
export function rowsOfBox(layout: MapLayout, box: Box): readonly number[] {
  if (box.kind !== 'sum') return box.cell.rows;
  const members = new Set(box.cell.rows);
  return rowsOfBoxes(
    layout.boxes.filter(({ kind, cell }) => kind !== 'sum' && cell.rows.some((row) => members.has(row))),
  );
}

/** What a click on the name of a role means: the role in all layers. null: there is no name. */
export function rowsOfLabel({ labels, boxes }: MapLayout, y: number): readonly number[] | null {
  const reach = 8;
  const label = labels.find(({ kind, y: middle }) => kind === 'role' && Math.abs(middle - y) <= reach);
  if (label === undefined) return null;
  const line = boxes.filter((box) => box.kind === 'cell' && box.y <= label.y && label.y < box.y + box.height);
  return line.length === 0 ? null : rowsOfBoxes(line);
}

function rowsOfBoxes(boxes: readonly Box[]): number[] {
  const matrices = boxes.filter(({ isThin }) => !isThin);
  return (matrices.length > 0 ? matrices : boxes).flatMap(({ cell }) => cell.rows);
}
