// Rows as text for the clipboard: TSV with plain numbers for spreadsheets, Markdown as people read it.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { rowState, type Rows } from '../../shared/tensors/rows.ts';
import { statsKnown, type Stats } from '../stats.ts';
import { cellText } from './cellText.ts';
import type { Column } from './columns.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { isStatColumn, NOT_ANALYZED, statValue, type Analyzed, type StatColumn } from './statColumns.ts';

/** A head and one line per row. Numbers are plain: bytes exact, shares in percent, no thousands separators. */
export function rowsAsTsv(
  model: ModelView,
  rows: Rows,
  shown: Iterable<number>,
  columns: readonly Column[],
  analyzed: Analyzed = NOT_ANALYZED,
): string {
  const head = columns.map(({ id, title }) => (id === 'bytes' ? 'Bytes' : title)).join('\t');
  return [head, ...Array.from(shown, (row) => rowAsTsv(model, rows, row, columns, analyzed))].join('\n');
}

export function rowAsTsv(
  model: ModelView,
  rows: Rows,
  row: number,
  columns: readonly Column[],
  analyzed: Analyzed = NOT_ANALYZED,
): string {
  const { bits, wholeBytes } = measuresOf(model, rows);
  const bytes = rows.bytes[row] ?? NaN;
  return columns
    .map(({ id }) => {
      if (isStatColumn(id)) return plainStat(analyzed.stats, row, id);
      switch (id) {
        case 'bits':
          return plain(bits[row] ?? NaN, 4);
        case 'weights':
          return plain(rows.weights[row] ?? NaN, 0);
        case 'bytes':
          return plain(bytes, 0);
        case 'share':
          return plain((bytes / wholeBytes) * 100, 4);
        case 'offset':
          return plain(rows.offset[row] ?? NaN, 0);
        case 'shape':
          return cellText(model, rows, row, id).replaceAll(',', '');
        default:
          return notFormula(cellText(model, rows, row, id));
      }
    })
    .join('\t');
}

/** Six digits; shares in percent; an estimate is marked as one. */
function plainStat(stats: Stats | null, row: number, column: StatColumn): string {
  const value = (stats === null ? NaN : statValue(stats, row, column)) * (column === 'beyond3' ? 100 : 1);
  if (!Number.isFinite(value)) return '';
  return `${statsKnown(stats, row) === 'estimate' ? '≈' : ''}${Number(value.toPrecision(6))}`;
}

const plain = (value: number, decimals: number): string =>
  Number.isFinite(value) ? String(Number(value.toFixed(decimals))) : '';

/** Spreadsheets run a cell that begins like a formula, and names are a stranger's. */
const notFormula = (text: string): string => (/^[=+\-@]/.test(text) ? `'${text}` : text);

export function rowsAsMarkdown(
  model: ModelView,
  rows: Rows,
  shown: Iterable<number>,
  columns: readonly Column[],
  analyzed: Analyzed = NOT_ANALYZED,
): string {
  // prettier-ignore
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...Array.from(shown, (row) =>
      line(
        columns.map(({ id }) => {
          const text = escapeMarkdown(cellText(model, rows, row, id, analyzed));
          const state = id === 'name' ? rowState(rows, row) : 'whole';
          return state === 'whole' ? text : `${text} (${state})`;
        }),
      ),
    ),
  ].join('\n');
}

/** Characters that would end the cell or begin markup; underscores inside of words are none. */
const escapeMarkdown = (text: string): string => text.replace(/[\\|`*<>[\]]/g, '\\$&');
