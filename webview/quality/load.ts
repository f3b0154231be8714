// How the measurements come into the page: the history first, then what is shown of it; again whenever the host says so.
import { batch, effect } from '@preact/signals';
import { messageOf } from '../../src/core/base/failure.ts';
import type { Curve } from '../../src/protocol/quality.ts';
import { joinCurve } from './curves.ts';
import { loadDamage } from './damage/loadDamage.ts';
import { parseSaved, restore } from './saved.ts';
import type { QualityState } from './state.ts';

export interface Loader {
  /** Asks for everything anew; what is shown stays until the answer is there. */
  load(): Promise<void>;
}

export function createLoader(state: QualityState): Loader {
  let running: AbortController | null = null;
  return {
    async load() {
      running?.abort();
      const { signal } = (running = new AbortController());
      try {
        const view = await state.link.ask.open(null, signal);
        batch(() => {
          const isFirst = state.view.value === null;
          state.failure.value = null;
          state.view.value = view;
          state.run.value = view.run;
          const known = new Set([...view.measurements, ...view.others].map(({ id }) => id));
          state.ticked.value = new Set([...state.ticked.value].filter((id) => known.has(id)));
          if (!isFirst) return;
          const saved = parseSaved(state.link.getState()) ?? parseSaved(view.savedState);
          if (saved !== null) restore(state, saved);
        });
      } catch (error) {
        if (signal.aborted) return;
        state.failure.value = messageOf(error);
        state.run.value = null;
      }
    },
  };
}

/** Takes in what the host tells. */
export function followHost(state: QualityState, loader: Loader): void {
  const { link } = state;
  link.onPush('changed', () => void loader.load());
  link.onPush('plan', (plan) => {
    const view = state.view.peek();
    if (view !== null) state.view.value = { ...view, plan };
  });
  link.onPush('run', (run) => {
    // One that ended stays until the history with its result is here: else what was measured before would flash up.
    if (run === null) void loader.load();
    else state.run.value = run;
  });
  link.onPush('show', ({ id }) => (state.chosen.value = id));
  link.onPush('curve', (told) => {
    const joined = joinCurve(state.curves.peek().get(told.id), told);
    if (joined !== null) keepCurve(state, joined);
    else askCurve(state, told.id);
  });
}

const keepCurve = (state: QualityState, curve: Curve): void => {
  state.curves.value = new Map(state.curves.peek()).set(curve.id, curve);
};

/** One that is gone is not worth a word: its place says that there is none. */
function askCurve(state: QualityState, id: string): void {
  state.link.ask.curve({ id }).then(
    (curve) => {
      const known = state.curves.peek().get(id);
      const isOlder = known !== undefined && known.perplexity.length > curve.perplexity.length;
      if (!isOlder || known.pass !== curve.pass) keepCurve(state, joinCurve(known, curve) ?? curve);
    },
    () => undefined,
  );
}

/** Asks for what the measurement that is shown has besides its figures. */
export function followShown(state: QualityState): void {
  let stop: AbortController | null = null;
  let last = '';
  effect(() => {
    const shown = state.shown.value;
    const id = shown === null ? '' : shown.kind === 'run' ? shown.run.id : shown.measurement.id;
    const key = `${shown?.kind} ${id}`;
    if (key === last) return;
    last = key;
    stop?.abort();
    stop = new AbortController();
    const { signal } = stop;
    queueMicrotask(() => {
      state.damage.value = null;
      if (shown === null) return;
      if (!state.curves.peek().has(id) && (shown.kind === 'run' || shown.measurement.hasCurve))
        askCurve(state, id);
      if (shown.kind === 'run' || shown.measurement.figures === null) return;
      const { hasDamage } = shown.measurement;
      if (!state.details.peek().has(id))
        state.link.ask.detail({ id }, signal).then(
          (detail) => (state.details.value = new Map(state.details.peek()).set(id, detail)),
          () => undefined, // a figure less, said by its place
        );
      if (hasDamage) void loadDamage(state, id, signal);
    });
  });
}
