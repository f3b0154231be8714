// How an importance matrix comes into the page: the view with the first rows, then the other pages of rows.
import { batch } from '@preact/signals';
import { messageOf } from '../../src/core/base/failure.ts';
import { joinedRows } from './rows.ts';
import { parseSaved, restore } from './saved.ts';
import type { ImatrixState } from './state.ts';

export interface Loader {
  /** Asks for everything anew; what is shown stays until the answer is there. */
  load(): Promise<void>;
}

export function createLoader(state: ImatrixState): Loader {
  let running: AbortController | null = null;
  return {
    async load() {
      running?.abort();
      const { signal } = (running = new AbortController());
      try {
        const snapshot = await state.link.ask.open(null, signal);
        batch(() => {
          const isFirst = state.view.value === null;
          const selected = state.rows.value.names[state.selected.value];
          state.failure.value = null;
          state.fileChange.value = null;
          if (snapshot.kind === 'unreadable') {
            state.unreadable.value = snapshot;
            state.view.value = null;
            return;
          }
          state.unreadable.value = null;
          state.rows.value = snapshot.rows;
          state.selected.value = selected === undefined ? -1 : snapshot.rows.names.indexOf(selected);
          state.view.value = snapshot;
          const saved = isFirst
            ? (parseSaved(state.link.getState()) ?? parseSaved(snapshot.savedState))
            : null;
          if (saved !== null) restore(state, saved);
        });
        while (state.rows.peek().names.length < (state.view.peek()?.tensorCount ?? 0)) {
          const page = await state.link.ask.rows({ first: state.rows.peek().names.length }, signal);
          if (page.names.length === 0) break; // another file than the one that was counted
          state.rows.value = joinedRows(state.rows.peek(), page);
        }
      } catch (error) {
        if (!signal.aborted) state.failure.value = messageOf(error);
      }
    },
  };
}

/** Takes in what the host tells. */
export function followHost(state: ImatrixState, loader: Loader): void {
  state.link.onPush('fileChanged', ({ state: change }) => {
    if (change === 'back' || state.view.peek() === null) void loader.load();
    else state.fileChange.value = change;
  });
}
