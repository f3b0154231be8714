// The Re-quantize page starts: it asks for its model, then for a plan of the recipe as it stands, and follows the jobs.
import { render } from 'preact';
import type { RequantizeHost, RequantizePushes } from '../../src/protocol/requantize.ts';
import { connect } from '../shared/link.ts';
import '../shared/toolkit.ts';
import { listenForKeys } from './keys.ts';
import { createLoader, followDraft, followHost, followJobs } from './load.ts';
import { Page } from './page.tsx';
import { keepSaved } from './saved.ts';
import { createState } from './state.ts';

const state = createState(connect<RequantizeHost, RequantizePushes>());
const loader = createLoader(state);
followHost(state, loader);
const planAgain = followDraft(state);
followJobs(state, planAgain);
keepSaved(state);
listenForKeys(state);
void loader.load(); // a failure is shown by the page

const root = document.getElementById('page');
if (root !== null)
  render(<Page state={state} reload={() => void loader.load()} planAgain={planAgain} />, root);
