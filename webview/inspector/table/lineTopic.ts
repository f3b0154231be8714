// What the hover card of a line explains.
import type { HoverTopic } from '../hover.ts';
import { rowOfLine } from './partLines.ts';
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { rowsOfLine, type TableModel } from './tableModel.ts';

export function topicOfLine(table: TableModel, line: Line): HoverTopic {
  if (!isGroupLine(line)) return { kind: 'tensor', row: rowOfLine(line) };
  const title = table.state.model.peek()?.groups[groupOfLine(line)]?.label ?? '';
  return { kind: 'tensors', title, rows: rowsOfLine(table, line) };
}
