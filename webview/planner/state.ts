// The state of the planner page: what was loaded, what the user set, and what follows from both.
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { CacheType } from '../../src/core/plan/cacheTypes.ts';
import type { MemoryRequest } from '../../src/core/plan/memoryPlan.ts';
import type { DeviceList } from '../../src/protocol/engine.ts';
import type { MemoryResult } from '../../src/protocol/memory.ts';
import type { PlanBasis, PlannerHost, PlannerPushes, PlannerView } from '../../src/protocol/planner.ts';
import type { HostLink } from '../shared/link.ts';
import { type Answer, answerOf } from './answer.ts';
import { type DeviceChoice, deviceChoices, choiceOf } from './deviceChoices.ts';

export type PlannerLink = HostLink<PlannerHost, PlannerPushes>;

/** What the user set of a run. */
export interface RunSettings {
  /** Tokens for each sequence. */
  readonly contextTokens: number;
  readonly sequences: number;
  readonly unified: boolean;
  readonly keyType: CacheType;
  readonly valueType: CacheType;
  /** null: all. */
  readonly gpuLayers: number | null;
  readonly expertsOnCpu: number;
  readonly batchTokens: number;
  readonly flashAttention: boolean;
}

/** What llama.cpp answered, and to what. */
export interface Measured {
  readonly request: MemoryRequest;
  readonly result: MemoryResult;
}

/** A thing asked of the engine: it runs, or how it failed. */
export type Asking =
  { readonly state: 'idle' | 'running' } | { readonly state: 'failed'; readonly why: string };

export interface PlannerState {
  readonly link: PlannerLink;
  /** null while nothing has arrived. */
  readonly view: Signal<PlannerView | null>;
  /** A request failed as a whole: its sentence. */
  readonly failure: Signal<string | null>;
  /** null until the first view chose them. */
  readonly settings: Signal<RunSettings | null>;
  /** Id of the device. */
  readonly device: Signal<string>;
  /** GPUs of this machine, when they were asked for. */
  readonly detected: Signal<DeviceList | null>;
  readonly detecting: Signal<Asking>;
  readonly measured: Signal<Measured | null>;
  readonly measuring: Signal<Asking>;
  readonly isAdvancedOpen: Signal<boolean>;
  readonly scrollTop: Signal<number>;

  readonly choices: ReadonlySignal<readonly DeviceChoice[]>;
  readonly chosen: ReadonlySignal<DeviceChoice | null>;
  readonly answer: ReadonlySignal<Answer | null>;
}

export function createState(link: PlannerLink): PlannerState {
  const view = signal<PlannerView | null>(null);
  const settings = signal<RunSettings | null>(null);
  const device = signal('');
  const detected = signal<DeviceList | null>(null);
  const choices = computed(() =>
    view.value === null ? [] : deviceChoices(view.value, detected.value?.gpus ?? []),
  );
  const chosen = computed(() => choiceOf(choices.value, device.value));
  return {
    ...{ link, view, settings, device, detected, choices, chosen },
    failure: signal(null),
    detecting: signal<Asking>({ state: 'idle' }),
    measured: signal(null),
    measuring: signal<Asking>({ state: 'idle' }),
    isAdvancedOpen: signal(false),
    scrollTop: signal(0),
    answer: computed(() => {
      const basis = basisOf(view.value);
      if (basis === null || settings.value === null || chosen.value === null) return null;
      return answerOf(basis, settings.value, chosen.value);
    }),
  };
}

/** null: nothing has arrived, or no plan can be made of this model. */
export const basisOf = (view: PlannerView | null): PlanBasis | null =>
  view === null || 'unavailable' in view.plan ? null : view.plan;

export function change(state: PlannerState, changes: Partial<RunSettings>): void {
  const settings = state.settings.peek();
  if (settings !== null) state.settings.value = { ...settings, ...changes };
}
