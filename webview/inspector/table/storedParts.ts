// The stored tensors of the rows that are open: asked for once for each row, forgotten when the model is read anew.
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { PartView } from '../../../src/protocol/modelView.ts';
import type { InspectorState } from '../state.ts';

/** 'failed': they could not be had; a row that is not there is on its way. */
export type StoredParts = ReadonlyMap<string, readonly PartView[] | 'failed'>;

export function storedParts(state: InspectorState): ReadonlySignal<StoredParts> {
  const known = signal<StoredParts>(new Map());
  let asked = new Set<string>();
  let model = state.model.peek();
  effect(() => {
    if (state.model.value !== model) {
      model = state.model.value;
      asked = new Set();
      known.value = new Map();
    }
    if (model === null) return;
    for (const name of state.openParts.value) {
      if (asked.has(name)) continue;
      asked.add(name);
      const of = model;
      const settle = (parts: readonly PartView[] | 'failed'): void => {
        if (of === state.model.peek()) known.value = new Map(known.peek()).set(name, parts);
      };
      state.link.ask.parts({ name }, NEVER).then(settle, () => settle('failed'));
    }
  });
  return known;
}

/** They are few and small: nobody waits long enough to stop an ask. */
const NEVER = new AbortController().signal;
