// The page as a whole: what the model would become, what runs, the map to change it on, the table that tells why, and the options.
import '../shared/page.css';
import '../shared/icons.css';
import './page.css';
import type { ModelView } from '../../src/protocol/modelView.ts';
import type { RequantizeView } from '../../src/protocol/requantize.ts';
import { FailedBanner } from '../shared/failedBanner.tsx';
import { Header } from './header.tsx';
import { HoverCard } from './hover/hoverCard.tsx';
import { Jobs } from './jobs/jobs.tsx';
import { PlanMap } from './map/planMap.tsx';
import { Notices } from './notices.tsx';
import { Options } from './options/options.tsx';
import type { RequantizeState } from './state.ts';
import { PlanTable } from './table/planTable.tsx';

interface Props {
  readonly state: RequantizeState;
  readonly reload: () => void;
  readonly planAgain: () => void;
}

export function Page({ state, reload, planAgain }: Props) {
  const view = state.view.value;
  const failure = state.failure.value;
  if (view === null)
    return (
      <main class="page">
        {failure === null ? (
          <p class="reading muted">Reading the header…</p>
        ) : (
          <FailedBanner what="The model could not be read." why={failure} reload={reload} />
        )}
      </main>
    );
  const model = state.model.value;
  return (
    <main class="page requantize">
      <Header state={state} view={view} />
      {failure !== null && <FailedBanner what="The model could not be read." why={failure} reload={reload} />}
      <Jobs state={state} view={view} />
      {model === null ? (
        <Notices state={state} view={view} planAgain={planAgain} />
      ) : (
        <Body state={state} view={view} model={model} planAgain={planAgain} />
      )}
      <HoverCard state={state} />
    </main>
  );
}

interface BodyProps {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
  readonly model: ModelView;
  readonly planAgain: () => void;
}

function Body({ state, view, model, planAgain }: BodyProps) {
  return (
    <div class="body">
      <Options state={state} view={view} />
      <div class="plan-side">
        <Notices state={state} view={view} planAgain={planAgain} />
        <PlanMap state={state} view={view} model={model} />
        <PlanTable state={state} model={model} />
      </div>
    </div>
  );
}
