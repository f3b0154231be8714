// What the page keeps for a model across reloads: taken from the state, put back into it, written down after every change.
import { batch, effect } from '@preact/signals';
import { CACHE_TYPES, type CacheType } from '../../src/core/plan/cacheTypes.ts';
import { stateWriter } from '../shared/stateWriter.ts';
import type { PlannerState, RunSettings } from './state.ts';

export interface SavedState {
  readonly device: string;
  readonly settings: RunSettings;
  readonly isAdvancedOpen: boolean;
  readonly scrollTop: number;
}

export function restore(state: PlannerState, saved: SavedState): void {
  batch(() => {
    state.device.value = saved.device;
    state.settings.value = saved.settings;
    state.isAdvancedOpen.value = saved.isAdvancedOpen;
    state.scrollTop.value = saved.scrollTop;
  });
}

/** Writes down every change from now on. A slider that moves and a page that scrolls change the state with every frame. */
export function keepSaved(state: PlannerState): void {
  const write = stateWriter<SavedState>(state.link, ({ device, isAdvancedOpen }) => [device, isAdvancedOpen]);
  effect(() => {
    const settings = state.settings.value;
    const saved = {
      device: state.device.value,
      isAdvancedOpen: state.isAdvancedOpen.value,
      scrollTop: state.scrollTop.value,
    };
    const path = state.view.value?.path; // by which VS Code's host opens the page again
    if (settings !== null && path !== undefined) write({ ...saved, settings }, { ...saved, settings, path });
  });
}

/** A saved state, read with care: another version may have written it. null when it is none. */
export function parseSaved(raw: unknown): SavedState | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const saved = raw as Readonly<Record<keyof SavedState, unknown>>;
  const settings = settingsOf(saved.settings);
  if (settings === null || typeof saved.device !== 'string') return null;
  return {
    ...{ device: saved.device, settings },
    isAdvancedOpen: saved.isAdvancedOpen === true,
    scrollTop: typeof saved.scrollTop === 'number' && saved.scrollTop > 0 ? saved.scrollTop : 0,
  };
}

function settingsOf(raw: unknown): RunSettings | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const saved = raw as Readonly<Record<keyof RunSettings, unknown>>;
  const count = (value: unknown, least: number): number | null =>
    Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : null;
  const type = (value: unknown): CacheType | null => CACHE_TYPES.find((known) => known === value) ?? null;
  const contextTokens = count(saved.contextTokens, 1);
  const sequences = count(saved.sequences, 1);
  const keyType = type(saved.keyType);
  const valueType = type(saved.valueType);
  const batchTokens = count(saved.batchTokens, 1);
  if (contextTokens === null || sequences === null || keyType === null || valueType === null) return null;
  return {
    ...{ contextTokens, sequences, keyType, valueType },
    batchTokens: batchTokens ?? 512,
    gpuLayers: count(saved.gpuLayers, 0),
    expertsOnCpu: count(saved.expertsOnCpu, 0) ?? 0,
    unified: saved.unified === true,
    flashAttention: saved.flashAttention !== false,
  };
}
