// What the page keeps for a file across reloads: taken from the state, put back into it, written down after every change.
import { batch, effect } from '@preact/signals';
import { stateWriter } from '../shared/stateWriter.ts';
import {
  HIDDEN_AT_FIRST,
  type ColumnId,
  type InspectorState,
  type MapMeasure,
  type PanelTab,
  type SavedState,
  type Sort,
  type Tab,
} from './state.ts';

/** Open groups that are remembered: a model of thousands of layers must not make a saved state of a megabyte. */
const MAX_GROUPS = 500;

/** The same of matrices whose parts are shown. */
const MAX_OPEN_PARTS = 100;

export function savedStateOf(state: InspectorState): SavedState {
  const groups = state.model.value?.groups ?? [];
  return {
    tab: state.tab.value,
    selected: state.rows.value.names[state.selected.value] ?? '',
    filter: state.filter.value,
    sort: state.sort.value,
    openGroups: [...state.openGroups.value]
      .slice(0, MAX_GROUPS)
      .flatMap((group) => groups[group]?.label ?? []),
    openParts: [...state.openParts.value].slice(0, MAX_OPEN_PARTS),
    hidden: [...state.hidden.value],
    wanted: [...state.wanted.value],
    widths: state.widths.value,
    scrollTop: state.scrollTop.value,
    metadataFilter: state.metadataFilter.value,
    isPanelOpen: state.isPanelOpen.value,
    panelTab: state.panelTab.value,
    block: state.block.value,
    mapMeasure: state.mapMeasure.value,
  };
}

/** Puts everything back but the selection: its tensor may not have arrived yet. Call when the model is there. */
export function restore(state: InspectorState, saved: SavedState): void {
  const groups = new Map(state.model.value?.groups.map(({ label }, group) => [label, group]));
  batch(() => {
    state.tab.value = saved.tab;
    state.filter.value = saved.filter;
    state.sort.value = saved.sort;
    state.openGroups.value = new Set(saved.openGroups.flatMap((label) => groups.get(label) ?? []));
    state.openParts.value = new Set(saved.openParts);
    state.hidden.value = new Set(saved.hidden);
    state.wanted.value = new Set(saved.wanted);
    state.widths.value = saved.widths;
    state.scrollTop.value = saved.scrollTop;
    state.metadataFilter.value = saved.metadataFilter;
    state.isPanelOpen.value = saved.isPanelOpen;
    state.panelTab.value = saved.panelTab;
    state.block.value = saved.block;
    state.mapMeasure.value = saved.mapMeasure;
  });
}

/** Writes down every change from now on. */
export function keepSaved(state: InspectorState): void {
  const write = stateWriter<SavedState>(state.link, (saved) => ({ ...saved, scrollTop: 0, widths: null }));
  effect(() => {
    const saved = savedStateOf(state);
    if (state.model.value !== null && state.loaded.value) write(saved, saved);
  });
}

/** A saved state, read with care: another version may have written it. null when it is none, or an empty one. */
export function parseSaved(raw: unknown): SavedState | null {
  if (typeof raw !== 'object' || raw === null || !('tab' in raw)) return null;
  const saved = raw as Readonly<Record<keyof SavedState, unknown>>;
  return {
    tab: TABS.find((tab) => tab === saved.tab) ?? 'layers',
    selected: textOf(saved.selected),
    filter: textOf(saved.filter),
    sort: sortOf(saved.sort),
    openGroups: textsOf(saved.openGroups),
    openParts: textsOf(saved.openParts),
    hidden: Array.isArray(saved.hidden) ? columnsOf(saved.hidden) : HIDDEN_AT_FIRST,
    wanted: columnsOf(saved.wanted),
    widths: widthsOf(saved.widths),
    scrollTop: numberOf(saved.scrollTop),
    metadataFilter: textOf(saved.metadataFilter),
    isPanelOpen: saved.isPanelOpen === true,
    panelTab: PANEL_TABS.find((tab) => tab === saved.panelTab) ?? 'distribution',
    block: Math.floor(numberOf(saved.block)),
    mapMeasure: MAP_MEASURES.find((measure) => measure === saved.mapMeasure) ?? 'bits',
  };
}

const TABS: readonly Tab[] = ['layers', 'depth', 'metadata', 'problems'];
const PANEL_TABS: readonly PanelTab[] = ['distribution', 'blocks', 'worst', 'groups'];
const MAP_MEASURES: readonly MapMeasure[] = ['bits', 'size', 'outliers', 'kurtosis', 'scaleRange', 'entropy'];
const IS_COLUMN: Readonly<Record<ColumnId, true>> = {
  name: true,
  layer: true,
  role: true,
  type: true,
  bits: true,
  shape: true,
  weights: true,
  bytes: true,
  share: true,
  offset: true,
  file: true,
  beyond3: true,
  kurtosis: true,
  std: true,
  absMax: true,
  absMaxStd: true,
  scaleRange: true,
  entropy: true,
};

const textOf = (raw: unknown): string => (typeof raw === 'string' ? raw : '');
const numberOf = (raw: unknown): number => (typeof raw === 'number' && raw >= 0 ? raw : 0);
const textsOf = (raw: unknown): string[] =>
  Array.isArray(raw) ? raw.filter((item) => typeof item === 'string') : [];
const columnsOf = (raw: unknown): ColumnId[] =>
  textsOf(raw).filter((id): id is ColumnId => Object.hasOwn(IS_COLUMN, id));

function sortOf(raw: unknown): Sort | null {
  const { column, descending } = (raw ?? {}) as Partial<Record<keyof Sort, unknown>>;
  const [id] = columnsOf([column]);
  return id === undefined ? null : { column: id, descending: descending === true };
}

function widthsOf(raw: unknown): SavedState['widths'] {
  const widths = (raw ?? {}) as Readonly<Record<string, unknown>>;
  const columns = columnsOf(Object.keys(widths)).filter((id) => numberOf(widths[id]) > 0);
  return Object.fromEntries(columns.map((id) => [id, numberOf(widths[id])]));
}
