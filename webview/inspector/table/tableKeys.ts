// What the keys do in the table: one tab stop, arrows inside it, also through the heads of the columns.
import { pointAt } from '../hover.ts';
import { openPanel } from '../panel/openPanel.ts';
import { rowAsTsv } from './copyRows.ts';
import { MIN_COLUMN_WIDTH } from './columns.ts';
import { topicOfLine } from './lineTopic.ts';
import { lineId, isPartLine, rowOfLine } from './partLines.ts';
import { headId, widthOfHead } from './tableHead.tsx';
import { groupLine, groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { columnsToCopy, type TableModel } from './tableModel.ts';
import { copyText } from '../../shared/link.ts';

/** What the keys need from the place where the lines are drawn. */
export interface TableView {
  /** Whole lines that fit. */
  pageLines(): number;
  scrollTo(position: number): void;
  openMenu(at: Element | null): void;
}

const RESIZE_STEP = 10;

/** @returns whether the key was for the table. */
export function handleTableKey(event: KeyboardEvent, table: TableModel, view: TableView): boolean {
  const { active } = table;
  if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    const { value } = active;
    view.openMenu(document.getElementById(value.kind === 'head' ? headId(value.column) : lineId(value.line)));
    return true;
  }
  if (event.ctrlKey || event.metaKey) return copyKey(event, table) || endKey(event, table, view);
  if (event.altKey) return false;
  return active.value.kind === 'head' ? headKey(event, table, view) : lineKey(event, table, view);
}

function lineKey(event: KeyboardEvent, table: TableModel, view: TableView): boolean {
  const lines = table.lines.peek();
  const current = table.active.peek();
  const line = current.kind === 'line' ? current.line : 0;
  const position = table.positionOf(line);
  const move = (to: number): true => {
    moveTo(table, view, Math.max(0, Math.min(lines.length - 1, to)));
    return true;
  };
  const isGroup = isGroupLine(line);
  const isPart = isPartLine(line);
  const hasParts = !isGroup && !isPart && (table.state.rows.peek().parts[line] ?? 0) > 0;
  const isOpen = isGroup && table.isOpen(groupOfLine(line));
  switch (event.key) {
    case 'ArrowDown':
      return move(position + 1);
    case 'ArrowUp': {
      const [first] = table.shown.peek();
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
      else if (hasParts && !table.arePartsOpen(line)) table.setPartsOpen(line, true);
      else if (isGroup || hasParts) move(position + 1);
      return true;
    case 'ArrowLeft': {
      if (isGroup) table.setOpen(groupOfLine(line), false);
      else if (isPart) move(table.positionOf(rowOfLine(line)));
      else if (hasParts && table.arePartsOpen(line)) table.setPartsOpen(line, false);
      else {
        const head = table.positionOf(groupLine(table.state.rows.peek().group[line] ?? 0));
        if (head >= 0) move(head);
      }
      return true;
    }
    case 'Enter':
      if (isGroup) table.setOpen(groupOfLine(line), !isOpen);
      else {
        table.selectLine(line);
        openPanel(table.state, rowOfLine(line));
      }
      return true;
    case ' ': {
      const element = document.getElementById(lineId(line));
      if (element !== null)
        pointAt({ topic: topicOfLine(table, line), anchor: element.getBoundingClientRect(), now: true });
      return true;
    }
    default:
      return false;
  }
}

function headKey(event: KeyboardEvent, table: TableModel, view: TableView): boolean {
  const columns = table.shown.peek();
  const current = table.active.peek();
  const index = columns.findIndex(({ id }) => current.kind === 'head' && id === current.column);
  const column = columns[index];
  if (column === undefined) return false;
  const move = (to: number): true => {
    const next = columns[Math.max(0, Math.min(columns.length - 1, to))];
    if (next !== undefined) table.active.value = { kind: 'head', column: next.id };
    return true;
  };
  const resize = (by: number): true => {
    table.setWidth(column.id, Math.max(MIN_COLUMN_WIDTH, widthOfHead(column.id) + by));
    return true;
  };
  switch (event.key) {
    case 'ArrowRight':
      return event.shiftKey ? resize(RESIZE_STEP) : move(index + 1);
    case 'ArrowLeft':
      return event.shiftKey ? resize(-RESIZE_STEP) : move(index - 1);
    case 'Home':
      return move(0);
    case 'End':
      return move(columns.length - 1);
    case 'ArrowDown':
      if (table.lines.peek().length > 0) moveTo(table, view, 0);
      return true;
    case 'ArrowUp':
      return true;
    case 'Enter':
    case ' ':
      table.cycleSort(column.id);
      return true;
    default:
      return false;
  }
}

/** Makes a line the active one and selects its tensor: the map and the table have one selection. */
function moveTo(table: TableModel, view: TableView, position: number): void {
  const line: Line | undefined = table.lines.peek()[position];
  if (line === undefined) return;
  if (isGroupLine(line)) table.active.value = { kind: 'line', line };
  else table.selectLine(line);
  pointAt(null); // a card asked for by key explains the line before
  view.scrollTo(position);
}

/** Ctrl+C copies the selected row, unless text is selected: that is what the user means then. */
function copyKey(event: KeyboardEvent, table: TableModel): boolean {
  if (event.key !== 'c' || event.shiftKey || getSelection()?.isCollapsed === false) return false;
  const { state } = table;
  const model = state.model.peek();
  const row = state.selected.peek();
  if (model === null || row < 0) return false;
  const text = rowAsTsv(model, state.rows.peek(), row, columnsToCopy(table), table.analyzed.peek());
  copyText(state.link, text);
  return true;
}

function endKey(event: KeyboardEvent, table: TableModel, view: TableView): boolean {
  if (event.key !== 'Home' && event.key !== 'End') return false;
  moveTo(table, view, event.key === 'Home' ? 0 : table.lines.peek().length - 1);
  return true;
}
