// Which lines a table of tensors has: rows under the heads of their groups, or all rows in the order of a column.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../tensors/rows.ts';

/** A line by number: a row as it is, the head of group g as −2−g. (−1 is no row: nothing is selected.) */
export type Line = number;
export const groupLine = (group: number): Line => -2 - group;
export const isGroupLine = (line: Line): boolean => line < -1;
export const groupOfLine = (line: Line): number => -2 - line;

/** Lines of the grouped table: a head where a group begins, its rows when it is open. Tensors of no group stand alone. */
export function groupedLines(
  model: ModelView,
  rows: Rows,
  matches: Uint8Array | null,
  isOpen: (group: number) => boolean,
): Int32Array {
  const lines = new Int32Array(rows.count + model.groups.length);
  let length = 0;
  let current = -1;
  let shown = true;
  for (let row = 0; row < rows.count; row++) {
    if (matches !== null && matches[row] === 0) continue;
    const group = rows.group[row] ?? 0;
    if (group !== current) {
      current = group;
      const alone = model.groups[group]?.label === '';
      shown = alone || isOpen(group);
      if (!alone) lines[length++] = groupLine(group);
    }
    if (shown) lines[length++] = row;
  }
  return lines.subarray(0, length);
}

/** All rows in the order of a number per row; what is not known comes last, equals stay in table order. */
export function orderedLines(
  keys: ArrayLike<number>,
  { count }: Rows,
  matches: Uint8Array | null,
  descending: boolean,
): Int32Array {
  const lines = new Int32Array(count);
  let length = 0;
  for (let row = 0; row < count; row++) if (matches === null || matches[row] !== 0) lines[length++] = row;
  const direction = descending ? -1 : 1;
  return lines.subarray(0, length).sort((a, b) => {
    const first = keys[a] ?? NaN;
    const second = keys[b] ?? NaN;
    if (first === second) return a - b;
    if (Number.isNaN(first) || Number.isNaN(second))
      return Number.isNaN(first) && Number.isNaN(second) ? a - b : Number.isNaN(first) ? 1 : -1;
    return first < second ? -direction : direction;
  });
}

/** Position of each text in their order, in which "blk.9" comes before "blk.10"; equal texts share one. */
export function textRanks(texts: readonly string[]): Float64Array {
  const keys = texts.map((text) => text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, '0')));
  const order = Uint32Array.from(keys.keys()).sort((a, b) => {
    const first = keys[a] ?? '';
    const second = keys[b] ?? '';
    return first < second ? -1 : first > second ? 1 : 0;
  });
  const ranks = new Float64Array(texts.length);
  let rank = 0;
  order.forEach((row, position) => {
    if (position > 0 && keys[row] !== keys[order[position - 1] ?? 0]) rank = position;
    ranks[row] = rank;
  });
  return ranks;
}
