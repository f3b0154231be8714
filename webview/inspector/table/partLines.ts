// The stored tensors of a packed matrix as lines of the table, below the line of their matrix.
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import type { Rows } from '../../shared/tensors/rows.ts';

/** Above all rows: part p of row r is the line 2^30 + 256·r + p. A header has at most 400,000 tensors, a row at most 255 parts. */
const FIRST = 2 ** 30;
const PARTS_PER_ROW = 256;

const partLine = (row: number, part: number): Line => FIRST + row * PARTS_PER_ROW + part;
export const isPartLine = (line: Line): boolean => line >= FIRST;
export const partOfLine = (line: Line): number => (line - FIRST) % PARTS_PER_ROW;
/** The row of a line that is none of a group: that of a tensor, or of the matrix that a part belongs to. */
export const rowOfLine = (line: Line): number =>
  isPartLine(line) ? Math.floor((line - FIRST) / PARTS_PER_ROW) : line;

/** The lines with the parts of the open rows behind them. */
export function withParts(lines: Int32Array, rows: Rows, isOpen: (row: number) => boolean): Int32Array {
  let more = 0;
  for (const line of lines) if (line >= 0 && isOpen(line)) more += rows.parts[line] ?? 0;
  if (more === 0) return lines;
  const all = new Int32Array(lines.length + more);
  let length = 0;
  for (const line of lines) {
    all[length++] = line;
    if (line < 0 || !isOpen(line)) continue;
    for (let part = 0; part < (rows.parts[line] ?? 0); part++) all[length++] = partLine(line, part);
  }
  return all;
}

/** Names of elements for aria-activedescendant. */
export const lineId = (line: Line): string =>
  isGroupLine(line)
    ? `group-line-${groupOfLine(line)}`
    : isPartLine(line)
      ? `part-line-${rowOfLine(line)}-${partOfLine(line)}`
      : `tensor-line-${line}`;
