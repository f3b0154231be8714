// One line of the plan's table: a tensor with what it becomes, or the head of a group with its sums.
import { formatBits, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { Icon } from '../../shared/icon.tsx';
import { groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { ROW_HEIGHT } from '../../shared/table/lineWindow.ts';
import { nameInGroup, TensorName } from '../../shared/table/tensorName.tsx';
import { columnUnit, formatInUnit } from '../../shared/tensors/measures.ts';
import { TypeSwatch } from '../../shared/tensors/typeMark.tsx';
import { BY_RULE } from '../overrides.ts';
import type { PlanColumnId } from '../state.ts';
import { cellText, isLeftOut, isWaiting, reasonOf, whyText } from './cells.ts';
import type { PlanColumn } from './columns.ts';
import type { GroupSum, PlanTable } from './tableModel.ts';

/** Names of elements for aria-activedescendant. */
export const lineId = (line: Line): string =>
  isGroupLine(line) ? `plan-group-${groupOfLine(line)}` : `plan-line-${line}`;

interface LineProps {
  readonly table: PlanTable;
  readonly model: ModelView;
  readonly columns: readonly PlanColumn[];
  readonly line: Line;
  readonly position: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
}

export function PlanLine(props: LineProps) {
  const { table, model, columns, line, position, isActive, isSelected } = props;
  const { state } = table;
  const group = isGroupLine(line) ? groupOfLine(line) : null;
  const isFlat = state.sort.value !== null;
  const inGroup =
    group === null && !isFlat && (model.groups[state.rows.value.group[line] ?? 0]?.label ?? '') !== '';
  const sum = group === null ? undefined : table.sums.value[group];
  const names = ['line'];
  if (group !== null) names.push('group');
  if (inGroup) names.push('child');
  if (isSelected) names.push('selected');
  if (isActive) names.push('active');
  if (group === null && isLeftOut(state, line)) names.push('absent');
  if (group === null && isWaiting(state, line)) names.push('waiting');
  return (
    <div
      role="row"
      id={lineId(line)}
      class={names.join(' ')}
      style={{ top: `${position * ROW_HEIGHT}px` }}
      data-line={line}
      aria-rowindex={position + 2}
      aria-level={isFlat ? undefined : inGroup ? 2 : 1}
      aria-expanded={group === null ? undefined : table.isOpen(group)}
      aria-selected={isSelected}
    >
      {group === null
        ? columns.map(({ id, align }) => (
            <div key={id} role="gridcell" class={`cell column-${id} ${align}`}>
              <TensorCell {...props} id={id} inGroup={inGroup} />
            </div>
          ))
        : sum && groupCells(props, group, sum)}
    </div>
  );
}

interface CellProps extends LineProps {
  readonly id: PlanColumnId;
  readonly inGroup: boolean;
}

function TensorCell({ table, model, line, id, inGroup }: CellProps) {
  const { state } = table;
  const text = cellText(state, line, id);
  switch (id) {
    case 'name':
      return <TensorName text={inGroup ? nameInGroup(model, state.rows.value, line) : text} />;
    case 'to': {
      const planned = state.planned.value;
      const type = planned?.model.types[planned.rows.type[line] ?? 0];
      const isOut = isLeftOut(state, line);
      return (
        <>
          {type !== undefined && !isOut && <TypeSwatch type={type} />}
          {text}
        </>
      );
    }
    case 'reason': {
      const kind = reasonOf(state, line)?.kind;
      const isOwn = (state.draft.value.overrides[line] ?? BY_RULE) !== BY_RULE;
      return (
        <span class={isOwn ? 'strong' : kind === 'kept' ? 'muted' : undefined} title={text}>
          {kind === 'fallback' && <Icon name="warning" />}
          {text}
        </span>
      );
    }
    case 'sqnr':
    case 'error':
      return (
        <span class={QUIET.has(text) ? 'muted' : undefined} title={whyText(state, line) || undefined}>
          {text}
        </span>
      );
    case 'state':
      return (
        <span class={text === 'waiting' ? 'muted' : undefined}>
          {text === 'written' && <Icon name="check" />}
          {text}
        </span>
      );
    default:
      return text;
  }
}
const QUIET: ReadonlySet<string> = new Set(['exact', '…', '–', '0']);

/** The name of a group reaches over the column that says nothing about a group. */
function groupCells(props: LineProps, group: number, sum: GroupSum) {
  const hasFrom = props.columns.some(({ id }) => id === 'from');
  return props.columns
    .filter(({ id }) => id !== 'from')
    .map(({ id, align }) => (
      <div
        key={id}
        role="gridcell"
        class={`cell column-${id} ${align}`}
        aria-colspan={id === 'name' && hasFrom ? 2 : undefined}
        style={{ gridColumn: id === 'name' && hasFrom ? 'span 2' : undefined }}
      >
        <GroupCell {...props} id={id} group={group} sum={sum} />
      </div>
    ));
}

interface GroupCellProps extends LineProps {
  readonly id: PlanColumnId;
  readonly group: number;
  readonly sum: GroupSum;
}

function GroupCell({ table, model, id, group, sum }: GroupCellProps) {
  const unit = columnUnit(Math.max(model.fileBytes, model.expectedBytes ?? 0));
  const { tensorCount, weights, bytesBefore, bytesAfter, written } = sum;
  switch (id) {
    case 'name':
      return (
        <>
          <Icon name={table.isOpen(group) ? 'chevron-down' : 'chevron-right'} />
          <span class="label">{model.groups[group]?.label}</span>
          <span class="aside">{plural(tensorCount, 'tensor')}</span>
        </>
      );
    case 'to':
      return (
        <span class="muted">
          {weights > 0 && !Number.isNaN(bytesAfter) && `${formatBits((bytesAfter * 8) / weights)} bpw`}
        </span>
      );
    case 'state':
      return <span class="muted">{table.state.turn.value !== null && `${written} of ${tensorCount}`}</span>;
    case 'before':
      return formatInUnit(bytesBefore, unit);
    case 'after':
      return formatInUnit(bytesAfter, unit);
    default:
      return null;
  }
}
