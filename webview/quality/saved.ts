// What the page keeps for a model across reloads: taken from the state, put back into it, written down after every change.
import { batch, effect } from '@preact/signals';
import type { StoredPage } from '../../src/protocol/quality.ts';
import { stateWriter } from '../shared/stateWriter.ts';
import type { DamageMeasure, HistoryColumn, HistorySort, QualityState } from './state.ts';
import { FIRST_SORT } from './state.ts';

export interface SavedState {
  readonly chosen: string;
  readonly sort: HistorySort;
  readonly measure: DamageMeasure;
  readonly piece: number;
  readonly asTable: boolean;
  readonly scrollTop: number;
}

const savedStateOf = (state: QualityState): SavedState => ({
  chosen: state.chosen.value,
  sort: state.sort.value,
  measure: state.measure.value,
  piece: state.piece.value,
  asTable: state.asTable.value,
  scrollTop: state.scrollTop.value,
});

export function restore(state: QualityState, saved: SavedState): void {
  batch(() => {
    state.chosen.value = saved.chosen;
    state.sort.value = saved.sort;
    state.measure.value = saved.measure;
    state.piece.value = saved.piece;
    state.asTable.value = saved.asTable;
    state.scrollTop.value = saved.scrollTop;
  });
}

/** Writes down every change from now on. */
export function keepSaved(state: QualityState): void {
  const write = stateWriter<SavedState>(state.link, (saved) => ({ ...saved, scrollTop: 0 }));
  effect(() => {
    const saved = savedStateOf(state);
    if (state.view.value === null) return;
    const { path } = state.view.value.model; // by which VS Code's host opens the page again
    write(saved, { ...saved, path } satisfies StoredPage);
  });
}

/** A saved state, read with care: another version may have written it. null when it is none. */
export function parseSaved(raw: unknown): SavedState | null {
  if (typeof raw !== 'object' || raw === null || !('sort' in raw)) return null;
  const saved = raw as Readonly<Record<keyof SavedState, unknown>>;
  return {
    chosen: typeof saved.chosen === 'string' ? saved.chosen : '',
    sort: sortOf(saved.sort),
    measure: saved.measure === 'lost' ? 'lost' : 'kl',
    piece: Number.isSafeInteger(saved.piece) ? (saved.piece as number) : -1,
    asTable: saved.asTable === true,
    scrollTop: typeof saved.scrollTop === 'number' && saved.scrollTop > 0 ? saved.scrollTop : 0,
  };
}

const COLUMNS: readonly HistoryColumn[] = [
  'date',
  'model',
  'bits',
  'bytes',
  'perplexity',
  'delta',
  'kl',
  'sameTop',
  'device',
];

function sortOf(raw: unknown): HistorySort {
  const { column, descending } = (raw ?? {}) as Partial<Record<keyof HistorySort, unknown>>;
  const known = COLUMNS.find((one) => one === column);
  return known === undefined ? FIRST_SORT : { column: known, descending: descending === true };
}
