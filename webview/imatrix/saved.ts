// What the page keeps for a file across reloads: taken from the state, put back into it, written down after every change.
import { batch, effect } from '@preact/signals';
import { stateWriter } from '../shared/stateWriter.ts';
import { DEPTH_MEASURES } from './depth/depthData.ts';
import { TABS, type ImatrixState, type Tab } from './state.ts';
import { columnOf, type ColumnId, type Sort } from './table/columns.ts';

export interface SavedState {
  readonly tab: Tab;
  readonly filter: string;
  readonly sort: Sort | null;
  /** Name of the tensor; '' for none. */
  readonly selected: string;
  readonly expert: number | null;
  readonly measure: ColumnId;
  readonly asTable: boolean;
  readonly scrollTop: number;
}

const savedStateOf = (state: ImatrixState): SavedState => ({
  tab: state.tab.value,
  filter: state.filter.value,
  sort: state.sort.value,
  selected: state.rows.value.names[state.selected.value] ?? '',
  expert: state.expert.value,
  measure: state.measure.value,
  asTable: state.asTable.value,
  scrollTop: state.scrollTop.value,
});

export function restore(state: ImatrixState, saved: SavedState): void {
  batch(() => {
    state.tab.value = saved.tab;
    state.filter.value = saved.filter;
    state.sort.value = saved.sort;
    state.selected.value = saved.selected === '' ? -1 : state.rows.peek().names.indexOf(saved.selected);
    state.expert.value = saved.expert;
    state.measure.value = saved.measure;
    state.asTable.value = saved.asTable;
    state.scrollTop.value = saved.scrollTop;
  });
}

/** Writes down every change from now on. */
export function keepSaved(state: ImatrixState): void {
  const write = stateWriter<SavedState>(state.link, (saved) => ({ ...saved, scrollTop: 0 }));
  effect(() => {
    const saved = savedStateOf(state);
    if (state.view.value !== null) write(saved, saved);
  });
}

/** A saved state, read with care: another version may have written it. null when it is none. */
export function parseSaved(raw: unknown): SavedState | null {
  if (typeof raw !== 'object' || raw === null || !('measure' in raw)) return null;
  const saved = raw as Readonly<Record<keyof SavedState, unknown>>;
  return {
    tab: TABS.find((tab) => tab === saved.tab) ?? 'tensors',
    filter: typeof saved.filter === 'string' ? saved.filter : '',
    sort: sortOf(saved.sort),
    selected: typeof saved.selected === 'string' ? saved.selected : '',
    expert: Number.isSafeInteger(saved.expert) ? (saved.expert as number) : null,
    measure: DEPTH_MEASURES.find((id) => id === saved.measure) ?? 'entropyShare',
    asTable: saved.asTable === true,
    scrollTop: typeof saved.scrollTop === 'number' && saved.scrollTop > 0 ? saved.scrollTop : 0,
  };
}

function sortOf(raw: unknown): Sort | null {
  const { column, descending } = (raw ?? {}) as Partial<Record<keyof Sort, unknown>>;
  const known = typeof column === 'string' ? columnOf(column as ColumnId) : undefined;
  return known === undefined ? null : { column: known.id, descending: descending === true };
}
