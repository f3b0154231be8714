// One line of the table: a tensor, or the head of a group with its sums.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { bitsColor, scalePosition, type ThemeKind } from '../../shared/colors.ts';
import { Icon } from '../../shared/icon.tsx';
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { ROW_HEIGHT } from '../../shared/table/lineWindow.ts';
import { nameInGroup, TensorName } from '../../shared/table/tensorName.tsx';
import { openPanel } from '../panel/openPanel.ts';
import { rowState } from '../../shared/tensors/rows.ts';
import type { ColumnId } from '../state.ts';
import { TypeSwatch } from '../../shared/tensors/typeMark.tsx';
import { cellText, NOT_KNOWN, STATE_WORDS, stateText, sumText } from './cellText.ts';
import type { Column } from './columns.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { ShareSum, StatCell } from './statCell.tsx';
import { isStatColumn } from './statColumns.ts';
import { PartLine } from './partLine.tsx';
import { isPartLine, lineId } from './partLines.ts';
import type { GroupSums } from './tableLines.ts';
import type { TableModel } from './tableModel.ts';
import { plural } from '../../../src/core/base/units.ts';

export interface LineProps {
  readonly table: TableModel;
  readonly model: ModelView;
  readonly columns: readonly Column[];
  readonly theme: ThemeKind;
  readonly line: Line;
  readonly position: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
}

export function TableLine(props: LineProps) {
  return isPartLine(props.line) ? <PartLine {...props} /> : <TensorLine {...props} />;
}

function TensorLine(props: LineProps) {
  const { line, position, isActive, isSelected, table } = props;
  const hasParts = !isGroupLine(line) && (table.state.rows.value.parts[line] ?? 0) > 0;
  const group = isGroupLine(line) ? groupOfLine(line) : null;
  const sums = group === null ? undefined : table.sums.value[group];
  const flat = table.state.sort.value !== null;
  const inGroup = !flat && group === null && labelOf(props) !== '';
  const missing = group === null && rowState(table.state.rows.value, line) !== 'whole';
  const names = ['line'];
  if (group !== null) names.push('group');
  if (inGroup) names.push('child');
  if (isSelected) names.push('selected');
  if (isActive) names.push('active');
  if (missing) names.push('absent');
  if (hasParts) names.push('packed');
  return (
    <div
      role="row"
      id={lineId(line)}
      class={names.join(' ')}
      style={{ top: `${position * ROW_HEIGHT}px` }}
      data-line={line}
      aria-rowindex={position + 2}
      aria-level={inGroup ? 2 : 1}
      aria-expanded={group !== null ? table.isOpen(group) : hasParts ? table.arePartsOpen(line) : undefined}
      aria-selected={isSelected}
    >
      {group === null
        ? props.columns.map(({ id, align }) => (
            <div key={id} role="gridcell" class={`cell column-${id} ${align}`}>
              <TensorCell {...props} id={id} inGroup={inGroup} />
            </div>
          ))
        : sums && groupCells(props, group, sums)}
    </div>
  );
}

const labelOf = ({ table, model, line }: LineProps): string =>
  model.groups[table.state.rows.value.group[line] ?? 0]?.label ?? '';

function TensorCell(props: LineProps & { readonly id: ColumnId; readonly inGroup: boolean }) {
  const { table, model, line, id, theme, inGroup } = props;
  const rows = table.state.rows.value;
  if (isStatColumn(id))
    return <StatCell analyzed={table.analyzed.value} row={line} column={id} theme={theme} />;
  const text = cellText(model, rows, line, id);
  const { bits } = measuresOf(model, rows);
  switch (id) {
    case 'name': {
      const state = rowState(rows, line);
      return (
        <>
          {(rows.parts[line] ?? 0) > 0 && <Disclosure table={table} row={line} />}
          <TensorName text={inGroup ? nameInGroup(model, rows, line) : text} />
          {state !== 'whole' && (
            <Mark severity={state === 'missing' ? null : 'error'} text={STATE_WORDS[state]} />
          )}
          {props.isSelected && !table.state.isPanelOpen.value && (
            <button
              type="button"
              class="details"
              tabIndex={-1} // Enter does the same
              title="Details (Enter)"
              aria-label={`Details of ${rows.names[line] ?? ''}`}
              onClick={() => openPanel(table.state, line)}
            >
              <Icon name="chevron-right" />
            </button>
          )}
        </>
      );
    }
    case 'type': {
      const type = model.types[rows.type[line] ?? 0];
      return (
        <>
          {type && <TypeSwatch type={type} />}
          {text}
        </>
      );
    }
    case 'bits':
      return <Bits theme={theme} bits={bits[line] ?? NaN} text={text} />;
    case 'shape':
      return <Shape text={text} />;
    case 'share':
      return <Share bytes={rows.bytes[line] ?? NaN} most={table.mostBytes.value} text={text} />;
    default:
      return text;
  }
}

/** Shows and hides the stored tensors of a packed matrix. The keys → and ← do the same. */
function Disclosure({ table, row }: { readonly table: TableModel; readonly row: number }) {
  const isOpen = table.arePartsOpen(row);
  return (
    <span
      class="disclosure"
      title={`${isOpen ? 'Hide' : 'Show'} its ${plural(table.state.rows.value.parts[row] ?? 0, 'stored tensor')}`}
      onClick={(event) => {
        event.stopPropagation();
        table.selectLine(row);
        table.setPartsOpen(row, !isOpen);
      }}
    >
      <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
    </span>
  );
}

/** The name of a group reaches over the columns that say nothing about a group. */
function groupCells(props: LineProps, group: number, sums: GroupSums) {
  const { columns } = props;
  const silent = columns.findIndex(({ id }, index) => index > 0 && !SILENT.has(id));
  const span = silent < 0 ? columns.length : silent;
  return columns
    .filter((_, index) => index === 0 || index >= span)
    .map(({ id, align }, index) => (
      <div
        key={id}
        role="gridcell"
        class={`cell column-${id} ${align}`}
        aria-colspan={index === 0 ? span : undefined}
        style={{ gridColumn: index === 0 ? `span ${span}` : undefined }}
      >
        <GroupCell {...props} id={id} group={group} sums={sums} />
      </div>
    ));
}
const SILENT: ReadonlySet<ColumnId> = new Set(['role', 'type']);

interface GroupCellProps extends LineProps {
  readonly id: ColumnId;
  readonly group: number;
  readonly sums: GroupSums;
}

function GroupCell({ table, model, theme, id, group, sums }: GroupCellProps) {
  const text = sumText(model, table.state.rows.value, sums, id);
  switch (id) {
    case 'name': {
      const wrong = stateText(sums);
      const some = sums.states.whole > 0;
      return (
        <>
          <Icon name={table.isOpen(group) ? 'chevron-down' : 'chevron-right'} />
          <span class="label">{model.groups[group]?.label}</span>
          <span class="aside">{plural(sums.tensorCount, 'tensor')}</span>
          {wrong !== '' && <Mark severity={some ? 'error' : null} text={wrong} />}
        </>
      );
    }
    case 'layer': {
      const layer = model.groups[group]?.layer ?? -1;
      return layer < 0 ? null : layer;
    }
    case 'bits':
      return <Bits theme={theme} bits={sums.bits} text={text} />;
    case 'beyond3': {
      const share = table.groupShares.value[group];
      return share && <ShareSum share={share} theme={theme} />;
    }
    case 'share':
      return <Share bytes={sums.bytes} most={table.mostBytes.value} text={text} />;
    default:
      return text;
  }
}

function Mark({ severity, text }: { readonly severity: 'error' | null; readonly text: string }) {
  return (
    <span class="aside">
      {severity !== null && <Icon name={severity} />}
      {text}
    </span>
  );
}

function Bits({
  theme,
  bits,
  text,
}: {
  readonly theme: ThemeKind;
  readonly bits: number;
  readonly text: string;
}) {
  if (text === NOT_KNOWN) return <span class="muted">{text}</span>;
  const length = Math.max(0.02, scalePosition(bits)) * 100;
  return (
    <>
      <span class="bar">
        <i style={{ width: `${length}%`, background: bitsColor(theme, bits) }} />
      </span>
      <span class="beside-bar">{text}</span>
    </>
  );
}

function Share({
  bytes,
  most,
  text,
}: {
  readonly bytes: number;
  readonly most: number;
  readonly text: string;
}) {
  return (
    <>
      {bytes > 0 && (
        <span class="bar share-bar">
          <i style={{ width: `${(bytes / most) * 100}%` }} />
        </span>
      )}
      <span class="beside-bar">{text}</span>
    </>
  );
}

/** The sign between the sides is quieter than they are. */
function Shape({ text }: { readonly text: string }) {
  const [first, ...others] = text.split(' × ');
  return (
    <>
      {first}
      {others.map((side, index) => (
        <span key={index}>
          <span class="muted"> × </span>
          {side}
        </span>
      ))}
    </>
  );
}
