// The planner page starts: it asks what memory is made of, and plans with it at every change.
import { render } from 'preact';
import type { PlannerHost, PlannerPushes } from '../../src/protocol/planner.ts';
import { connect } from '../shared/link.ts';
import '../shared/toolkit.ts';
import { createLoader } from './load.ts';
import { Page } from './page.tsx';
import { keepSaved } from './saved.ts';
import { createState } from './state.ts';

const state = createState(connect<PlannerHost, PlannerPushes>());
const loader = createLoader(state);
state.link.onPush('changed', () => void loader.load());
keepSaved(state);
void loader.load(); // a failure is shown by the page

const root = document.getElementById('page');
if (root !== null) render(<Page state={state} reload={() => void loader.load()} />, root);
