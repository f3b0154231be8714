// What stands in the cells of a row, as text: for the screen, for copies and for screen readers.
import { formatBits, formatCount, formatPercent, formatShape } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows, TensorState } from '../../shared/tensors/rows.ts';
import type { ColumnId } from '../state.ts';
import { formatInUnit, measuresOf } from '../../shared/tensors/measures.ts';
import { inOutDims } from '../../shared/tensors/shape.ts';
import { isStatColumn, NOT_ANALYZED, statText, type Analyzed } from './statColumns.ts';
import type { GroupSums } from './tableLines.ts';

/** Words for what is wrong with a tensor; '' for nothing. */
export const STATE_WORDS: Readonly<Record<TensorState, string>> = {
  whole: '',
  cut: 'cut off',
  missing: 'missing',
  invalid: 'invalid',
};

export const NOT_KNOWN = 'not known';

/** Text of a cell with the full name. Shapes of vectors have one number. */
export function cellText(
  model: ModelView,
  rows: Rows,
  row: number,
  column: ColumnId,
  analyzed: Analyzed = NOT_ANALYZED,
): string {
  if (isStatColumn(column)) return statText(analyzed, row, column);
  const { bits, wholeBytes, unit } = measuresOf(model, rows);
  const bytes = rows.bytes[row] ?? NaN;
  switch (column) {
    case 'name':
      return rows.names[row] ?? '';
    case 'layer':
      return (rows.layer[row] ?? -1) < 0 ? '' : String(rows.layer[row]);
    case 'role':
      return model.roles[rows.role[row] ?? 0]?.label ?? '';
    case 'type':
      return model.types[rows.type[row] ?? 0]?.name ?? '';
    case 'bits':
      return Number.isNaN(bits[row]) ? NOT_KNOWN : formatBits(bits[row] ?? NaN);
    case 'shape':
      return formatShape(inOutDims(model, rows, row));
    case 'weights':
      return formatCount(rows.weights[row] ?? 0);
    case 'bytes':
      return formatInUnit(bytes, unit);
    case 'share':
      return formatShare(bytes, wholeBytes);
    case 'offset':
      return formatCount(rows.offset[row] ?? 0);
    case 'file':
      return model.files[rows.file[row] ?? 0]?.name ?? '';
  }
}

/** Text of a cell of a group's head: sums; '' where there is nothing to sum. The name is drawn apart. */
export function sumText(model: ModelView, rows: Rows, sums: GroupSums, column: ColumnId): string {
  const { wholeBytes, unit } = measuresOf(model, rows);
  switch (column) {
    case 'bits':
      return Number.isNaN(sums.bits) ? NOT_KNOWN : formatBits(sums.bits);
    case 'weights':
      return formatCount(sums.weights);
    case 'bytes':
      return formatInUnit(sums.bytes, unit);
    case 'share':
      return formatShare(sums.bytes, wholeBytes);
    default:
      return '';
  }
}

const formatShare = (bytes: number, wholeBytes: number): string =>
  Number.isNaN(bytes) || wholeBytes === 0 ? '–' : formatPercent(bytes / wholeBytes);

/** What is wrong in a group: "all missing", "1 cut off, 7 missing"; '' for nothing. */
export function stateText({ states, tensorCount }: GroupSums): string {
  const wrong = (['invalid', 'cut', 'missing'] as const).filter((state) => states[state] > 0);
  return wrong
    .map(
      (state) =>
        `${states[state] === tensorCount ? 'all' : formatCount(states[state])} ${STATE_WORDS[state]}`,
    )
    .join(', ');
}
