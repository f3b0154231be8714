// The page of an importance matrix starts: it asks for the tensors, and follows the file.
import { render } from 'preact';
import type { ImatrixHost, ImatrixPushes } from '../../src/protocol/imatrixView.ts';
import { connect } from '../shared/link.ts';
import '../shared/toolkit.ts';
import { listenForKeys } from './keys.ts';
import { createLoader, followHost } from './load.ts';
import { Page } from './page.tsx';
import { keepSaved } from './saved.ts';
import { createState } from './state.ts';

const state = createState(connect<ImatrixHost, ImatrixPushes>());
const loader = createLoader(state);
followHost(state, loader);
keepSaved(state);
listenForKeys(state);
void loader.load(); // a failure is shown by the page

const root = document.getElementById('page');
if (root !== null) render(<Page state={state} reload={() => void loader.load()} />, root);
