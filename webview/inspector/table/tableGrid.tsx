// The lines of the table: only those in view are in the document, whatever their number, and their elements are used again.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { ROW_HEIGHT } from '../../shared/table/lineWindow.ts';
import { lineOf, usePointedLine } from '../../shared/table/pointedLine.ts';
import { useLineScroller } from '../../shared/table/useLineScroller.ts';
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
  const { scroller, first, slots, drawn, pageLines, scrollTo } = useLineScroller(state, table);

  const view: TableView = {
    pageLines,
    scrollTo,
    openMenu(at) {
      if (at === null) return;
      const { left, bottom } = at.getBoundingClientRect();
      openMenu({ x: left + ROW_HEIGHT, y: bottom, target: at });
    },
  };

  const lines = table.lines.value;
  const columns = table.shown.value;
  const grid = columnGrid(columns, state.widths.value, table.longest.value, table.width.value);
  const selected = state.selected.value;
  const active = table.active.value;
  const activeLine = active.kind === 'line' ? active.line : null;
  const activeId =
    active.kind === 'head'
      ? headId(active.column)
      : drawn.includes(active.line)
        ? lineId(active.line)
        : undefined;

  const pointed = usePointedLine((at) =>
    pointAt(at && { topic: topicOfLine(table, at.line), anchor: at.anchor, now: false }),
  );
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
        if (event.currentTarget.matches(':hover')) pointed.onPointerLeave(); // it has moved away from under the pointer
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
        {...pointed}
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

function clickLine(table: TableModel, line: Line | null): void {
  if (line === null) return;
  if (!isGroupLine(line)) return table.selectLine(line);
  table.active.value = { kind: 'line', line };
  table.setOpen(groupOfLine(line), !table.isOpen(groupOfLine(line)));
}
