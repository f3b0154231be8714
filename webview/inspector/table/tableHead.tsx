// The heads of the columns: sort by click, resize by dragging their right border.
import { Icon } from '../../shared/icon.tsx';
import type { ColumnId } from '../state.ts';
import { MIN_COLUMN_WIDTH, type Column } from './columns.ts';
import type { TableModel } from './tableModel.ts';

export const headId = (column: ColumnId): string => `table-head-${column}`;

export function TableHead({ table }: { readonly table: TableModel }) {
  const sort = table.state.sort.value;
  const active = table.active.value;
  return (
    <div role="rowgroup" class="table-head">
      <div role="row" class="heads" aria-rowindex={1}>
        {table.shown.value.map((column) => {
          const sorted = sort?.column === column.id ? (sort.descending ? 'descending' : 'ascending') : 'none';
          const isActive = active.kind === 'head' && active.column === column.id;
          return (
            <div
              key={column.id}
              role="columnheader"
              id={headId(column.id)}
              class={`cell column-${column.id} ${column.align}${isActive ? ' active' : ''}`}
              data-column={column.id}
              aria-sort={sorted}
              title={column.help}
              onClick={() => table.cycleSort(column.id)}
            >
              {sorted !== 'none' && <Icon name={sorted === 'ascending' ? 'arrow-up' : 'arrow-down'} />}
              <span class="label">{column.title}</span>
              <Grip table={table} column={column} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Grip({ table, column }: { readonly table: TableModel; readonly column: Column }) {
  const drag = (event: PointerEvent): void => {
    const grip = event.currentTarget as HTMLElement;
    const startWidth = widthOfHead(column.id);
    const startX = event.clientX;
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = ({ clientX }) =>
      table.setWidth(column.id, Math.max(MIN_COLUMN_WIDTH, startWidth + clientX - startX));
    grip.onlostpointercapture = () => (grip.onpointermove = null);
    event.preventDefault();
  };
  return (
    <span
      class="grip"
      onPointerDown={drag}
      onClick={(event) => event.stopPropagation()}
      onDblClick={() => table.setWidth(column.id, null)}
    />
  );
}

export const widthOfHead = (column: ColumnId): number =>
  document.getElementById(headId(column))?.getBoundingClientRect().width ?? 0;
