// The menu of the table: copying rows, showing and hiding columns.
import { signal, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../../shared/icon.tsx';
import { HIDDEN_AT_FIRST, type ColumnId } from '../state.ts';
import { rowAsTsv, rowsAsMarkdown, rowsAsTsv } from './copyRows.ts';
import { columnsToCopy, type TableModel } from './tableModel.ts';
import { copyText } from '../../shared/link.ts';

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  /** What it was opened on: a line, the head of a column, the button. */
  readonly target: Element;
}
export type OpenMenu = (place: MenuPlace) => void;

interface Entry {
  readonly label: string;
  /** Set for an entry that is on or off. */
  readonly checked?: boolean;
  readonly separated?: boolean;
  run(): void;
}

export const createMenu = (): Signal<MenuPlace | null> => signal(null);

export function TableMenu({
  table,
  place,
}: {
  readonly table: TableModel;
  readonly place: Signal<MenuPlace | null>;
}) {
  const element = useRef<HTMLDivElement>(null);
  const at = place.value;
  useLayoutEffect(() => {
    const menu = element.current;
    if (menu === null || at === null) return;
    const before = document.activeElement;
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(0, Math.min(at.x, innerWidth - width))}px`;
    menu.style.top = `${Math.max(0, Math.min(at.y, innerHeight - height))}px`;
    items(menu)[0]?.focus();
    return () => (before instanceof HTMLElement ? before.focus() : undefined);
  }, [at]);
  if (at === null) return null;

  const close = (): void => void (place.value = null);
  return (
    <div
      ref={element}
      role="menu"
      class="table-menu"
      aria-label="Rows and columns"
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node) || !element.current?.contains(event.relatedTarget))
          close();
      }}
      onKeyDown={(event) => menuKey(event, close)}
    >
      {entriesFor(table, at.target).map(({ label, checked, separated, run }) => (
        <button
          key={label}
          type="button"
          role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
          class={separated === true ? 'separated' : undefined}
          aria-checked={checked}
          tabIndex={-1}
          onPointerEnter={(event) => event.currentTarget.focus()}
          onClick={() => {
            run();
            if (checked === undefined) close();
          }}
        >
          <span class="check">{checked === true && <Icon name="check" />}</span>
          {label}
        </button>
      ))}
    </div>
  );
}

const items = (menu: Element): HTMLButtonElement[] => [...menu.querySelectorAll('button')];

function menuKey(event: KeyboardEvent, close: () => void): void {
  const all = items(event.currentTarget as Element);
  const current = all.indexOf(document.activeElement as HTMLButtonElement);
  const to: Partial<Record<string, number>> = {
    ArrowDown: (current + 1) % all.length,
    ArrowUp: (current - 1 + all.length) % all.length,
    Home: 0,
    End: all.length - 1,
  };
  const next = to[event.key];
  if (next !== undefined) all[next]?.focus();
  else if (event.key === 'Escape' || event.key === 'Tab') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function entriesFor(table: TableModel, target: Element): Entry[] {
  if (target.closest('.table-head') !== null) return columnEntries(table);
  const line = Number(target.closest<HTMLElement>('.line')?.dataset['line'] ?? -1);
  return line < 0
    ? [...copyEntries(table), ...separate(columnEntries(table))]
    : [...rowEntries(table, line), ...separate(copyEntries(table))];
}

const separate = ([first, ...others]: Entry[]): Entry[] =>
  first === undefined ? [] : [{ ...first, separated: true }, ...others];

function rowEntries(table: TableModel, row: number): Entry[] {
  const { state } = table;
  const model = state.model.peek();
  const rows = state.rows.peek();
  if (model === null) return [];
  return [
    { label: 'Copy Name', run: () => copyText(state.link, rows.names[row] ?? '') },
    { label: 'Copy Row', run: () => copyText(state.link, rowAsTsv(model, rows, row, columnsToCopy(table))) },
  ];
}

function copyEntries(table: TableModel): Entry[] {
  const { state, lines, filtered } = table;
  const model = state.model.peek();
  if (model === null) return [];
  const { matches } = filtered.peek();
  const rows = state.rows.peek();
  /** All the filter leaves, in the order of the table; those in closed groups too. */
  const all = (): number[] =>
    state.sort.peek() !== null
      ? [...lines.peek()]
      : Array.from({ length: rows.count }, (_, row) => row).filter(
          (row) => matches === null || matches[row] !== 0,
        );
  const copyAs = (format: typeof rowsAsTsv) => (): void =>
    copyText(state.link, format(model, rows, all(), columnsToCopy(table)));
  const which = matches === null ? 'All Rows' : 'Filtered Rows';
  return [
    { label: `Copy ${which} as TSV`, run: copyAs(rowsAsTsv) },
    { label: `Copy ${which} as Markdown`, run: copyAs(rowsAsMarkdown) },
  ];
}

function columnEntries({ state, columns }: TableModel): Entry[] {
  const hidden = state.hidden.value;
  const toggle = (id: ColumnId): void => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    state.hidden.value = next;
  };
  return [
    ...columns.value
      .filter(({ id }) => id !== 'name')
      .map(({ id, title }) => ({ label: title, checked: !hidden.has(id), run: () => toggle(id) })),
    {
      label: 'Reset Columns',
      separated: true,
      run: () => {
        state.hidden.value = new Set(HIDDEN_AT_FIRST);
        state.widths.value = {};
      },
    },
  ];
}
