// The menu of the table: copying rows, showing and hiding columns.
import { batch, signal, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { copyText } from '../../shared/link.ts';
import { focusFirst, Menu, type MenuItem } from '../../shared/menu.tsx';
import { openPanel } from '../panel/openPanel.ts';
import { HIDDEN_AT_FIRST, type ColumnId } from '../state.ts';
import { isPartLine, rowOfLine } from './partLines.ts';
import { rowAsTsv, rowsAsMarkdown, rowsAsTsv } from './copyRows.ts';
import { columnsToCopy, type TableModel } from './tableModel.ts';

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  /** What it was opened on: a line, the head of a column, the button. */
  readonly target: Element;
}
export type OpenMenu = (place: MenuPlace) => void;

export const createMenu = (): Signal<MenuPlace | null> => signal(null);

export function TableMenu({
  table,
  place,
}: {
  readonly table: TableModel;
  readonly place: Signal<MenuPlace | null>;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const at = place.value;
  useLayoutEffect(() => {
    const box = frame.current;
    if (box === null || at === null) return;
    const before = document.activeElement;
    const { width, height } = menu.current?.getBoundingClientRect() ?? { width: 0, height: 0 };
    box.style.left = `${Math.max(0, Math.min(at.x, innerWidth - width))}px`;
    box.style.top = `${Math.max(0, Math.min(at.y, innerHeight - height))}px`;
    focusFirst(menu.current);
    return () => (before instanceof HTMLElement ? before.focus() : undefined);
  }, [at]);
  if (at === null) return null;

  return (
    <div ref={frame} class="table-menu">
      <Menu
        menu={menu}
        label="Rows and columns"
        items={entriesFor(table, at.target)}
        close={() => (place.value = null)}
      />
    </div>
  );
}

function entriesFor(table: TableModel, target: Element): MenuItem[] {
  if (target.closest('.table-head') !== null) return columnEntries(table);
  const line = Number(target.closest<HTMLElement>('.line')?.dataset['line'] ?? -1);
  return line < 0
    ? [...copyEntries(table), ...separate(columnEntries(table))]
    : [...rowEntries(table, rowOfLine(line)), ...separate(copyEntries(table))];
}

const separate = ([first, ...others]: MenuItem[]): MenuItem[] =>
  first === undefined ? [] : [{ ...first, separated: true }, ...others];

function rowEntries(table: TableModel, row: number): MenuItem[] {
  const { state } = table;
  const model = state.model.peek();
  const rows = state.rows.peek();
  if (model === null) return [];
  return [
    { label: 'Open Details', run: () => openPanel(state, row) },
    { label: 'Copy Name', run: () => copyText(state.link, rows.names[row] ?? '') },
    {
      label: 'Copy Row',
      run: () =>
        copyText(state.link, rowAsTsv(model, rows, row, columnsToCopy(table), table.analyzed.peek())),
    },
  ];
}

function copyEntries(table: TableModel): MenuItem[] {
  const { state, lines, filtered } = table;
  const model = state.model.peek();
  if (model === null) return [];
  const { matches } = filtered.peek();
  const rows = state.rows.peek();
  /** All the filter leaves, in the order of the table; those in closed groups too. */
  const all = (): number[] =>
    state.sort.peek() !== null
      ? [...lines.peek()].filter((line) => !isPartLine(line))
      : Array.from({ length: rows.count }, (_, row) => row).filter(
          (row) => matches === null || matches[row] !== 0,
        );
  const copyAs = (format: typeof rowsAsTsv) => (): void =>
    copyText(state.link, format(model, rows, all(), columnsToCopy(table), table.analyzed.peek()));
  const which = matches === null ? 'All Rows' : 'Filtered Rows';
  return [
    { label: `Copy ${which} as TSV`, run: copyAs(rowsAsTsv) },
    { label: `Copy ${which} as Markdown`, run: copyAs(rowsAsMarkdown) },
  ];
}

function columnEntries({ state, columns, shown }: TableModel): MenuItem[] {
  const isShown = new Set(shown.value.map(({ id }) => id));
  /** A column asked for stays in a narrow table too, and before there are results. */
  const toggle = (id: ColumnId): void => {
    const hidden = new Set(state.hidden.peek());
    const wanted = new Set(state.wanted.peek());
    const [from, to] = isShown.has(id) ? [wanted, hidden] : [hidden, wanted];
    from.delete(id);
    to.add(id);
    batch(() => {
      state.hidden.value = hidden;
      state.wanted.value = wanted;
    });
  };
  return [
    ...columns.value
      .filter(({ id }) => id !== 'name')
      .map(({ id, title }) => ({ label: title, checked: isShown.has(id), run: () => toggle(id) })),
    {
      label: 'Reset Columns',
      separated: true,
      run: () => {
        state.hidden.value = new Set(HIDDEN_AT_FIRST);
        state.wanted.value = new Set();
        state.widths.value = {};
      },
    },
  ];
}
