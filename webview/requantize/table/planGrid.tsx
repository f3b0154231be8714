// The lines of the plan's table: only those in view are in the document, and their elements are used again.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { Icon } from '../../shared/icon.tsx';
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { ROW_HEIGHT } from '../../shared/table/lineWindow.ts';
import { lineOf, usePointedLine } from '../../shared/table/pointedLine.ts';
import { useLineScroller } from '../../shared/table/useLineScroller.ts';
import { explainTensors } from '../hover/target.ts';
import { modeOf } from '../selection.ts';
import type { PlanColumnId } from '../state.ts';
import { tracksOf } from './columns.ts';
import { lineId, PlanLine } from './planLine.tsx';
import { extendTo, handleTableKey, selectLine, type TableView } from './tableKeys.ts';
import type { PlanTable } from './tableModel.ts';

const headId = (column: PlanColumnId): string => `plan-head-${column}`;

export function PlanGrid({ table, model }: { readonly table: PlanTable; readonly model: ModelView }) {
  const { state } = table;
  const { scroller, first, slots, drawn, pageLines, scrollTo } = useLineScroller(state, table);

  const pointed = usePointedLine((at) =>
    explainTensors(
      at && {
        title: titleOf(table, model, at.line),
        rows: table.rowsOf(at.line),
        anchor: at.anchor,
        now: false,
      },
    ),
  );
  const view: TableView = {
    pageLines,
    scrollTo,
    explain(line) {
      const anchor = document.getElementById(lineId(line))?.getBoundingClientRect();
      if (anchor !== undefined)
        explainTensors({ title: titleOf(table, model, line), rows: table.rowsOf(line), anchor, now: true });
    },
  };

  const lines = table.lines.value;
  const columns = table.columns.value;
  const active = table.active.value;
  const activeLine = active.kind === 'line' ? active.line : null;
  const activeId =
    active.kind === 'head'
      ? headId(active.column)
      : drawn.includes(active.line)
        ? lineId(active.line)
        : undefined;
  const sort = state.sort.value;
  return (
    <div
      ref={scroller}
      role="treegrid"
      class="table"
      tabIndex={0}
      aria-label="Planned tensors"
      aria-multiselectable={true}
      aria-rowcount={lines.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={activeId}
      style={{ '--tracks': tracksOf(columns) }}
      onScroll={(event) => {
        state.scrollTop.value = event.currentTarget.scrollTop;
        if (event.currentTarget.matches(':hover')) pointed.onPointerLeave(); // the line has moved away from under the pointer
      }}
      onKeyDown={(event) => {
        if (handleTableKey(event, table, view)) event.preventDefault();
      }}
      onFocus={() => putCursor(table)}
    >
      <div role="rowgroup" class="table-head">
        <div role="row" class="heads" aria-rowindex={1}>
          {columns.map(({ id, title, help, align }) => {
            const sorted = sort?.column === id ? (sort.descending ? 'descending' : 'ascending') : 'none';
            const isActive = active.kind === 'head' && active.column === id;
            return (
              <div
                key={id}
                role="columnheader"
                id={headId(id)}
                class={`cell column-${id} ${align}${isActive ? ' active' : ''}`}
                aria-sort={sorted}
                title={help}
                onClick={() => table.cycleSort(id)}
              >
                {sorted !== 'none' && <Icon name={sorted === 'ascending' ? 'arrow-up' : 'arrow-down'} />}
                <span class="label">{title}</span>
              </div>
            );
          })}
        </div>
      </div>
      <div
        role="rowgroup"
        class="lines"
        style={{ height: `${lines.length * ROW_HEIGHT}px` }}
        onClick={(event) => clickLine(table, event)}
        {...pointed}
      >
        {drawn.map((line, index) => (
          <PlanLine
            key={(first + index) % slots}
            table={table}
            model={model}
            columns={columns}
            line={line}
            position={first + index}
            isSelected={isGroupLine(line) ? false : state.selection.value.has(line)}
            isActive={line === activeLine}
          />
        ))}
      </div>
    </div>
  );
}

/** The keyboard starts where it was in the map, or at the first line, unless it was somewhere. */
function putCursor(table: PlanTable): void {
  const active = table.active.peek();
  if (active.kind === 'head' || table.positionOf(active.line) >= 0) return;
  const current = table.state.current.peek();
  const line = table.positionOf(current) >= 0 ? current : table.lines.peek()[0];
  if (line !== undefined) table.active.value = { kind: 'line', line };
}

function clickLine(table: PlanTable, event: MouseEvent): void {
  const line = lineOf(event.target);
  if (line === null) return;
  const mode = modeOf(event);
  if (event.shiftKey) extendTo(table, line);
  else if (!isGroupLine(line) || mode === 'toggle') selectLine(table, line, mode);
  else table.setOpen(groupOfLine(line), !table.isOpen(groupOfLine(line)));
  table.goTo(line);
}

const titleOf = ({ state }: PlanTable, model: ModelView, line: Line): string =>
  isGroupLine(line) ? (model.groups[groupOfLine(line)]?.label ?? '') : (state.rows.peek().names[line] ?? '');
