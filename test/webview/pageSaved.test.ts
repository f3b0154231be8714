import { expect, test } from 'vitest';
import { parseSaved, restore, savedStateOf } from '../../webview/inspector/saved.ts';
import { createState, type InspectorLink, type SavedState } from '../../webview/inspector/state.ts';
import { llama } from './tableModels.ts';

const SAVED: SavedState = {
  tab: 'metadata',
  selected: 'blk.1.ffn_down.weight',
  filter: 'type:q6_k',
  sort: { column: 'bytes', descending: true },
  openGroups: ['Layer 1'],
  openParts: ['model.layers.1.mlp.down_proj.weight'],
  hidden: ['offset'],
  wanted: ['entropy'],
  widths: { name: 240 },
  scrollTop: 44,
  metadataFilter: 'rope',
  isPanelOpen: true,
  panelTab: 'blocks',
  block: 3,
  mapMeasure: 'kurtosis',
};

const aState = () => {
  const state = createState(null as unknown as InspectorLink); // what is tested here asks the host for nothing
  const { model, rows } = llama();
  state.model.value = model;
  state.rows.value = rows;
  return state;
};

test('what is restored is what was saved', () => {
  const state = aState();
  restore(state, SAVED);
  state.selected.value = state.rows.value.names.indexOf(SAVED.selected);
  expect(savedStateOf(state)).toEqual(SAVED);
  expect(parseSaved(JSON.parse(JSON.stringify(savedStateOf(state))))).toEqual(SAVED);
});

test('groups that the model no longer has are forgotten', () => {
  const state = aState();
  restore(state, { ...SAVED, openGroups: ['Layer 0', 'Layer 99'] });
  expect(savedStateOf(state).openGroups).toEqual(['Layer 0']);
});

test.each([
  ['nothing', null],
  ['nothing', undefined],
  ['a text', 'layers'],
])('%s is no saved state', (_name, raw) => {
  expect(parseSaved(raw)).toBeNull();
});

test('what another version wrote is read as far as it is understood', () => {
  const defaults = {
    tab: 'layers',
    selected: '',
    filter: '',
    sort: null,
    openGroups: [],
    openParts: [],
    hidden: ['layer', 'role'],
    wanted: [],
    widths: {},
    scrollTop: 0,
    metadataFilter: '',
    isPanelOpen: false,
    panelTab: 'distribution',
    block: 0,
    mapMeasure: 'bits',
  };
  expect(parseSaved({ tab: '' })).toEqual(defaults);
  expect(parseSaved({})).toBeNull(); // what a page leaves that has just begun
  expect(
    parseSaved({
      tab: 'charts',
      filter: 7,
      sort: { column: 'color', descending: true },
      openGroups: ['Layer 0', 3],
      hidden: ['offset', 'color'],
      widths: { name: 100, color: 5, type: 'wide' },
      scrollTop: -1,
    }),
  ).toEqual({ ...defaults, openGroups: ['Layer 0'], hidden: ['offset'], widths: { name: 100 } });
});
