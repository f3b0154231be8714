// The Quality page starts: it asks for the history of its model, and follows what is measured.
import { render } from 'preact';
import type { QualityHost, QualityPushes } from '../../src/protocol/quality.ts';
import { connect } from '../shared/link.ts';
import '../shared/toolkit.ts';
import { listenForKeys } from './keys.ts';
import { createLoader, followHost, followShown } from './load.ts';
import { Page } from './page.tsx';
import { keepSaved } from './saved.ts';
import { createState } from './state.ts';

const state = createState(connect<QualityHost, QualityPushes>());
const loader = createLoader(state);
followHost(state, loader);
followShown(state);
keepSaved(state);
listenForKeys(state);
void loader.load(); // a failure is shown by the page

const root = document.getElementById('page');
if (root !== null) render(<Page state={state} reload={() => void loader.load()} />, root);
