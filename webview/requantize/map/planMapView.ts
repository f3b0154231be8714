// The map of the plan: what it shows, where pointer and keyboard are, what they select; draws again whenever one of them changes.
import { effect, useComputed, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatBits } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { drawMap } from '../../shared/map/drawMap.ts';
import { mapContent, type MapCell } from '../../shared/map/mapCells.ts';
import { useMapFrame, type MapFrame } from '../../shared/map/mapFrame.ts';
import type { Box, MapLayout } from '../../shared/map/mapLayout.ts';
import type { MapPicture, Reading } from '../../shared/map/mapPicture.ts';
import { boxOfRow, cursorAt, walk, type Cursor, type MapKey } from '../../shared/map/mapPoint.ts';
import { bitsScale, type MeasureScale } from '../../shared/map/scale.ts';
import { theme } from '../../shared/theme.ts';
import { explainTensors } from '../hover/target.ts';
import { BY_RULE } from '../overrides.ts';
import { changeSelection, modeOf, NOTHING, type Selection, type SelectionMode } from '../selection.ts';
import { revealRow, type RequantizeState } from '../state.ts';
import { drawMarks } from './drawPlan.ts';
import {
  rectangleOf,
  rowsBetween,
  rowsInRectangle,
  rowsOfBox,
  rowsOfLabel,
  type Rectangle,
} from './mapSelect.ts';

export interface PlanMapView extends Pick<MapFrame, 'scroller' | 'canvas' | 'layout'> {
  readonly scale: ReadonlySignal<MeasureScale>;
  readonly cursor: ReadonlySignal<Cursor | null>;
  readonly isFocused: Signal<boolean>;
  /** Goes one step. `extend`: selects all from where the selection began; `only`: leaves the selection as it is. */
  walk(key: MapKey, how: 'select' | 'extend' | 'only'): void;
  /** Selects the cell where the keyboard is. */
  selectCursor(mode: SelectionMode): void;
  /** Goes to the row of the table. */
  leave(): void;
  explain(box: Box, now: boolean): void;
  onScroll(): void;
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
  onPointerLeave(): void;
}

/** So far the pointer may move and still click. */
const CLICK_REACH = 3;

interface Drag {
  readonly from: { readonly x: number; readonly y: number };
  readonly before: Selection;
  readonly mode: SelectionMode;
  moved: boolean;
}

export function usePlanMap(state: RequantizeState, model: ModelView): PlanMapView {
  const isFocused = useSignal(false);
  const drawn = useSignal<Rectangle | null>(null);
  const anchor = useSignal(-1);
  const line = useSignal<Cursor | null>(null);
  const drag = useRef<Drag | null>(null);
  const pointed = useRef<Box | null>(null);

  const shown = useComputed(() => state.planned.value ?? { model, rows: state.rows.value });
  const content = useComputed(() => mapContent(shown.value.model, shown.value.rows));
  const frame = useMapFrame(content);
  const { scroller, canvas, layout, scrolled } = frame;
  const scale = useComputed(() => bitsScale(state.plan.value?.view ?? model));
  const cursor = useComputed(() => {
    const box = boxOfRow(layout.value, state.current.value) ?? layout.value.boxes[0];
    if (box === undefined) return null;
    const kept = line.value; // keeps its line through tall cells
    return kept !== null && contains(box, kept) ? { ...kept, box } : cursorAt(box);
  });

  useLayoutEffect(
    () =>
      effect(() => {
        const place = frame.place();
        if (place === null) return;
        const { model: planned } = shown.value;
        const selection = state.selection.value;
        const { overrides } = state.draft.value;
        const turn = state.turn.value;
        const turns = state.plan.value?.columns.turn;
        const readings = (cell: MapCell): Reading => ({
          value: cell.bits,
          known: turn === null || cell.rows.every((row) => (turns?.[row] ?? 0) < turn) ? 'exact' : 'none',
        });
        const picture: MapPicture = {
          ...{ kind: 'bits', scale: scale.value, readings },
          ...{ palette: place.palette, view: place.view },
          marginText: ({ bits }) => (Number.isNaN(bits) ? '–' : formatBits(bits)),
          marginCaption: 'bpw',
          layout: layout.value,
          theme: theme.value,
          matches: state.matches.value,
          selected: null,
          focused: isFocused.value ? (cursor.value?.box ?? null) : null,
          totalBits: planned.bitsPerWeight,
          wholeBytes: planned.fileBytes,
          over: (context) =>
            drawMarks(context, picture, {
              isSelected: ({ cell }) => cell.rows.some((row) => selection.has(row)),
              isOverridden: ({ cell }) => cell.rows.some((row) => (overrides[row] ?? BY_RULE) !== BY_RULE),
              current: turn === null ? null : boxOfTurn(layout.value, turns, turn),
              drawn: drawn.value,
            }),
        };
        drawMap(place.canvas, picture);
      }),
    [state, model],
  );

  const point = (box: Box | null): void => {
    if (box === pointed.current) return;
    pointed.current = box;
    scroller.current?.classList.toggle('over-cell', box !== null);
    if (box === null) explainTensors(null);
    else view.explain(box, false);
  };
  const select = (rows: readonly number[], mode: SelectionMode, before = state.selection.peek()): void => {
    state.selection.value = changeSelection(before, rows, mode);
  };
  const goTo = (next: Cursor): void => {
    const [row = -1] = next.box.cell.rows;
    line.value = next;
    revealRow(state, row, false);
    frame.bringIntoView(next.box);
  };
  const anchorBox = (): Box | null => boxOfRow(layout.peek(), anchor.peek());

  const click = (event: PointerEvent): void => {
    const at = frame.pointUnder(event);
    const box = frame.boxUnder(event);
    const from = anchorBox();
    if (box === null) {
      const isLabel = at !== null && at.x - scrolled.peek().left < layout.peek().labelWidth;
      const rows = isLabel ? rowsOfLabel(layout.peek(), at.y) : null;
      if (rows !== null) select(rows, modeOf(event));
      else if (modeOf(event) === 'replace') state.selection.value = NOTHING;
    } else if (event.shiftKey && from !== null && box.kind !== 'sum') {
      select(rowsBetween(layout.peek(), from, box), modeOf(event) === 'toggle' ? 'add' : 'replace');
      goTo(cursorAt(box));
    } else {
      select(rowsOfBox(layout.peek(), box), modeOf(event));
      if (box.kind === 'sum') return;
      anchor.value = box.cell.rows[0] ?? -1;
      goTo(cursorAt(box));
    }
  };

  const view: PlanMapView = {
    ...{ scroller, canvas, layout, scale, cursor, isFocused },
    walk(key, how) {
      const from = cursor.peek();
      if (from === null) return;
      const isNew = state.current.peek() < 0;
      // The first key of all selects where the keyboard already is.
      const next = isNew && key.startsWith('Arrow') ? from : walk(layout.peek(), from, key);
      explainTensors(null); // a card asked for by key explains the cell before
      if (how === 'extend') {
        const start = anchorBox() ?? from.box;
        anchor.value = start.cell.rows[0] ?? -1;
        select(rowsBetween(layout.peek(), start, next.box), 'replace');
      } else if (how === 'select') {
        anchor.value = next.box.cell.rows[0] ?? -1;
        select(next.box.cell.rows, 'replace');
      }
      goTo(next);
    },
    selectCursor(mode) {
      const box = cursor.peek()?.box;
      if (box === undefined) return;
      anchor.value = box.cell.rows[0] ?? -1;
      select(box.cell.rows, mode);
    },
    leave() {
      const [row = -1] = cursor.peek()?.box.cell.rows ?? [];
      if (row >= 0) revealRow(state, row, true);
    },
    explain: (box, now) =>
      explainTensors({ title: box.cell.title, rows: box.cell.rows, anchor: frame.anchorOf(box), now }),
    onScroll() {
      const element = scroller.current;
      if (element === null) return;
      scrolled.value = { left: element.scrollLeft, top: element.scrollTop };
      point(null);
    },
    onPointerDown(event) {
      const from = frame.pointUnder(event);
      if (event.button !== 0 || from === null) return;
      const mode = event.shiftKey || modeOf(event) === 'toggle' ? 'add' : 'replace';
      drag.current = { from, mode, before: state.selection.peek(), moved: false };
      scroller.current?.setPointerCapture(event.pointerId);
    },
    onPointerMove(event) {
      const at = frame.pointUnder(event);
      const { current } = drag;
      if (current === null || at === null) return point(frame.boxUnder(event));
      const { from, mode, before } = current;
      if (Math.abs(at.x - from.x) + Math.abs(at.y - from.y) > CLICK_REACH) current.moved = true;
      if (!current.moved) return;
      point(null);
      drawn.value = rectangleOf(from, at);
      select(rowsInRectangle(layout.peek(), drawn.value), mode, before);
    },
    onPointerUp(event) {
      const { current } = drag;
      drag.current = null;
      drawn.value = null;
      if (current === null) return;
      if (!current.moved) return click(event);
      const box = frame.boxUnder(event);
      const [row] = state.selection.peek();
      anchor.value = row ?? -1;
      if (box !== null && box.kind !== 'sum') goTo(cursorAt(box));
    },
    onPointerLeave: () => point(null),
  };
  return view;
}

const contains = ({ x, y, width, height }: Box, at: Cursor): boolean =>
  at.x >= x && at.x <= x + width && at.y >= y && at.y <= y + height;

const boxOfTurn = ({ boxes }: MapLayout, turns: Uint32Array | undefined, turn: number): Box | null =>
  boxes.find(({ kind, cell }) => kind !== 'sum' && cell.rows.some((row) => turns?.[row] === turn)) ?? null;
