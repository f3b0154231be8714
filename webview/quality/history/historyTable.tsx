// The table of measurements. One row is a stop for Tab: arrows walk, Enter shows, Space ticks, Delete removes.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { MeasurementView, QualityView } from '../../../src/protocol/quality.ts';
import { Icon } from '../../shared/icon.tsx';
import { significanceText } from '../figures.ts';
import type { HistoryColumn, QualityState } from '../state.ts';
import { HISTORY_COLUMNS, historyCell, historyGroups, type ColumnHead } from './historyRows.ts';

interface Props {
  readonly state: QualityState;
  readonly view: QualityView;
  readonly remove: () => void;
}

export function HistoryTable({ state, view, remove }: Props) {
  const groups = historyGroups(view, state.sort.value);
  const ids = groups.flatMap(({ rows }) => rows.map(({ id }) => id));
  const shown = state.shown.value;
  const shownId = shown?.kind === 'measurement' ? shown.measurement.id : '';
  const stop = useSignal('');
  const body = useRef<HTMLTableElement>(null);
  const stopId = ids.includes(stop.value) ? stop.value : ids.includes(shownId) ? shownId : ids[0];

  const tick = (id: string): void => {
    const next = new Set(state.ticked.peek());
    if (!next.delete(id)) next.add(id);
    state.ticked.value = next;
  };
  const goTo = (id: string | undefined): void => {
    if (id === undefined) return;
    stop.value = id;
    body.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] button`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = ids.indexOf(stopId ?? '');
    const isAll = (event.ctrlKey || event.metaKey) && event.key === 'a';
    const moves: Partial<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: ids.length - 1,
    };
    const next = moves[event.key];
    const isInRows = (event.target as HTMLElement).closest('tbody') !== null;
    if (!isInRows) return;
    if (next !== undefined) goTo(ids[Math.min(ids.length - 1, Math.max(0, next))]);
    else if (event.key === ' ' && stopId !== undefined) tick(stopId);
    else if (event.key === 'Delete') remove();
    else if (isAll) state.ticked.value = new Set(ids);
    else if (event.key === 'Escape' && state.ticked.peek().size > 0) state.ticked.value = new Set();
    else return;
    event.preventDefault();
  };
  const show = (id: string): void => {
    stop.value = id;
    state.chosen.value = id;
  };
  return (
    <div class="history-scroll">
      <table ref={body} class="history-table" aria-label="Measurements" onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <td class="tick" />
            {HISTORY_COLUMNS.map((column) => (
              <Head key={column.id} state={state} column={column} />
            ))}
          </tr>
        </thead>
        {groups.map(({ key, label, rows }) => (
          <tbody key={key}>
            <tr class="group">
              <th scope="rowgroup" colSpan={HISTORY_COLUMNS.length + 1}>
                {label}
              </th>
            </tr>
            {rows.map((row) => (
              <Row
                key={row.id}
                row={row}
                isShown={row.id === shownId}
                isTicked={state.ticked.value.has(row.id)}
                isStop={row.id === stopId}
                isOther={row.model.path !== view.model.path}
                show={() => show(row.id)}
                tick={() => tick(row.id)}
              />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Head({
  state,
  column: { id, title, meaning, isNumber },
}: {
  readonly state: QualityState;
  readonly column: ColumnHead;
}) {
  const { column, descending } = state.sort.value;
  const isSorted = column === id;
  const sort = (): void => {
    state.sort.value = { column: id, descending: isSorted ? !descending : id === 'date' };
  };
  return (
    <th
      scope="col"
      class={columnClass(id, isNumber)}
      aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" title={meaning} onClick={sort}>
        {isSorted && <Icon name={descending ? 'chevron-down' : 'arrow-up'} />}
        {title}
      </button>
    </th>
  );
}

interface RowProps {
  readonly row: MeasurementView;
  readonly isShown: boolean;
  readonly isTicked: boolean;
  readonly isStop: boolean;
  readonly isOther: boolean;
  readonly show: () => void;
  readonly tick: () => void;
}

function Row({ row, isShown, isTicked, isStop, isOther, show, tick }: RowProps) {
  const onClick = ({ ctrlKey, metaKey, target }: MouseEvent): void => {
    if ((target as HTMLElement).closest('.tick') !== null) return;
    if (ctrlKey || metaKey) tick();
    else show();
  };
  return (
    <tr data-id={row.id} class={`${isShown ? 'shown' : ''} ${isOther ? 'other' : ''}`} onClick={onClick}>
      <td class="tick">
        <input
          type="checkbox"
          checked={isTicked}
          tabIndex={-1}
          aria-label={`Select the measurement of ${row.model.label}, ${historyCell(row, 'date')}`}
          onClick={tick}
        />
      </td>
      {HISTORY_COLUMNS.map(({ id, isNumber }) => (
        <Cell key={id} row={row} column={id} isNumber={isNumber} isShown={isShown} isStop={isStop} />
      ))}
    </tr>
  );
}

interface CellProps {
  readonly row: MeasurementView;
  readonly column: HistoryColumn;
  readonly isNumber: boolean;
  readonly isShown: boolean;
  readonly isStop: boolean;
}

function Cell({ row, column, isNumber, isShown, isStop }: CellProps) {
  const text = historyCell(row, column);
  const className = columnClass(column, isNumber);
  if (column === 'date')
    return (
      <th scope="row" class={className}>
        <button type="button" tabIndex={isStop ? 0 : -1} aria-current={isShown ? 'true' : undefined}>
          {text}
        </button>
      </th>
    );
  if (column === 'model') return <ModelCell row={row} className={className} />;
  if (column !== 'delta' || row.figures === null)
    return (
      <td class={className} title={text}>
        {text}
      </td>
    );
  const { deltaPerplexity, significant } = row.figures;
  const note = significanceText(deltaPerplexity, significant);
  return (
    <td
      class={`${className} ${significant ? '' : 'within'}`}
      title={`${text} against ${row.base?.label ?? 'the base'}, ${note}`}
    >
      {text}
      <span class="unseen"> {note}</span>
    </td>
  );
}

/** Where there is little room the name is cut, not the type at its end. */
function ModelCell({
  row: { model },
  className,
}: {
  readonly row: MeasurementView;
  readonly className: string;
}) {
  const { label, shortLabel } = model;
  const isEnd = label !== shortLabel && label.endsWith(shortLabel);
  return (
    <td class={className} title={label}>
      <div>
        <span class="cut name">{isEnd ? label.slice(0, -shortLabel.length) : label}</span>
        {isEnd && <span>{shortLabel}</span>}
      </div>
    </td>
  );
}

const columnClass = (column: HistoryColumn, isNumber: boolean): string =>
  `c-${column}${isNumber ? ' number' : ''}`;
