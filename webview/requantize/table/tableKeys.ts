// What the keys do in the table of the plan: arrows walk and select, Shift extends, Ctrl adds; also through the heads.
import { isGroupLine, groupLine, groupOfLine, type Line } from '../../shared/table/lines.ts';
import { copyText } from '../../shared/link.ts';
import { changeSelection, NOTHING, type SelectionMode } from '../selection.ts';
import { rowAsTsv } from './cells.ts';
import { selectAll } from '../state.ts';
import type { PlanTable } from './tableModel.ts';

export interface TableView {
  /** Whole lines that fit. */
  pageLines(): number;
  scrollTo(position: number): void;
  /** The hover card of a line. */
  explain(line: Line): void;
}

/** @returns whether the key was for the table. */
export function handleTableKey(event: KeyboardEvent, table: PlanTable, view: TableView): boolean {
  if (event.altKey) return false;
  return table.active.peek().kind === 'head' ? headKey(event, table, view) : lineKey(event, table, view);
}

function lineKey(event: KeyboardEvent, table: PlanTable, view: TableView): boolean {
  const { state } = table;
  const lines = table.lines.peek();
  const current = table.active.peek();
  const line = current.kind === 'line' ? current.line : 0;
  const position = table.positionOf(line);
  const isCtrl = event.ctrlKey || event.metaKey;
  const how = event.shiftKey ? 'extend' : isCtrl ? 'only' : 'select';
  const move = (to: number): true => {
    walkTo(table, view, Math.max(0, Math.min(lines.length - 1, to)), how);
    return true;
  };
  const isGroup = isGroupLine(line);
  const isOpen = isGroup && table.isOpen(groupOfLine(line));
  switch (event.key) {
    case 'ArrowDown':
      return move(position + 1);
    case 'ArrowUp': {
      const [first] = table.columns.peek();
      if (position > 0 || first === undefined) return move(position - 1);
      table.active.value = { kind: 'head', column: first.id };
      return true;
    }
    case 'PageDown':
      return move(position + view.pageLines());
    case 'PageUp':
      return move(position - view.pageLines());
    case 'Home':
      return move(0);
    case 'End':
      return move(lines.length - 1);
    case 'ArrowRight':
      if (isGroup && !isOpen) table.setOpen(groupOfLine(line), true);
      else if (isGroup) move(position + 1);
      return true;
    case 'ArrowLeft': {
      if (isGroup) table.setOpen(groupOfLine(line), false);
      const head = table.positionOf(groupLine(state.rows.peek().group[line] ?? 0));
      if (!isGroup && head >= 0) move(head);
      return true;
    }
    case 'Enter':
      if (isGroup) table.setOpen(groupOfLine(line), !isOpen);
      else selectLine(table, line, 'replace');
      return true;
    case ' ':
      if (isCtrl) selectLine(table, line, 'toggle');
      else view.explain(line);
      return true;
    case 'a':
      if (!isCtrl || event.shiftKey) return false;
      selectAll(state);
      return true;
    case 'c':
      return isCtrl && !event.shiftKey && getSelection()?.isCollapsed !== false && copySelected(table);
    default:
      return false;
  }
}

function headKey(event: KeyboardEvent, table: PlanTable, view: TableView): boolean {
  const columns = table.columns.peek();
  const current = table.active.peek();
  const index = columns.findIndex(({ id }) => current.kind === 'head' && id === current.column);
  const goTo = (to: number): true => {
    const next = columns[Math.max(0, Math.min(columns.length - 1, to))];
    if (next !== undefined) table.active.value = { kind: 'head', column: next.id };
    return true;
  };
  switch (event.key) {
    case 'ArrowRight':
      return goTo(index + 1);
    case 'ArrowLeft':
      return goTo(index - 1);
    case 'Home':
      return goTo(0);
    case 'End':
      return goTo(columns.length - 1);
    case 'ArrowDown':
      if (table.lines.peek().length > 0) walkTo(table, view, 0, 'only');
      return true;
    case 'ArrowUp':
      return true;
    case 'Enter':
    case ' ': {
      const column = columns[index];
      if (column !== undefined) table.cycleSort(column.id);
      return true;
    }
    default:
      return false;
  }
}

function walkTo(
  table: PlanTable,
  view: TableView,
  position: number,
  how: 'select' | 'extend' | 'only',
): void {
  const line: Line | undefined = table.lines.peek()[position];
  const before = table.active.peek();
  if (line === undefined) return;
  if (how === 'extend' && before.kind === 'line')
    extendTo(table, line, table.anchor.peek() === -1 ? before.line : table.anchor.peek());
  table.goTo(line);
  if (how === 'select' && !isGroupLine(line)) selectLine(table, line, 'replace');
  else if (how === 'select') table.anchor.value = line;
  view.scrollTo(position);
}

/** A group stands for its tensors. */
export function selectLine(table: PlanTable, line: Line, mode: SelectionMode): void {
  const { selection } = table.state;
  table.anchor.value = line;
  selection.value = changeSelection(selection.peek(), table.rowsOf(line), mode);
}

/** Everything between two lines, also what closed groups hide. */
export function extendTo(table: PlanTable, line: Line, from = table.anchor.peek()): void {
  const lines = table.lines.peek();
  const ends = [table.positionOf(from), table.positionOf(line)].map((position) => Math.max(0, position));
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  const rows = Array.from(lines.subarray(first, last + 1)).flatMap((one) =>
    isGroupLine(one) && table.isOpen(groupOfLine(one)) ? [] : table.rowsOf(one),
  );
  table.anchor.value = from;
  table.state.selection.value = changeSelection(NOTHING, rows, 'replace');
}

/** Ctrl+C: the selected rows with what is planned for them, to paste into a spreadsheet. */
function copySelected({ state }: PlanTable): boolean {
  const rows = [...state.selection.peek()].sort((a, b) => a - b);
  if (rows.length === 0) return false;
  const head = [
    'Tensor',
    'From',
    'To',
    'Reason',
    'Est. SQNR, dB',
    'Est. error',
    'Bytes before',
    'Bytes after',
  ];
  copyText(state.link, [head.join('\t'), ...rows.map((row) => rowAsTsv(state, row))].join('\n'));
  return true;
}
