// What the page keeps for a model across reloads: taken from the state, put back into it, written down after every change.
import { batch, effect } from '@preact/signals';
import type { StoredPage } from '../../src/protocol/quality.ts';
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

export const savedStateOf = (state: QualityState): SavedState => ({
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

/** Scrolling changes the state with every frame: it is written down at most so often. */
const SAVE_INTERVAL_MS = 300;

/** Writes down every change from now on. */
export function keepSaved(state: QualityState): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = '';
  let unsent: SavedState | null = null;
  const send = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (unsent === null) return;
    // A state that could not be saved is not worth a word to the user: the page itself keeps it.
    state.link.ask.saveState({ state: unsent }).catch(() => undefined);
    unsent = null;
  };
  effect(() => {
    const saved = savedStateOf(state);
    const text = JSON.stringify(saved);
    if (state.view.value === null || text === written) return;
    written = text;
    const { path } = state.view.value.model; // by which VS Code's host opens the page again
    state.link.setState({ ...saved, path } satisfies StoredPage);
    unsent = saved;
    timer ??= setTimeout(send, SAVE_INTERVAL_MS);
  });
  document.addEventListener('visibilitychange', send);
  window.addEventListener('pagehide', send);
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
