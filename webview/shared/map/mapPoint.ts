// Which cell of the map lies at a point, and which one an arrow key leads to.
import type { Box, MapLayout } from './mapLayout.ts';

/** The box at a point of the layout; gaps belong to the cell before them. */
export function boxAt({ boxes, gap }: MapLayout, x: number, y: number): Box | null {
  return (
    boxes.find(
      (box) => x >= box.x && x < box.x + box.width + gap && y >= box.y && y < box.y + box.height + 1,
    ) ?? null
  );
}

/** The box that has this row of the table; −1 and rows that have not arrived have none. */
export function boxOfRow({ boxes }: MapLayout, row: number): Box | null {
  return row < 0 ? null : (boxes.find((box) => box.kind !== 'sum' && box.cell.rows.includes(row)) ?? null);
}

export type MapKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End' | 'First' | 'Last';

/** What each key does, named as a keyboard event names it. */
export const MAP_STEPS: Readonly<Partial<Record<string, MapKey>>> = {
  ArrowLeft: 'ArrowLeft',
  ArrowRight: 'ArrowRight',
  ArrowUp: 'ArrowUp',
  ArrowDown: 'ArrowDown',
  Home: 'Home',
  End: 'End',
  'Ctrl+Home': 'First',
  'Ctrl+End': 'Last',
};

/** Where the keyboard is: a cell, and the line and column it moves along, kept while it passes through tall cells. */
export interface Cursor {
  readonly box: Box;
  readonly x: number;
  readonly y: number;
}

export function cursorAt(box: Box): Cursor {
  return { box, x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** One step; the cursor itself where there is nothing further. Sums are not walked: their cells are. */
export function walk({ boxes }: MapLayout, from: Cursor, key: MapKey): Cursor {
  const cells = boxes.filter(({ kind }) => kind !== 'sum');
  const inLine = cells.filter(({ y, height }) => y <= from.y && from.y < y + height);
  const { box } = from;
  switch (key) {
    case 'First':
      return cursorOr(
        least(cells, ({ x, y }) => y * FAR + x),
        from,
      );
    case 'Last':
      return cursorOr(
        least(cells, ({ x, y, height }) => -(y + height) * FAR - x),
        from,
      );
    case 'Home':
      return along(
        least(inLine, ({ x }) => x),
        from,
      );
    case 'End':
      return along(
        least(inLine, ({ x }) => -x),
        from,
      );
    case 'ArrowRight':
      return along(
        least(
          inLine.filter(({ x }) => x > box.x),
          ({ x }) => x,
        ),
        from,
      );
    case 'ArrowLeft':
      return along(
        least(
          inLine.filter(({ x }) => x < box.x),
          ({ x }) => -x,
        ),
        from,
      );
    case 'ArrowDown':
      return across(
        cells.filter(({ y }) => y >= box.y + box.height),
        ({ y }) => y,
        from,
      );
    case 'ArrowUp':
      return across(
        cells.filter(({ y, height }) => y + height <= box.y),
        ({ y, height }) => -(y + height),
        from,
      );
  }
}

const cursorOr = (box: Box | undefined, otherwise: Cursor): Cursor =>
  box === undefined ? otherwise : cursorAt(box);

/** Along a line: the column changes, the line stays, also through a tall cell. */
const along = (box: Box | undefined, from: Cursor): Cursor =>
  box === undefined ? from : { box, x: box.x + box.width / 2, y: from.y };

/** To the nearest line that has a cell near this column. */
function across(cells: readonly Box[], distance: (box: Box) => number, from: Cursor): Cursor {
  const away = ({ x, width }: Box): number => Math.max(x - from.x, from.x - x - width, 0);
  const nextLine = least(cells, (box) => distance(box) + (away(box) > 0 ? FAR : 0));
  if (nextLine === undefined) return from;
  const line = cells.filter((box) => distance(box) === distance(nextLine));
  const box = least(line, away) ?? nextLine;
  return { box, x: away(box) === 0 ? from.x : box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** More than any map is wide: lines come before columns. */
const FAR = 1e6;

function least(boxes: readonly Box[], value: (box: Box) => number): Box | undefined {
  let best: Box | undefined;
  for (const box of boxes) if (best === undefined || value(box) < value(best)) best = box;
  return best;
}
