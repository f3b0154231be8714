// The page as a whole: the model, what would be measured or is, what was measured, the history, and the text by damage.
import '../shared/page.css';
import '../shared/icons.css';
import '../shared/pageHeader.css';
import '../shared/hero.css';
import './page.css';
import { FailedBanner } from '../shared/failedBanner.tsx';
import { KeptScroller } from '../shared/keptScroller.tsx';
import { Damage } from './damage/damage.tsx';
import { Empty } from './empty.tsx';
import { Header } from './header.tsx';
import { History } from './history/history.tsx';
import { PlanStrip } from './run/planStrip.tsx';
import { RunFailure } from './run/runFailure.tsx';
import { MeasurementResult, RunResult } from './result.tsx';
import type { QualityState } from './state.ts';

export interface PageProps {
  readonly state: QualityState;
  readonly reload: () => void;
}

export function Page({ state, reload }: PageProps) {
  const view = state.view.value;
  const failure = state.failure.value;
  if (view === null)
    return (
      <main class="page">
        {failure === null ? null : (
          <FailedBanner what="The measurements could not be read." why={failure} reload={reload} />
        )}
      </main>
    );
  const shown = state.shown.value;
  return (
    <main class="page quality">
      <Header state={state} view={view} />
      <PlanStrip state={state} view={view} />
      <KeptScroller top={state.scrollTop}>
        {failure !== null && (
          <FailedBanner what="The measurements could not be read." why={failure} reload={reload} />
        )}
        <RunFailure state={state} />
        {shown === null && <Empty state={state} view={view} />}
        {shown?.kind === 'run' && <RunResult state={state} view={view} run={shown.run} />}
        {shown?.kind === 'measurement' && <MeasurementResult state={state} measurement={shown.measurement} />}
        <History state={state} view={view} />
        {shown?.kind === 'measurement' && <Damage state={state} measurement={shown.measurement} />}
      </KeptScroller>
    </main>
  );
}
