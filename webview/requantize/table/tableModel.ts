// The table of the plan as it stands: filter, groups and order put together from the state of the page.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { parseFilter, type Term } from '../../shared/filter/filterLanguage.ts';
import { applyFilter, type FilterResult } from '../../shared/filter/filterRows.ts';
import {
  groupedLines,
  groupOfLine,
  isGroupLine,
  orderedLines,
  textRanks,
  type Line,
} from '../../shared/table/lines.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { type PlanColumnId, type PlanSort, type RequantizeState } from '../state.ts';
import { planColumns, type PlanColumn } from './columns.ts';
import { ALL_KEYS, planColumnsOf } from './planFilter.ts';

/** Where the keyboard is. A line is named by what it shows, so that it stays when the order changes. */
export type Active =
  { readonly kind: 'line'; readonly line: Line } | { readonly kind: 'head'; readonly column: PlanColumnId };

export interface PlanTable {
  readonly state: RequantizeState;
  readonly terms: ReadonlySignal<readonly Term[]>;
  readonly filtered: ReadonlySignal<FilterResult>;
  readonly lines: ReadonlySignal<Int32Array>;
  readonly columns: ReadonlySignal<readonly PlanColumn[]>;
  /** Sums of each group over the rows shown. */
  readonly sums: ReadonlySignal<readonly (GroupSum | undefined)[]>;
  /** Predictions came after the rows were put in order. */
  readonly isStale: ReadonlySignal<boolean>;
  readonly active: Signal<Active>;
  /** Line that Shift extends the selection from. */
  readonly anchor: Signal<Line>;
  /** Px of the table. */
  readonly width: Signal<number>;
  sortAgain(): void;
  isOpen(group: number): boolean;
  setOpen(group: number, open: boolean): void;
  setFilter(text: string): void;
  cycleSort(column: PlanColumnId): void;
  positionOf(line: Line): number;
  /** Opens the group of a row, or lifts the filter that hides it when `force`. */
  show(row: number, options: { readonly force: boolean }): void;
  /** Rows of the table that a line stands for: itself, or those of its group that are shown. */
  rowsOf(line: Line): number[];
  goTo(line: Line): void;
}

export interface GroupSum {
  readonly tensorCount: number;
  readonly weights: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly written: number;
}

const FIRST_WIDTH = 1070;
const NOTHING: FilterResult = { matches: null, count: 0, bytes: 0 };

export function createPlanTable(state: RequantizeState): PlanTable {
  const shown = computed(() => {
    const model = state.model.value;
    return state.planned.value ?? (model === null ? null : { model, rows: state.rows.value });
  });
  const terms = computed(() => parseFilter(state.filter.value, ALL_KEYS));
  const asksErrors = computed(() => terms.value.some(isOfErrors));
  const own = computed(() => {
    const [model, plan] = [state.model.value, state.plan.value];
    if (model === null || plan === null) return null;
    const errors = asksErrors.value ? state.errors.value : null; // no new filtering for what nobody asks
    return planColumnsOf({
      model,
      rows: state.rows.value,
      plan,
      overrides: state.draft.value.overrides,
      errors,
    });
  });
  const filtered = computed(() =>
    shown.value === null ? NOTHING : applyFilter(terms.value, shown.value.model, shown.value.rows, own.value),
  );
  /** A filter opens all groups it leaves something of, until the user closes one. */
  const closedInFilter = signal<ReadonlySet<number>>(new Set());
  const isOpen = (group: number): boolean =>
    filtered.value.matches === null ? state.openGroups.value.has(group) : !closedInFilter.value.has(group);

  const asked = signal(0);
  const hasAll = computed(() => state.errors.value !== null && state.errors.value.state !== 'running');
  const order = computed(() => {
    const sort = state.sort.value;
    void asked.value;
    if (sort === null || shown.value === null) return null;
    // While predictions come the rows stay as they are: rows that jump cannot be read.
    const errors = hasAll.value ? state.errors.value : state.errors.peek();
    return { errors, keys: sortKeys(state, sort) };
  });
  const lines = computed(() => {
    if (shown.value === null) return new Int32Array(0);
    const { model, rows } = shown.value;
    const { matches } = filtered.value;
    return order.value === null
      ? groupedLines(model, rows, matches, isOpen)
      : orderedLines(order.value.keys, rows, matches, state.sort.value?.descending === true);
  });
  const width = signal(FIRST_WIDTH);
  const hasPlan = computed(() => state.plan.value !== null || state.isPlanning.value);
  const isWriting = computed(() => state.turn.value !== null);
  const active = signal<Active>({ kind: 'line', line: 0 });
  const table: PlanTable = {
    ...{ state, terms, filtered, lines, width, active, isOpen },
    anchor: signal(-1),
    columns: computed(() =>
      state.model.value === null
        ? []
        : planColumns(state.model.value, {
            width: width.value,
            hasPlan: hasPlan.value,
            isWriting: isWriting.value,
            plannedTypes: state.plan.value?.view.types.map(({ name }) => name) ?? [],
          }),
    ),
    sums: computed(() => sumGroups(state, filtered.value.matches)),
    isStale: computed(() => {
      const column = state.sort.value?.column;
      return (
        (column === 'sqnr' || column === 'error') &&
        order.value !== null &&
        order.value.errors?.done !== state.errors.value?.done
      );
    }),
    sortAgain: () => void (asked.value += 1),
    setOpen(group, open) {
      const target = filtered.peek().matches === null ? state.openGroups : closedInFilter;
      const groups = new Set(target.peek());
      if (target === state.openGroups ? open : !open) groups.add(group);
      else groups.delete(group);
      target.value = groups;
    },
    setFilter(text) {
      closedInFilter.value = new Set();
      state.filter.value = text;
    },
    cycleSort(column) {
      const sort = state.sort.peek();
      if (sort?.column !== column) state.sort.value = { column, descending: false };
      else state.sort.value = sort.descending ? null : { column, descending: true };
    },
    positionOf: (line) => lines.peek().indexOf(line),
    show(row, { force }) {
      const { matches } = filtered.peek();
      if (force && matches !== null && matches[row] === 0) table.setFilter('');
      const group = state.rows.peek().group[row];
      if (state.sort.peek() === null && group !== undefined && !isOpen(group)) table.setOpen(group, true);
      active.value = { kind: 'line', line: row };
    },
    rowsOf(line) {
      if (!isGroupLine(line)) return [line];
      const { group, count } = state.rows.peek();
      const { matches } = filtered.peek();
      const found: number[] = [];
      for (let row = 0; row < count; row++)
        if (group[row] === groupOfLine(line) && (matches === null || matches[row] !== 0)) found.push(row);
      return found;
    },
    goTo(line) {
      active.value = { kind: 'line', line };
      if (!isGroupLine(line)) state.current.value = line;
    },
  };
  return table;
}

const isOfErrors = (term: Term): boolean =>
  'test' in term && term.test.kind === 'number' && (term.test.key === 'sqnr' || term.test.key === 'error');

/** A number per row that orders like the column. */
function sortKeys(state: RequantizeState, { column }: PlanSort): ArrayLike<number> {
  const rows = state.rows.value;
  const planned = state.planned.value;
  const bits = planned === null ? null : measuresOf(planned.model, planned.rows).bits;
  switch (column) {
    case 'name':
      return textRanks(rows.names);
    case 'from':
      return measuresOf(state.model.value ?? NEVER, rows).bits;
    case 'to':
      return bits ?? [];
    case 'reason': {
      const ranks = textRanks(state.plan.value?.view.reasons.map(({ text }) => text) ?? []);
      return Float64Array.from(state.plan.value?.columns.reason ?? [], (reason) => ranks[reason] ?? NaN);
    }
    case 'sqnr':
      return state.errors.peek()?.sqnr.slice() ?? [];
    case 'error':
      return state.errors.peek()?.relativeRmse.slice() ?? [];
    case 'before':
      return rows.bytes;
    case 'after':
      return planned?.rows.bytes ?? [];
    case 'state':
      return state.plan.value?.columns.turn ?? [];
  }
}
const NEVER = { types: [], fileBytes: 0, expectedBytes: null } as never;

function sumGroups(state: RequantizeState, matches: Uint8Array | null): (GroupSum | undefined)[] {
  const rows = state.rows.value;
  const after = state.planned.value?.rows;
  const turns = state.plan.value?.columns.turn;
  const turn = state.turn.value;
  const sums: ({ -readonly [K in keyof GroupSum]: GroupSum[K] } | undefined)[] = [];
  for (let row = 0; row < rows.count; row++) {
    if (matches !== null && matches[row] === 0) continue;
    const group = rows.group[row] ?? 0;
    const sum = (sums[group] ??= { tensorCount: 0, weights: 0, bytesBefore: 0, bytesAfter: 0, written: 0 });
    sum.tensorCount += 1;
    sum.weights += (after ?? rows).weights[row] ?? 0;
    sum.bytesBefore += rows.bytes[row] ?? NaN;
    sum.bytesAfter += after?.bytes[row] ?? NaN;
    if (turn !== null && (turns?.[row] ?? 0) < turn) sum.written += 1;
  }
  return sums;
}
