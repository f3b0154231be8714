// How the model comes into the page: first the model with its first rows, then the other rows page by page; again on reload.
import { batch } from '@preact/signals';
import { messageOf } from '../../src/core/base/failure.ts';
import { readEmbedded } from '../../src/protocol/embedded.ts';
import type { ModelSnapshot, ModelView, TensorColumns } from '../../src/protocol/modelView.ts';
import { rowsOf } from '../shared/tensors/rows.ts';
import { parseSaved, restore, savedStateOf } from './saved.ts';
import { revealRow, type InspectorState } from './state.ts';

export interface Loader {
  /** Asks for everything anew; what is shown stays until the answer is there, what the user made of it stays after. */
  load(): Promise<void>;
  /** Selects a tensor by its full name, as soon as it has arrived. */
  reveal(name: string): void;
}

export function createLoader(state: InspectorState): Loader {
  let running: AbortController | null = null;
  let awaited: { readonly name: string; readonly select: (row: number) => void } | null = null;

  const settleAwaited = (): void => {
    const row = awaited === null ? -1 : state.rows.peek().names.indexOf(awaited.name);
    if (row < 0) return;
    awaited?.select(row);
    awaited = null;
  };

  const showModel = (model: ModelView): void => {
    const kept = state.model.peek() === null ? null : savedStateOf(state);
    const saved = kept ?? parseSaved(state.link.getState()) ?? parseSaved(model.savedState);
    batch(() => {
      state.model.value = model;
      state.instead.value = null;
      state.rows.value = rowsOf([model.tensors], model.tensorCount);
      state.selected.value = -1;
      if (saved === null) state.openGroups.value = groupsOpenAtFirst(model);
      else restore(state, saved);
      if (saved !== null && saved.selected !== '')
        awaited ??= { name: saved.selected, select: (row) => (state.selected.value = row) };
      settleAwaited();
    });
  };

  const loadRest = async (model: ModelView, signal: AbortSignal): Promise<void> => {
    const pages: TensorColumns[] = [model.tensors];
    let arrived = model.tensors.count;
    let joined = arrived;
    while (arrived < model.tensorCount) {
      const page = await state.link.ask.tensors({ first: arrived }, signal);
      if (page.count === 0) return;
      pages.push(page);
      arrived += page.count;
      // Joining copies everything: only when it has doubled, and at the end, so that the sum stays linear.
      if (arrived < 2 * joined && arrived < model.tensorCount) continue;
      joined = arrived;
      batch(() => {
        state.rows.value = rowsOf(pages, model.tensorCount);
        settleAwaited();
      });
    }
  };

  return {
    async load() {
      running?.abort(); // not before there is one: the first error of a page costs it 20 ms
      const { signal } = (running = new AbortController());
      state.failure.value = null;
      try {
        const snapshot = takeEmbedded(state) ?? (await state.link.ask.open(null, signal));
        state.fileState.value = 'same';
        if (snapshot.kind === 'model') {
          showModel(snapshot);
          await loadRest(snapshot, signal);
        } else {
          batch(() => {
            state.model.value = null;
            state.instead.value = snapshot;
          });
        }
      } catch (error) {
        if (!signal.aborted) state.failure.value = messageOf(error);
      }
    },
    reveal(name) {
      state.tab.value = 'layers';
      awaited = { name, select: (row) => revealRow(state, row, true) };
      settleAwaited();
    },
  };
}

/**
 * What came with the document, once. VS Code builds a page that was hidden from the same document again: by then it has a
 * state, and what came with the document may be old.
 */
function takeEmbedded({ link }: InspectorState): ModelSnapshot | null {
  const element = document.getElementById('snapshot');
  element?.remove();
  if (element === null || link.getState() !== undefined) return null;
  const snapshot = readEmbedded(element.textContent) as ModelSnapshot;
  link.setState((snapshot.kind === 'model' ? snapshot.savedState : null) ?? {});
  return snapshot;
}

/** A model of few tensors is shown whole; of others the first layer, as an example of the rest. */
const FEW_TENSORS = 64;

function groupsOpenAtFirst({ groups, tensorCount }: ModelView): ReadonlySet<number> {
  if (tensorCount <= FEW_TENSORS) return new Set(groups.keys());
  const first = groups.findIndex(({ layer }) => layer >= 0);
  return new Set(first < 0 ? [] : [first]);
}
