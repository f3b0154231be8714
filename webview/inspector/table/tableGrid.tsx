// The lines of the table: only those in view are in the document, whatever their number, and their elements are used again.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import {
  drawnLines,
  FIRST_HEIGHT,
  firstDrawn,
  pageLines,
  ROW_HEIGHT,
  scrollToLine,
} from '../../shared/table/lineWindow.ts';
import { theme } from '../../shared/theme.ts';
import { pointAt } from '../hover.ts';
import { openPanel } from '../panel/openPanel.ts';
import { columnGrid } from './columns.ts';
import { topicOfLine } from './lineTopic.ts';
import { headId, TableHead } from './tableHead.tsx';
import { handleTableKey, type TableView } from './tableKeys.ts';
import type { OpenMenu } from './tableMenu.tsx';
import { lineId, rowOfLine } from './partLines.ts';
import type { TableModel } from './tableModel.ts';
import { TableLine } from './tableRow.tsx';

interface Props {
  readonly table: TableModel;
  readonly model: ModelView;
  readonly openMenu: OpenMenu;
}

export function TableGrid({ table, model, openMenu }: Props) {
  const { state } = table;
  const scroller = useRef<HTMLDivElement>(null);
  const height = useSignal(FIRST_HEIGHT);
  /** A row asked for: its group may have to open first, and is scrolled to when its lines are drawn. */
  const pending = useSignal<{ row: number; focus: boolean } | null>(null);
  const served = useRef(0);
  const firstLine = useComputed(() => firstDrawn(state.scrollTop.value));

  const view: TableView = {
    pageLines: () => pageLines(height.peek()),
    scrollTo: (position) => scroller.current && scrollToLine(scroller.current, position, 'nearest'),
    openMenu(at) {
      if (at === null) return;
      const { left, bottom } = at.getBoundingClientRect();
      openMenu({ x: left + ROW_HEIGHT, y: bottom, target: at });
    },
  };

  const settlePending = (): void => {
    const element = scroller.current;
    const asked = pending.peek();
    if (element === null || element.clientHeight === 0 || asked === null) return;
    const { row, focus } = asked;
    pending.value = null;
    const position = table.positionOf(row);
    if (position >= 0) scrollToLine(element, position, 'middle');
    if (focus) element.focus();
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => {
      if (element.clientHeight === 0) return; // on a tab that is not shown, and there it forgets where it was scrolled to
      height.value = element.clientHeight;
      table.width.value = element.clientWidth;
      element.scrollTop = state.scrollTop.peek();
      settlePending();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [state, table]);

  useSignalEffect(() => {
    const { row, focus, serial } = state.reveal.value;
    if (row < 0 || row >= state.rows.value.count || served.current === serial) return;
    served.current = serial;
    table.show(row, { force: focus });
    pending.value = { row, focus };
  });
  useLayoutEffect(settlePending, [pending.value]);

  const lines = table.lines.value;
  const first = Math.min(firstLine.value, Math.max(0, lines.length - 1));
  const slots = drawnLines(height.value);
  const columns = table.shown.value;
  const grid = columnGrid(columns, state.widths.value, table.longest.value, table.width.value);
  const selected = state.selected.value;
  const active = table.active.value;
  const activeLine = active.kind === 'line' ? active.line : null;
  const drawn = Array.from(lines.subarray(first, first + slots));
  const activeId =
    active.kind === 'head'
      ? headId(active.column)
      : drawn.includes(active.line)
        ? lineId(active.line)
        : undefined;

  return (
    <div
      ref={scroller}
      role="treegrid"
      class={model.types.some(({ isPacked }) => isPacked) ? 'table foldable' : 'table'}
      tabIndex={0}
      aria-label="Tensors"
      aria-rowcount={lines.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={activeId}
      style={{ '--tracks': grid.tracks, '--least-width': grid.leastWidth }}
      onScroll={(event) => {
        state.scrollTop.value = event.currentTarget.scrollTop;
        if (event.currentTarget.matches(':hover')) pointAt(null); // the line has moved away from under the pointer
      }}
      onKeyDown={(event) => {
        if (handleTableKey(event, table, view)) event.preventDefault();
      }}
      onFocus={() => putCursor(table)}
      onContextMenu={(event) => {
        event.preventDefault();
        openMenu({ x: event.clientX, y: event.clientY, target: event.target as Element });
      }}
    >
      <TableHead table={table} />
      <div
        role="rowgroup"
        class="lines"
        style={{ height: `${lines.length * ROW_HEIGHT}px` }}
        onClick={(event) => clickLine(table, lineOf(event.target))}
        onDblClick={(event) => {
          const line = lineOf(event.target);
          if (line !== null && !isGroupLine(line)) openPanel(state, rowOfLine(line));
        }}
        onPointerOver={(event) => pointAtLine(table, event)}
        onPointerLeave={() => pointAt(null)}
      >
        {drawn.map((line, index) => (
          <TableLine
            key={(first + index) % slots}
            table={table}
            model={model}
            columns={columns}
            theme={theme.value}
            line={line}
            position={first + index}
            isSelected={line === selected}
            isActive={line === activeLine}
          />
        ))}
      </div>
    </div>
  );
}

/** The keyboard starts at the selected tensor, or at the first line, unless it was somewhere. */
function putCursor(table: TableModel): void {
  const active = table.active.peek();
  if (active.kind === 'head' || table.positionOf(active.line) >= 0) return;
  const selected = table.state.selected.peek();
  const line = table.positionOf(selected) >= 0 ? selected : table.lines.peek()[0];
  if (line !== undefined) table.active.value = { kind: 'line', line };
}

export function lineOf(target: EventTarget | null): Line | null {
  const line = target instanceof Element ? target.closest<HTMLElement>('.line')?.dataset['line'] : undefined;
  return line === undefined ? null : Number(line);
}

function clickLine(table: TableModel, line: Line | null): void {
  if (line === null) return;
  if (!isGroupLine(line)) return table.selectLine(line);
  table.active.value = { kind: 'line', line };
  table.setOpen(groupOfLine(line), !table.isOpen(groupOfLine(line)));
}

/** How far left of the pointer a card begins, so that the way into it is short. */
const CARD_LEFT = 40;

function pointAtLine(table: TableModel, event: PointerEvent): void {
  const line = lineOf(event.target);
  const from = lineOf(event.relatedTarget);
  if (line === from) return;
  if (line === null) return pointAt(null);
  const { top, bottom } = (event.target as Element).closest('.line')?.getBoundingClientRect() ?? NOWHERE;
  const anchor = { left: event.clientX - CARD_LEFT, top, right: event.clientX, bottom };
  pointAt({ topic: topicOfLine(table, line), anchor, now: false });
}

const NOWHERE = { top: 0, bottom: 0 };
