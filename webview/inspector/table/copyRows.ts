// Rows as text for the clipboard: TSV with plain numbers for spreadsheets, Markdown as people read it.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { rowState, type Rows } from '../rows.ts';
import { cellText } from './cellText.ts';
import type { Column } from './columns.ts';
import { measuresOf } from './measures.ts';

/** A head and one line per row. Numbers are plain: bytes exact, shares in percent, no thousands separators. */
export function rowsAsTsv(
  model: ModelView,
  rows: Rows,
  shown: Iterable<number>,
  columns: readonly Column[],
): string {
  const head = columns.map(({ id, title }) => (id === 'bytes' ? 'Bytes' : title)).join('\t');
  return [head, ...Array.from(shown, (row) => rowAsTsv(model, rows, row, columns))].join('\n');
}

export function rowAsTsv(model: ModelView, rows: Rows, row: number, columns: readonly Column[]): string {
  const { bits, wholeBytes } = measuresOf(model, rows);
  const bytes = rows.bytes[row] ?? NaN;
  return columns
    .map(({ id }) => {
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

const plain = (value: number, decimals: number): string =>
  Number.isFinite(value) ? String(Number(value.toFixed(decimals))) : '';

/** Spreadsheets run a cell that begins like a formula, and names are a stranger's. */
const notFormula = (text: string): string => (/^[=+\-@]/.test(text) ? `'${text}` : text);

export function rowsAsMarkdown(
  model: ModelView,
  rows: Rows,
  shown: Iterable<number>,
  columns: readonly Column[],
): string {
  // prettier-ignore
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...Array.from(shown, (row) =>
      line(
        columns.map(({ id }) => {
          const text = escapeMarkdown(cellText(model, rows, row, id));
          const state = id === 'name' ? rowState(rows, row) : 'whole';
          return state === 'whole' ? text : `${text} (${state})`;
        }),
      ),
    ),
  ].join('\n');
}

/** Characters that would end the cell or begin markup; underscores inside of words are none. */
const escapeMarkdown = (text: string): string => text.replace(/[\\|`*<>[\]]/g, '\\$&');
