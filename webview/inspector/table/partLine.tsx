// The line of a stored tensor below its matrix: what it is to the matrix, its own type and shape, what it adds to the bits of a weight.
import { formatBits, formatCount, formatPercent } from '../../../src/core/base/units.ts';
import type { ModelView, PartView } from '../../../src/protocol/modelView.ts';
import { fieldColor, type ThemeKind } from '../../shared/colors.ts';
import { formatInUnit, measuresOf } from '../../shared/tensors/measures.ts';
import { ROW_HEIGHT } from '../../shared/table/lineWindow.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import type { ColumnId } from '../state.ts';
import { STATE_WORDS } from './cellText.ts';
import type { Column } from './columns.ts';
import { lineId, partOfLine, rowOfLine } from './partLines.ts';
import type { LineProps } from './tableRow.tsx';

interface Props {
  readonly model: ModelView;
  readonly rows: Rows;
  /** Of the matrix. */
  readonly row: number;
  /** undefined: on its way. */
  readonly part: PartView | 'failed' | undefined;
  readonly columns: readonly Column[];
  readonly theme: ThemeKind;
}

/** A stored tensor below its matrix, a level deeper. */
export function PartLine({ table, model, columns, theme, line, position, isActive }: LineProps) {
  const rows = table.state.rows.value;
  const row = rowOfLine(line);
  const known = table.storedParts.value.get(rows.names[row] ?? '');
  const part = known === undefined || known === 'failed' ? known : known[partOfLine(line)];
  const isInGroup = table.state.sort.value === null && model.groups[rows.group[row] ?? 0]?.label !== '';
  const names = ['line', 'part', ...(isInGroup ? ['child'] : []), ...(isActive ? ['active'] : [])];
  return (
    <div
      role="row"
      id={lineId(line)}
      class={names.join(' ')}
      style={{ top: `${position * ROW_HEIGHT}px` }}
      data-line={line}
      aria-rowindex={position + 2}
      aria-level={isInGroup ? 3 : 2}
      aria-selected={false}
    >
      <PartCells model={model} rows={rows} row={row} part={part} columns={columns} theme={theme} />
    </div>
  );
}

function PartCells({ columns, ...props }: Props) {
  return (
    <>
      {columns.map(({ id, align }) => (
        <div key={id} role="gridcell" class={`cell column-${id} ${align}`}>
          {id === 'name' ? <PartName {...props} /> : partText(props, id)}
        </div>
      ))}
    </>
  );
}

function PartName({ part, theme }: Omit<Props, 'columns'>) {
  if (part === undefined) return <span class="muted">…</span>;
  if (part === 'failed') return <span class="muted">could not be read</span>;
  return (
    <>
      <span class="swatch" style={{ background: fieldColor(theme, part.color) }} />
      <span class="label">{part.name}</span>
      <span class="aside">{part.use}</span>
      {part.state !== 'whole' && <span class="aside">{STATE_WORDS[part.state]}</span>}
    </>
  );
}

/** Text of a cell; '' where a part has nothing to say: its numbers are no weights. */
function partText({ model, rows, row, part }: Omit<Props, 'columns'>, column: ColumnId): string {
  if (part === undefined || part === 'failed') return '';
  const { wholeBytes, unit } = measuresOf(model, rows);
  switch (column) {
    case 'type':
      return part.type;
    case 'bits':
      return addedBits((part.bytes * 8) / (rows.weights[row] ?? NaN));
    case 'shape':
      return part.shape.length === 0 ? '1' : `[${part.shape.map(formatCount).join(', ')}]`;
    case 'bytes':
      return formatInUnit(part.bytes, unit);
    case 'share':
      return Number.isNaN(part.bytes) || wholeBytes === 0 ? '–' : formatPercent(part.bytes / wholeBytes);
    case 'offset':
      return formatCount(part.offset);
    case 'file':
      return model.files[part.file]?.name ?? '';
    default:
      return '';
  }
}

const addedBits = (bits: number): string =>
  Number.isNaN(bits) ? '–' : bits > 0 && bits < 0.005 ? '<0.01' : formatBits(bits);
