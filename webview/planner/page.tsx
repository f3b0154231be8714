// The page as a whole: the model, the context, bars against the memory there is, what they are made of, and what would fit.
import '../shared/page.css';
import '../shared/icons.css';
import '../shared/pageHeader.css';
import '../shared/hero.css';
import './page.css';
import { visibleText } from '../../src/core/base/visibleText.ts';
import type { PlanBasis, PlannerView } from '../../src/protocol/planner.ts';
import { FailedBanner } from '../shared/failedBanner.tsx';
import { Icon } from '../shared/icon.tsx';
import { KeptScroller } from '../shared/keptScroller.tsx';
import type { Answer } from './answer.ts';
import { MemoryBars } from './bars/memoryBars.tsx';
import { ContextSlider } from './contextSlider.tsx';
import type { DeviceChoice } from './deviceChoices.ts';
import { Header } from './header.tsx';
import { Options } from './options.tsx';
import { PartsTable } from './parts/partsTable.tsx';
import { AskLlama } from './results/askLlama.tsx';
import { CopySettings } from './results/copySettings.tsx';
import { Fits } from './results/fits.tsx';
import { Quantizations } from './results/quantizations.tsx';
import { Training } from './results/training.tsx';
import { basisOf, type PlannerState } from './state.ts';

export interface PageProps {
  readonly state: PlannerState;
  readonly reload: () => void;
}

export function Page({ state, reload }: PageProps) {
  const view = state.view.value;
  const failure = state.failure.value;
  const basis = basisOf(view);
  return (
    <main class="page planner">
      {view !== null && <Header state={state} view={view} />}
      {failure !== null && <FailedBanner what="The model could not be read." why={failure} reload={reload} />}
      {view !== null && 'unavailable' in view.plan && <NoPlan why={view.plan.unavailable} />}
      {view !== null && basis !== null && <Plan state={state} view={view} basis={basis} />}
    </main>
  );
}

interface PlanProps {
  readonly state: PlannerState;
  readonly view: PlannerView;
  readonly basis: PlanBasis;
}

function Plan({ state, view, basis }: PlanProps) {
  const settings = state.settings.value;
  const answer = state.answer.value;
  const choice = state.chosen.value;
  if (settings === null || answer === null || choice === null) return null;
  return (
    <KeptScroller top={state.scrollTop}>
      <div class="columns">
        <div class="main">
          <ContextSlider state={state} basis={basis} settings={settings} />
          <VerdictLine answer={answer} />
          <MemoryBars plan={answer.plan} choice={choice} />
          <Parts answer={answer} choice={choice} />
        </div>
        <Options state={state} view={view} basis={basis} settings={settings} />
        <div class="main">
          <Fits state={state} basis={basis} answer={answer} choice={choice} />
          <Quantizations basis={basis} answer={answer} choice={choice} />
          <CopySettings state={state} view={view} request={answer.request} />
          <AskLlama state={state} view={view} basis={basis} />
          {basis.fineTuning !== null && <Training training={basis.fineTuning} />}
        </div>
      </div>
    </KeptScroller>
  );
}

function VerdictLine({ answer: { verdict, refusal } }: { readonly answer: Answer }) {
  const isGood = verdict.fits && refusal === null;
  const text = verdict.text.slice(0, 1).toUpperCase() + verdict.text.slice(1);
  return (
    <p class="verdict" role="status">
      <Icon name={isGood ? 'pass' : 'warning'} />
      <span>
        {text}
        {refusal !== null && `. llama.cpp refuses this run: ${refusal}`}
      </span>
    </p>
  );
}

function Parts({ answer, choice }: { readonly answer: Answer; readonly choice: DeviceChoice }) {
  return (
    <section aria-label="Parts">
      <PartsTable plan={answer.plan} hasGpu={choice.device.backend !== 'cpu'} />
      {answer.notes.length > 0 && (
        <ul class="notes">
          {answer.notes.map((note) => (
            <li key={note}>
              <Icon name="info" />
              {visibleText(note)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function NoPlan({ why }: { readonly why: string }) {
  return (
    <section class="empty" aria-label="No plan">
      <h2>Memory cannot be planned for this file</h2>
      <p>{why}</p>
    </section>
  );
}
