// The inspector page starts: it asks for the model before it draws anything.
import { effect } from '@preact/signals';
import { render } from 'preact';
import { messageOf } from '../../src/core/base/failure.ts';
import { formatFixed } from '../../src/core/base/units.ts';
import type { InspectorHost, InspectorPushes } from '../../src/protocol/inspector.ts';
import { connect } from '../shared/link.ts';
import { followAnalysis } from './analysis/followAnalysis.ts';
import { focusFilter, listenForKeys } from './keys.ts';
import { loadLater } from './later.tsx';
import { createLoader } from './load.ts';
import { Page } from './page.tsx';
import { reportPaints } from './paints.ts';
import { keepPreferences } from './preferences.ts';
import { keepSaved } from './saved.ts';
import { createState } from './state.ts';

/** From here on a person would wonder whether anything happens. */
const EMPTY_PAGE_AFTER_MS = 100;

const link = connect<InspectorHost, InspectorPushes>();
const state = createState(link);
const loader = createLoader(state);

void loader.load(); // a failure is shown by the page
link.onPush('reload', () => void loader.load());
link.onPush('reveal', ({ name }) => loader.reveal(name));
link.onPush('memory', (memory) => {
  const model = state.model.peek();
  if (model !== null) state.model.value = { ...model, memory };
});
link.onPush('focusFilter', () => focusFilter(state));
link.onPush('fileChanged', ({ state: change }) => {
  if (state.model.peek() !== null) state.fileState.value = change === 'gone' ? 'gone' : 'changed';
  else if (change !== 'gone') reload(); // a pointer that was fetched, a download that went on
});

/** The host reads the file again and tells all pages of it. */
function reload(): void {
  link.ask.run({ command: 'reload' }).catch((error: unknown) => {
    state.failure.value = messageOf(error);
  });
}

listenForKeys(state);
reportPaints(state, loadLater);
followAnalysis(state);
keepSaved(state);
keepPreferences(state);

const root = document.getElementById('page');
const draw = (): void => {
  if (root !== null) render(<Page state={state} reload={reload} />, root);
};
// Drawing the empty page takes longer than most answers: it is drawn only when the answer takes its time.
const patience = setTimeout(draw, EMPTY_PAGE_AFTER_MS);
const stopWaiting = effect(() => {
  if (state.model.value === null && state.instead.value === null && state.failure.value === null) return;
  clearTimeout(patience);
  draw();
  queueMicrotask(() => stopWaiting());
});

// The first number that is formatted takes long, because the tables for it are loaded: better now, while the answer is on
// its way, than when it is there.
for (const decimals of [0, 1, 2]) formatFixed(0, decimals);
