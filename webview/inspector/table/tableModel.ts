// The table as it stands: filter, groups, order and columns put together from the state of the page.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { formatCount } from '../../../src/core/base/units.ts';
import { type ColumnId, type InspectorState } from '../state.ts';
import {
  allColumns,
  copiedColumns,
  shownColumns,
  type Column,
  type ColumnChoice,
  type Longest,
} from './columns.ts';
import { analysisColumns, INSPECTOR_KEYS, needsAnalysis } from './analysisFilter.ts';
import { isAnalyzing } from './analyzed.ts';
import { parseFilter, type Term } from '../../shared/filter/filterLanguage.ts';
import { applyFilter, type FilterResult } from '../../shared/filter/filterRows.ts';
import { formatInUnit, measuresOf } from '../../shared/tensors/measures.ts';
import { groupedLines, groupOfLine, isGroupLine, type Line } from '../../shared/table/lines.ts';
import { longestShape } from '../../shared/tensors/shape.ts';
import { rowOfLine, withParts } from './partLines.ts';
import { storedParts, type StoredParts } from './storedParts.ts';
import { decimalsOf, isStatColumn, longestStats, type Analyzed } from './statColumns.ts';
import { createStatOrder, type StatOrder } from './statOrder.ts';
import { sharesByGroup, type StatSum } from './statSums.ts';
import { sortedLines, sumGroups, type Sums } from './tableLines.ts';

/** Where the keyboard is. A line is named by what it shows, so that it stays when the order changes. */
export type Active =
  { readonly kind: 'line'; readonly line: Line } | { readonly kind: 'head'; readonly column: ColumnId };

export interface TableModel {
  readonly state: InspectorState;
  readonly terms: ReadonlySignal<readonly Term[]>;
  readonly filtered: ReadonlySignal<FilterResult>;
  readonly sums: ReadonlySignal<Sums>;
  /** What the analysis found so far. */
  readonly analyzed: ReadonlySignal<Analyzed>;
  /** Share of the weights beyond 3σ of each group that has rows shown. */
  readonly groupShares: ReadonlySignal<readonly (StatSum | undefined)[]>;
  /** The order by a column of the analysis, which waits while results come. */
  readonly order: StatOrder;
  readonly lines: ReadonlySignal<Int32Array>;
  /** All columns this model has, and those that are shown. */
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly shown: ReadonlySignal<readonly Column[]>;
  /** The largest share of the file that a line has: the length of a whole bar. */
  readonly mostBytes: ReadonlySignal<number>;
  readonly longest: ReadonlySignal<Longest>;
  /** Px of the table. */
  readonly width: Signal<number>;
  readonly active: Signal<Active>;
  isOpen(group: number): boolean;
  setOpen(group: number, open: boolean): void;
  setFilter(text: string): void;
  /** Ascending, descending, none; columns of the analysis begin with the largest. */
  cycleSort(column: ColumnId): void;
  setWidth(column: ColumnId, width: number | null): void;
  /** Position of a line in `lines`; −1 when it is not shown. */
  positionOf(line: Line): number;
  /** Opens the group of a row, or lifts the filter that hides it when `force`. */
  show(row: number, options: { readonly force: boolean }): void;
  select(row: number): void;
  /** Selects the tensor of a line that is none of a group, and makes the line the active one. */
  selectLine(line: Line): void;
  /** What a packed matrix is made of, by its name. */
  readonly storedParts: ReadonlySignal<StoredParts>;
  arePartsOpen(row: number): boolean;
  setPartsOpen(row: number, open: boolean): void;
}

/** Before it was measured: all columns fit. */
const FIRST_WIDTH = 1400;

export function createTableModel(state: InspectorState): TableModel {
  const terms = computed(() => parseFilter(state.filter.value, INSPECTOR_KEYS));
  const filtered = computed((): FilterResult => {
    const model = state.model.value;
    return model === null
      ? { matches: null, count: 0, bytes: 0 }
      : applyFilter(
          terms.value,
          model,
          state.rows.value,
          terms.value.some(needsAnalysis) ? analysisColumns(state.stats.value) : null,
        );
  });
  const isRunning = computed(() => isAnalyzing(state));
  // Results, not the progress, draw the rows again.
  const analyzed = computed((): Analyzed => {
    const stats = state.stats.value;
    return { stats, isRunning: isRunning.value, decimals: decimalsOf(stats) };
  });
  const order = createStatOrder(state, isRunning);
  const groupShares = computed(() => {
    const stats = state.stats.value;
    return stats === null ? [] : sharesByGroup(state.rows.value, stats, filtered.value.matches);
  });
  const sums = computed(() => {
    const model = state.model.value;
    return model === null ? [] : sumGroups(model, state.rows.value, filtered.value.matches);
  });
  /** A filter opens all groups it leaves something of, until the user closes one. */
  const closedInFilter = signal<ReadonlySet<number>>(new Set());
  const isOpen = (group: number): boolean =>
    filtered.value.matches === null ? state.openGroups.value.has(group) : !closedInFilter.value.has(group);
  const arePartsOpen = (row: number): boolean => {
    const rows = state.rows.value;
    return (rows.parts[row] ?? 0) > 0 && state.openParts.value.has(rows.names[row] ?? '');
  };
  const lines = computed(() => {
    const model = state.model.value;
    const { matches } = filtered.value;
    if (model === null) return new Int32Array(0);
    const own =
      state.sort.value === null
        ? groupedLines(model, state.rows.value, matches, isOpen)
        : sortedLines(model, state.rows.value, matches, state.sort.value, order.keys.value);
    return state.openParts.value.size === 0 ? own : withParts(own, state.rows.value, arePartsOpen);
  });
  /** Sums over whole groups, whatever the filter lets through: the scale of the bars and the columns stay. */
  const wholeSums = computed(() => {
    const model = state.model.value;
    if (model === null) return [];
    return sumGroups(model, state.rows.value, null).filter(
      (sum, group) => sum !== undefined && model.groups[group]?.label !== '',
    );
  });
  const mostBytes = computed(() => {
    const ofGroups = state.sort.value === null ? wholeSums.value.map((sum) => sum?.bytes ?? 0) : [];
    return most([most(state.rows.value.bytes), most(ofGroups)]);
  });
  const longest = computed((): Longest => {
    const model = state.model.value;
    const rows = state.rows.value;
    if (model === null) return {};
    const { unit } = measuresOf(model, rows);
    const weights = wholeSums.value.map((sum) => sum?.weights ?? 0);
    const bytes = wholeSums.value.map((sum) => sum?.bytes ?? 0);
    return {
      shape: longestShape(rows),
      weights: formatCount(most([most(rows.weights), most(weights)])).length,
      bytes: formatInUnit(most([most(rows.bytes), most(bytes)]), unit).length,
      offset: formatCount(most(rows.offset)).length,
      ...longestStats(analyzed.value),
    };
  });
  const columns = computed(() => (state.model.value === null ? [] : allColumns(state.model.value)));
  const width = signal(FIRST_WIDTH);
  const shown = computed(() => shownColumns(columns.value, choiceOf(state), width.value));
  const active = signal<Active>({ kind: 'line', line: 0 });

  const table: TableModel = {
    state,
    terms,
    filtered,
    sums,
    analyzed,
    groupShares,
    order,
    lines,
    columns,
    shown,
    mostBytes,
    longest,
    width,
    active,
    isOpen,
    setOpen(group, open) {
      const target = filtered.peek().matches === null ? state.openGroups : closedInFilter;
      const add = target === state.openGroups ? open : !open;
      const groups = new Set(target.peek());
      if (add) groups.add(group);
      else groups.delete(group);
      target.value = groups;
    },
    setFilter(text) {
      closedInFilter.value = new Set();
      state.filter.value = text;
    },
    cycleSort(column) {
      const sort = state.sort.peek();
      const descendsFirst = isStatColumn(column);
      if (sort?.column !== column) state.sort.value = { column, descending: descendsFirst };
      else
        state.sort.value = sort.descending === descendsFirst ? { column, descending: !descendsFirst } : null;
    },
    setWidth(column, px) {
      const { [column]: _dropped, ...others } = state.widths.peek();
      state.widths.value = px === null ? others : { ...others, [column]: Math.round(px) };
    },
    positionOf: (line) => lines.peek().indexOf(line),
    show(row, { force }) {
      const { matches } = filtered.peek();
      if (force && matches !== null && matches[row] === 0) table.setFilter('');
      const group = state.rows.peek().group[row];
      if (state.sort.peek() === null && group !== undefined && !isOpen(group)) table.setOpen(group, true);
      active.value = { kind: 'line', line: row };
    },
    select(row) {
      table.selectLine(row);
    },
    selectLine(line) {
      active.value = { kind: 'line', line };
      state.selected.value = rowOfLine(line);
    },
    storedParts: storedParts(state),
    arePartsOpen,
    setPartsOpen(row, open) {
      const names = new Set(state.openParts.peek());
      const name = state.rows.peek().names[row] ?? '';
      if (open) names.add(name);
      else names.delete(name);
      state.openParts.value = names;
    },
  };
  return table;
}

/** What a copy has: all columns the user did not hide, however narrow the table is. */
export const columnsToCopy = ({ state, columns }: TableModel): Column[] =>
  copiedColumns(columns.peek(), choiceOf(state));

const choiceOf = (state: InspectorState): ColumnChoice => ({
  hidden: state.hidden.value,
  wanted: state.wanted.value,
  isAnalyzed: state.stats.value !== null,
});

/** Rows of the table that a line stands for: itself, or the rows of its group that are shown. */
export function rowsOfLine({ state, filtered }: TableModel, line: Line): number[] {
  if (!isGroupLine(line)) return [rowOfLine(line)];
  const { group, count } = state.rows.peek();
  const { matches } = filtered.peek();
  const found: number[] = [];
  for (let row = 0; row < count; row++)
    if (group[row] === groupOfLine(line) && (matches === null || matches[row] !== 0)) found.push(row);
  return found;
}

/** The largest; 0 of none. NaN counts for nothing. */
function most(numbers: Iterable<number>): number {
  let largest = 0;
  for (const number of numbers) if (number > largest) largest = number;
  return largest;
}
