// How the basis of plans comes into the page, what is planned at first, and what is asked of the engine on a click.
import { batch } from '@preact/signals';
import { messageOf } from '../../src/core/base/failure.ts';
import { largestDevice, smallestGoodRun } from '../../src/core/plan/enough.ts';
import type { PlanBasis } from '../../src/protocol/planner.ts';
import { firstSettings } from './answer.ts';
import { parseSaved, restore } from './saved.ts';
import { type Asking, basisOf, type PlannerState } from './state.ts';

export interface Loader {
  /** Asks for everything anew; what the user set stays. */
  load(): Promise<void>;
}

export function createLoader(state: PlannerState): Loader {
  let running: AbortController | null = null;
  return {
    async load() {
      running?.abort();
      const { signal } = (running = new AbortController());
      try {
        const view = await state.link.ask.open(null, signal);
        batch(() => {
          state.failure.value = null;
          state.view.value = view;
          state.measured.value = null;
          if (state.settings.peek() !== null) return;
          const saved = parseSaved(state.link.getState()) ?? parseSaved(view.savedState);
          if (saved !== null) restore(state, saved);
          settle(state);
        });
      } catch (error) {
        if (!signal.aborted) state.failure.value = messageOf(error);
      }
    },
  };
}

/** Chooses a device and settings where there are none: those of the user's settings, else the least that is enough. */
function settle(state: PlannerState): void {
  const view = state.view.peek();
  const basis = basisOf(view);
  if (view === null || basis === null) return;
  const wanted = view.defaultDevice.toLowerCase();
  if (state.chosen.value === null) {
    const preferred = state.choices.value.find(({ id }) => id.toLowerCase() === wanted);
    state.device.value = preferred?.id ?? enoughFor(basis);
  }
  resetSettings(state, state.settings.peek() === null);
}

export function resetSettings(state: PlannerState, really = true): void {
  const basis = basisOf(state.view.peek());
  const chosen = state.chosen.value;
  if (really && basis !== null && chosen !== null) state.settings.value = firstSettings(basis, chosen);
}

/** The device that the header of the model speaks of, when none is set. */
const enoughFor = ({ shape, weights }: PlanBasis): string =>
  (smallestGoodRun(shape, weights).device ?? largestDevice())?.name ?? '';

/** Asks for the GPUs of this machine, and takes the first. */
export async function detect(state: PlannerState): Promise<void> {
  await asking(state.detecting, async () => {
    const list = await state.link.ask.devices(null);
    batch(() => {
      state.detected.value = list;
      if (list.gpus.length > 0) state.device.value = 'gpu 0';
    });
  });
}

/** Asks llama.cpp what it would allocate for the run that is planned. */
export async function measure(state: PlannerState): Promise<void> {
  const request = state.answer.peek()?.request;
  if (request === undefined) return;
  await asking(state.measuring, async () => {
    const result = await state.link.ask.measure({ request });
    state.measured.value = { request, result };
  });
}

async function asking(place: { value: Asking }, ask: () => Promise<void>): Promise<void> {
  if (place.value.state === 'running') return;
  place.value = { state: 'running' };
  try {
    await ask();
    place.value = { state: 'idle' };
  } catch (error) {
    place.value = { state: 'failed', why: messageOf(error) };
  }
}
