// The table of tensors: only the rows in view are in the document. One row is the stop for Tab; arrows walk, Enter shows channels.
import './table.css';
import { useComputed, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { ImatrixView } from '../../../src/protocol/imatrixView.ts';
import { SearchField } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import {
  drawnLines,
  FIRST_HEIGHT,
  firstDrawn,
  pageLines,
  ROW_HEIGHT,
  scrollToLine,
} from '../../shared/table/lineWindow.ts';
import { FILTER_FIELD } from '../keys.ts';
import { select, type ImatrixState } from '../state.ts';
import { columnsFor, hasUnseen, trackList, type Column, type ColumnId } from './columns.ts';

/** Before the table was measured. */
const FIRST_WIDTH = 1400;

interface Props {
  readonly state: ImatrixState;
  readonly view: ImatrixView;
}

export function TensorTable({ state, view }: Props) {
  const rows = state.rows.value;
  const shown = state.shown.value;
  return (
    <section class="tensor-table" aria-label="Tensors">
      <div class="filter-line" id={FILTER_FIELD}>
        <SearchField
          label="Filter tensors by name"
          placeholder="Filter by name: ffn_down, blk.3"
          value={state.filter.value}
          onValue={(text) => (state.filter.value = text)}
        />
        <span class="muted" role="status">
          {shown.length === view.tensorCount
            ? plural(view.tensorCount, 'tensor')
            : `${formatCount(shown.length)} of ${plural(view.tensorCount, 'tensor')}`}
        </span>
      </div>
      <Grid state={state} />
      {shown.length === 0 && rows.names.length > 0 && (
        <p class="no-match">
          No tensor matches.{' '}
          <button type="button" class="link-button" onClick={() => (state.filter.value = '')}>
            Clear filter
          </button>
        </p>
      )}
    </section>
  );
}

function Grid({ state }: { readonly state: ImatrixState }) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useSignal(FIRST_HEIGHT);
  const width = useSignal(FIRST_WIDTH);
  const columns = columnsFor(state.rows.value, width.value);
  const { tracks, least: leastWidth } = trackList(columns);
  const shown = state.shown.value;
  const first = useComputed(() => firstDrawn(state.scrollTop.value));
  const cursor = useSignal(0);
  const selectedAt = shown.indexOf(state.selected.value);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => {
      if (element.clientHeight === 0) return; // not shown
      height.value = element.clientHeight;
      width.value = element.clientWidth;
      element.scrollTop = state.scrollTop.peek();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [state]);
  useLayoutEffect(() => {
    if (selectedAt < 0) return;
    cursor.value = selectedAt;
    scrollTo(scroller.current, selectedAt);
  }, [selectedAt]);

  const at = Math.min(Math.max(0, cursor.value), Math.max(0, shown.length - 1));
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, to));
    cursor.value = next;
    scrollTo(scroller.current, next);
    // With the panel open the keys walk through its tensors.
    const row = shown[next];
    if (state.selected.peek() >= 0 && row !== undefined) select(state, row);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const page = pageLines(height.peek());
    const moves: Partial<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: shown.length - 1,
    };
    const next = moves[event.key];
    const row = shown[at];
    if (next !== undefined) move(next);
    else if (event.key === 'Enter' && row !== undefined) select(state, row);
    else return;
    event.preventDefault();
  };
  const drawn = [...shown.slice(first.value, first.value + drawnLines(height.value))];
  const isDrawn = at >= first.value && at < first.value + drawn.length;
  return (
    <div
      ref={scroller}
      role="grid"
      class="grid"
      tabIndex={0}
      aria-label="Tensors"
      aria-rowcount={shown.length + 1}
      aria-activedescendant={isDrawn ? rowId(shown[at]) : undefined}
      style={{ '--tracks': tracks, '--least-width': leastWidth }}
      onScroll={({ currentTarget }) => (state.scrollTop.value = currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <Heads state={state} columns={columns} />
      <div role="rowgroup" class="lines" style={{ height: `${shown.length * ROW_HEIGHT}px` }}>
        {drawn.map((row, index) => (
          <Row
            key={row}
            state={state}
            columns={columns}
            row={row}
            position={first.value + index}
            isActive={first.value + index === at}
          />
        ))}
      </div>
    </div>
  );
}

const rowId = (row: number | undefined): string => `row-${row ?? ''}`;

function scrollTo(element: HTMLElement | null, position: number): void {
  if (element !== null && element.clientHeight > 0) scrollToLine(element, position, 'nearest');
}

/** One of the heads is a stop for Tab; arrows walk. */
function Heads({ state, columns }: { readonly state: ImatrixState; readonly columns: readonly Column[] }) {
  const sort = state.sort.value;
  const stop = useSignal<ColumnId>('name');
  const cycle = (id: ColumnId): void => {
    const startsUp = id === 'name' || id === 'entropyShare' || id === 'coverage' || id === 'tokens';
    if (sort?.column !== id) state.sort.value = { column: id, descending: !startsUp };
    else if (sort.descending !== startsUp) state.sort.value = { column: id, descending: startsUp };
    else state.sort.value = null; // back to layers
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = columns.findIndex(({ id }) => id === stop.peek());
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: columns.length - 1 }[event.key];
    const next = to === undefined ? undefined : columns[Math.max(0, Math.min(columns.length - 1, to))];
    if (next === undefined) return;
    stop.value = next.id;
    event.preventDefault();
    (event.currentTarget as HTMLElement)
      .querySelector<HTMLElement>(`[data-column="${next.id}"] button`)
      ?.focus();
  };
  return (
    <div role="rowgroup" class="head">
      <div role="row" class="line" aria-rowindex={1} onKeyDown={onKeyDown}>
        {columns.map(({ id, title, meaning }) => {
          const isSorted = sort?.column === id;
          return (
            <div
              key={id}
              role="columnheader"
              class={`cell c-${id}`}
              data-column={id}
              aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
            >
              <button
                type="button"
                title={meaning}
                tabIndex={stop.value === id ? 0 : -1}
                onClick={() => cycle(id)}
              >
                {isSorted && <Icon name={sort.descending ? 'arrow-down' : 'arrow-up'} />}
                {title}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly state: ImatrixState;
  readonly columns: readonly Column[];
  readonly row: number;
  readonly position: number;
  readonly isActive: boolean;
}

function Row({ state, columns, row, position, isActive }: RowProps) {
  const rows = state.rows.value;
  const isSelected = state.selected.value === row;
  return (
    <div
      role="row"
      id={rowId(row)}
      class={`line${isSelected ? ' selected' : ''}${isActive ? ' active' : ''}`}
      aria-rowindex={position + 2}
      aria-selected={isSelected}
      style={{ top: `${position * ROW_HEIGHT}px` }}
      onClick={() => select(state, row)}
    >
      {columns.map(({ id, text, value, isShare }) => {
        const shown = text(rows, row);
        const isWarned = id === 'coverage' && hasUnseen(rows, row);
        return (
          <div key={id} role="gridcell" class={`cell c-${id}`} title={shown}>
            {isWarned && <Icon name="warning" />}
            {isWarned && <span class="unseen">some never: </span>}
            {isShare === true && <ShareBar share={value(rows, row)} />}
            {id === 'name' ? <NameParts name={shown} /> : shown}
          </div>
        );
      })}
    </div>
  );
}

/** ".weight" says nothing here: it is quiet. */
function NameParts({ name }: { readonly name: string }) {
  const stem = name.replace(/\.weight$/, '');
  return (
    <>
      {stem}
      {stem !== name && <span class="muted">.weight</span>}
    </>
  );
}

function ShareBar({ share }: { readonly share: number }) {
  return (
    <span class="bar" aria-hidden="true">
      <i style={{ width: `${Number.isNaN(share) ? 0 : Math.min(1, share) * 100}%` }} />
    </span>
  );
}
