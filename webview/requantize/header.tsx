// The header: which model, what it would become, and the button that does it; while it runs the button cancels.
import '../shared/pageHeader.css';
import './header.css';
import { formatBits, formatBytes, formatFixed, formatMemory, plural } from '../../src/core/base/units.ts';
import type { EstimateView, RequantizeView } from '../../src/protocol/requantize.ts';
import { Button } from '../shared/controls.tsx';
import { LayersLink } from '../shared/layersLink.tsx';
import { sumText } from './errors.ts';
import { isActive } from './jobs/shownJob.ts';
import { cancelJob, startPlan } from './jobs/startPlan.ts';
import { countOverrides } from './overrides.ts';
import { durationText } from './estimate.ts';
import type { RequantizeState } from './state.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function Header({ state, view }: Props) {
  const { source } = view;
  const { type } = state.draft.value.options;
  const overrides = countOverrides(state.draft.value.overrides);
  const rules = state.draft.value.options.rules.length;
  const facts = [
    source.typeName === '' ? `to ${type}` : `${source.typeName} → ${type}`,
    plural(state.plan.value?.view.tensorCount ?? state.rows.value.total, 'tensor'),
    ...(overrides > 0 ? [plural(overrides, 'override')] : []),
    ...(rules > 0 ? [plural(rules, 'rule')] : []),
  ];
  return (
    <header class="header">
      <div class="about">
        <h1 class="cut" title={source.path}>
          {source.fileName}
        </h1>
        <p class="facts cut">{facts.join(' · ')}</p>
        <LayersLink showLayers={state.link.ask.showLayers} />
      </div>
      <Outcome state={state} />
      <Action state={state} view={view} />
    </header>
  );
}

function Outcome({ state }: { readonly state: RequantizeState }) {
  const plan = state.plan.value?.view;
  const errors = state.errors.value;
  if (plan === undefined) return null;
  const { before, after } = plan;
  const isOld = state.isPlanning.value;
  const whole = errors === null || errors.whole === null ? '' : sumText(errors.whole);
  return (
    <div class={`outcome${isOld ? ' old' : ''}`} role="group" aria-label="What comes out" aria-busy={isOld}>
      <Figure
        before={formatBytes(before.fileBytes)}
        after={formatBytes(after.fileBytes)}
        caption={changeText(before.fileBytes, after.fileBytes)}
      />
      <Figure
        before={formatBits(before.bitsPerWeight)}
        after={formatBits(after.bitsPerWeight)}
        caption="bits per weight"
      />
      <Figure
        before=""
        after={whole === '' ? '–' : whole}
        caption={predictionText(state)}
        title="Signal to quantization noise of all weights together, predicted by quantizing a sample of the rows"
      />
    </div>
  );
}

interface FigureProps {
  readonly before: string;
  readonly after: string;
  readonly caption: string;
  readonly title?: string;
}

function Figure({ before, after, caption, title }: FigureProps) {
  return (
    <p class="figure" title={title}>
      <span class="number">
        {before !== '' && (
          <span class="before">
            {before} <span aria-label="becomes">→</span>{' '}
          </span>
        )}
        {after}
      </span>
      <span class="caption">{caption}</span>
    </p>
  );
}

/** "68 % smaller" */
function changeText(before: number, after: number): string {
  const share = Math.abs(1 - after / before) * 100;
  if (!Number.isFinite(share)) return 'file';
  return `file, ${share < 0.5 ? 'same size' : `${formatFixed(share, 0)} % ${after < before ? 'smaller' : 'larger'}`}`;
}

/** "est. SQNR", with how far the prediction is while it goes on. */
function predictionText({ errors }: RequantizeState): string {
  const now = errors.value;
  if (now === null || now.state === 'done') return 'Est. SQNR';
  if (now.state === 'failed') return 'not predicted';
  return now.done >= now.total ? 'Est. SQNR' : `Est. SQNR, ${now.done} of ${now.total}`;
}

function Action({ state, view }: Props) {
  const job = state.job.value;
  const plan = state.plan.value?.view;
  const { obstacle } = view;
  if (obstacle?.kind === 'untrusted')
    return (
      <div class="action-place">
        <Button
          appearance="primary"
          onClick={() => void state.link.ask.manageTrust(null).catch(() => undefined)}
        >
          Manage Workspace Trust…
        </Button>
      </div>
    );
  if (obstacle !== null) return <div class="action-place" />;
  if (job !== null && isActive(job))
    return (
      <div class="action-place">
        <Button appearance="secondary" icon="primitive-square" onClick={() => cancelJob(state, job.id)}>
          Cancel
        </Button>
        <span
          class="caption"
          title="You can close this page: the job goes on, and is listed in the status bar."
        >
          leaves no file behind
        </span>
      </div>
    );
  const isReady = plan !== undefined && !state.isPlanning.value && state.planFailure.value === null;
  const blockedBy = plan?.blockedBy ?? null;
  return (
    <div class="action-place">
      <Button
        appearance="primary"
        icon="play"
        disabled={!isReady || blockedBy !== null}
        onClick={() => startPlan(state)}
      >
        Quantize
      </Button>
      <Estimate state={state} estimate={state.errors.value?.estimate ?? plan?.estimate ?? null} />
    </div>
  );
}

function Estimate({
  state,
  estimate,
}: {
  readonly state: RequantizeState;
  readonly estimate: EstimateView | null;
}) {
  if (state.isPlanning.value && state.plan.value === null) return <span class="caption">planning…</span>;
  if (estimate === null) return null;
  const { seconds, memoryBytes, timeText, memoryText } = estimate;
  return (
    <span class="caption" title={`${timeText} ${memoryText}`}>
      {seconds !== null && `≈ ${durationText(seconds)} · `}≈ {formatMemory(memoryBytes)}
    </span>
  );
}
