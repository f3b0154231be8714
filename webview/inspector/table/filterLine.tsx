// The filter line: the text with its terms colored, what is wrong with them, and how much is left.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { formatBytes, formatCount, plural } from '../../../src/core/base/units.ts';
import { Icon } from '../../shared/icon.tsx';
import { hoverOpen } from '../hover.ts';
import { FilterHelp } from '../../shared/filter/filterHelp.tsx';
import type { Term } from '../../shared/filter/filterLanguage.ts';
import { prepareFilter } from '../../shared/filter/filterRows.ts';
import type { OpenMenu } from './tableMenu.tsx';
import type { TableModel } from './tableModel.ts';

/** The page puts the focus here on `/`, Ctrl+F and when the host asks. */
export const FILTER_INPUT = 'tensor-filter';
const ERROR_ID = 'tensor-filter-error';

interface Props {
  readonly table: TableModel;
  readonly openMenu: OpenMenu;
  focusTable(): void;
}

export function FilterLine({ table, openMenu, focusTable }: Props) {
  const text = table.state.filter.value;
  const terms = table.terms.value;
  const paint = useRef<HTMLDivElement>(null);
  /** The term whose error is shown: the one pointed at, or a finished one while the input has the focus. */
  const caret = useSignal(-1);
  const pointed = useSignal<string | null>(null);
  const finished = terms.find(
    (term) => 'error' in term && caret.value >= 0 && (caret.value < term.start || caret.value > term.end),
  );
  const shownError = pointed.value ?? (finished !== undefined && 'error' in finished ? finished.error : null);
  const errors = terms.flatMap((term) => ('error' in term ? [term.error] : []));

  const onInput = (input: HTMLInputElement): void => {
    caret.value = input.selectionStart ?? -1;
    table.setFilter(input.value);
  };
  return (
    <div class="filter-line">
      <div class="filter-box">
        <FilterHelp />
        <div class="filter-text">
          <div class="filter-paint" aria-hidden="true">
            <div ref={paint}>{painted(text, terms)}</div>
          </div>
          <input
            id={FILTER_INPUT}
            type="text"
            spellcheck={false}
            autocomplete="off"
            aria-label="Filter tensors"
            aria-invalid={errors.length > 0}
            aria-describedby={ERROR_ID}
            placeholder="Filter by name, or  type:q6_k  layer:0-7  bpw>5"
            value={text}
            onInput={(event) => onInput(event.currentTarget)}
            onScroll={(event) => movePaint(paint.current, event.currentTarget)}
            onSelect={(event) => (caret.value = event.currentTarget.selectionStart ?? -1)}
            onFocus={() => prepareFilter(table.state.rows.peek())}
            onBlur={() => (caret.value = -1)}
            onPointerMove={(event) => (pointed.value = errorAt(paint.current, terms, event.clientX))}
            onPointerLeave={() => (pointed.value = null)}
            onKeyDown={(event) => filterKey(event, table, focusTable)}
          />
        </div>
        {text !== '' && (
          <button
            type="button"
            class="icon-button"
            title="Clear filter (Escape)"
            onClick={() => table.setFilter('')}
          >
            <Icon name="close" />
          </button>
        )}
        {shownError !== null && (
          <div class="filter-error" aria-hidden="true">
            <Icon name="error" />
            {shownError}
          </div>
        )}
        <div id={ERROR_ID} class="unseen" role="status">
          {errors.join(' ')}
        </div>
      </div>
      <div class="filter-count">
        {/* Not read aloud while it counts: the progress tells how far it is. */}
        <span role="status" aria-live={table.analyzed.value.isRunning ? 'off' : 'polite'}>
          {countText(table)}
        </span>
        {table.order.isStale.value && (
          <button
            type="button"
            class="link-button"
            title="The rows keep their order while results come"
            onClick={() => table.order.sortAgain()}
          >
            Sort again
          </button>
        )}
      </div>
      <button
        type="button"
        class="icon-button"
        title="Copy rows, choose columns"
        aria-label="Copy rows, choose columns"
        aria-haspopup="menu"
        onClick={(event) => {
          const { right, bottom } = event.currentTarget.getBoundingClientRect();
          openMenu({ x: right, y: bottom, target: event.currentTarget });
        }}
      >
        <Icon name="ellipsis" />
      </button>
    </div>
  );
}

/** The text in pieces: keys and errors are marked, everything else is as typed. */
function painted(text: string, terms: readonly Term[]) {
  const pieces = [];
  let at = 0;
  for (const term of terms) {
    pieces.push(text.slice(at, term.start));
    pieces.push(
      'error' in term ? (
        <span key={term.start} class="wrong" data-start={term.start}>
          {text.slice(term.start, term.end)}
        </span>
      ) : (
        <span key={term.start}>
          <span class="key">{text.slice(term.start, term.keyEnd)}</span>
          {text.slice(term.keyEnd, term.end)}
        </span>
      ),
    );
    at = term.end;
  }
  pieces.push(text.slice(at));
  return pieces;
}

/** The input scrolls when its text is too long; the paint behind it follows. */
function movePaint(paint: HTMLElement | null, input: HTMLInputElement): void {
  if (paint !== null) paint.style.transform = `translateX(${-input.scrollLeft}px)`;
}

/** The paint lies behind the input and gets no pointer events of its own. */
function errorAt(paint: HTMLElement | null, terms: readonly Term[], clientX: number): string | null {
  for (const element of paint?.querySelectorAll<HTMLElement>('.wrong') ?? []) {
    const { left, right } = element.getBoundingClientRect();
    if (clientX < left || clientX > right) continue;
    const term = terms.find(({ start }) => start === Number(element.dataset['start']));
    return term !== undefined && 'error' in term ? term.error : null;
  }
  return null;
}

function filterKey(event: KeyboardEvent, table: TableModel, focusTable: () => void): void {
  if (event.key === 'Escape' && !hoverOpen.peek() && table.state.filter.peek() !== '') table.setFilter('');
  else if (event.key === 'ArrowDown' || event.key === 'Enter') focusTable();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** "291 tensors", "10 of 291 · 258.05 MB", "192 of 291 analyzed", "191 of 291 tensors readable", "8,192 of 60,000 tensors read". */
function countText({ state, filtered, analyzed }: TableModel): string {
  const rows = state.rows.value;
  const { matches, count, bytes } = filtered.value;
  if (matches !== null && count === 0) return `0 of ${formatCount(rows.total)}`;
  if (matches !== null) return `${formatCount(count)} of ${formatCount(rows.total)} · ${formatBytes(bytes)}`;
  if (rows.count < rows.total) return `${formatCount(rows.count)} of ${plural(rows.total, 'tensor')} read`;
  const analysis = state.analysis.value;
  if (analyzed.value.isRunning && analysis !== null)
    return `${formatCount(analysis.tensorsDone)} of ${formatCount(analysis.tensorCount)} analyzed`;
  let whole = 0;
  for (const tensorState of rows.state) if (tensorState === 0) whole += 1;
  return whole < rows.total
    ? `${formatCount(whole)} of ${plural(rows.total, 'tensor')} readable`
    : plural(rows.total, 'tensor');
}
