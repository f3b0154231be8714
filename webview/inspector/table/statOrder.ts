// The order of the rows by a column of the analysis. While results come it stays as it is: rows that jump cannot be read.
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { InspectorState } from '../state.ts';
import type { Stats } from '../stats.ts';
import { isStatColumn, statValues } from './statColumns.ts';

export interface StatOrder {
  /** Numbers by row to sort by; null while the table is sorted by no column of the analysis. */
  readonly keys: ReadonlySignal<Float64Array | null>;
  /** Results came after the rows were put in order. */
  readonly isStale: ReadonlySignal<boolean>;
  /** Puts the rows in order by what is known now. */
  sortAgain(): void;
}

export function createStatOrder(state: InspectorState, isRunning: ReadonlySignal<boolean>): StatOrder {
  const asked = signal(0);
  const hasStats = computed(() => state.stats.value !== null);
  const ordered = computed((): { readonly stats: Stats; readonly keys: Float64Array } | null => {
    const column = state.sort.value?.column;
    void asked.value;
    if (column === undefined || !isStatColumn(column) || !hasStats.value) return null;
    const stats = isRunning.value ? state.stats.peek() : state.stats.value;
    // A copy: the columns themselves are filled on.
    return stats === null ? null : { stats, keys: statValues(stats, column).slice() };
  });
  return {
    keys: computed(() => ordered.value?.keys ?? null),
    isStale: computed(() => ordered.value !== null && ordered.value.stats !== state.stats.value),
    sortAgain: () => void (asked.value += 1),
  };
}
