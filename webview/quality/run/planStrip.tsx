// What would be measured, and the button that does it; while one runs it cancels, and the line below says how far it is.
import './plan.css';
import { formatCount, formatDuration } from '../../../src/core/base/units.ts';
import {
  CHUNK_CHOICES,
  type PlanPart,
  type PlanView,
  type QualityView,
  type RunView,
} from '../../../src/protocol/quality.ts';
import { chunksText, runShare, runText } from '../../../src/protocol/qualityWords.ts';
import { Button } from '../../shared/controls.tsx';
import { Icon } from '../../shared/icon.tsx';
import type { QualityState } from '../state.ts';

interface Props {
  readonly state: QualityState;
  readonly view: QualityView;
}

export function PlanStrip({ state, view }: Props) {
  const { plan, unfit, isTrusted } = view;
  const run = state.run.value;
  const isBusy = run !== null && run.state !== 'failed';
  return (
    <section class="plan" aria-label="What is measured">
      <div class="plan-parts">
        <Part state={state} what="text" name="Text" value={plan.text.name} note={plan.text.detail} />
        <Chunks state={state} plan={plan} />
        <Part
          state={state}
          what="base"
          name="Against"
          value={plan.base?.shortLabel ?? 'no base'}
          note={plan.base?.path ?? 'A base model on the same text: what the quantization did to every token'}
        />
        <Part
          state={state}
          what="context"
          name="Context"
          value={formatCount(plan.contextTokens)}
          note={plan.contextNote === '' ? 'Tokens that are read at once' : plan.contextNote}
        />
        <Part
          state={state}
          what="device"
          name="Device"
          value={plan.device.label}
          note="What it is computed on"
        />
        <span class="plan-action">
          {!isBusy && unfit === null && isTrusted && plan.seconds !== null && (
            <span class="muted">≈ {formatDuration(plan.seconds)}</span>
          )}
          <Action state={state} view={view} isBusy={isBusy} />
        </span>
      </div>
      <div class="run-line">
        <div class="run-share" style={{ width: `${(run === null ? 0 : runShare(run)) * 100}%` }} />
      </div>
      {/* Not read aloud with every chunk: whoever wants to know goes there. */}
      <p class="run-text cut" role="status" aria-live="off" title={isBusy ? undefined : idleText(view)}>
        {isBusy ? <RunWords run={run} /> : idleText(view)}
      </p>
      <div class="unseen" aria-live="polite">
        {announcement(run)}
      </div>
    </section>
  );
}

function RunWords({ run }: { readonly run: RunView }) {
  const [first = '', ...rest] = runText(run).split(' · ');
  return (
    <>
      {first}
      {rest.map((words) => (
        <span key={words} class="run-word">
          {words}
        </span>
      ))}
    </>
  );
}

function Action({ state, view, isBusy }: Props & { readonly isBusy: boolean }) {
  const { ask } = state.link;
  if (isBusy)
    return (
      <Button
        appearance="secondary"
        icon="primitive-square"
        onClick={() => void ask.cancel(null).catch(() => undefined)} // it had ended by itself
      >
        Cancel
      </Button>
    );
  if (!view.isTrusted)
    return (
      <Button appearance="primary" onClick={() => void ask.manageTrust(null).catch(() => undefined)}>
        Manage Workspace Trust…
      </Button>
    );
  if (view.unfit !== null) return null;
  const measure = (): void => {
    state.chosen.value = ''; // what comes is what one wants to see
    ask.measure(null).catch((error: Error) => (state.failure.value = error.message));
  };
  return (
    <Button appearance="primary" icon="graph" onClick={measure}>
      Measure
    </Button>
  );
}

interface PartProps {
  readonly state: QualityState;
  readonly what: PlanPart;
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The editor's own list opens: it can be searched, and has room. */
function Part({ state, what, name, value, note }: PartProps) {
  return (
    <button
      type="button"
      class="action plan-part"
      title={`${name}: ${value}. ${note}`}
      onClick={() => void state.link.ask.pick({ what }).catch(() => undefined)} // the host tells what failed
    >
      <span class="muted">{name}</span> <span class="cut">{value}</span>
      <Icon name="chevron-down" />
    </button>
  );
}

function Chunks({ state, plan }: { readonly state: QualityState; readonly plan: PlanView }) {
  const known = CHUNK_CHOICES.findIndex(({ chunks }) => chunks === plan.chunkLimit);
  const choose = (at: number): void => {
    const choice = CHUNK_CHOICES[at];
    if (choice !== undefined) state.link.ask.setChunks({ chunkLimit: choice.chunks }).catch(() => undefined);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (Math.max(0, known) + step + CHUNK_CHOICES.length) % CHUNK_CHOICES.length;
    choose(next);
    (event.currentTarget as HTMLElement).querySelectorAll('button')[next]?.focus();
  };
  return (
    <div class="segments" role="radiogroup" aria-label="How much is read" onKeyDown={onKeyDown}>
      {CHUNK_CHOICES.map(({ label, chunks }, at) => (
        <button
          key={label}
          type="button"
          role="radio"
          aria-checked={at === known}
          tabIndex={at === Math.max(0, known) ? 0 : -1}
          title={`${label}: ${chunksText(chunks)}`}
          onClick={() => choose(at)}
        >
          {label} {chunks !== null && <span class="muted">{chunks}</span>}
        </button>
      ))}
      {known < 0 && <span class="other">{chunksText(plan.chunkLimit)}</span>}
    </div>
  );
}

function idleText({ unfit, isTrusted, plan }: QualityView): string {
  if (unfit !== null) return unfit;
  if (!isTrusted)
    return 'This workspace is not trusted, so no model is run in it. What was measured can be read.';
  return plan.contextNote !== '' ? plan.contextNote : `${plan.text.name}: ${plan.text.detail}`;
}

/** Rarely, so that it can be heard. */
function announcement(run: RunView | null): string {
  if (run === null) return '';
  if (run.state !== 'running') return runText(run);
  const quarter = Math.floor(runShare(run) * 4);
  return quarter === 0 ? 'Measuring' : `${quarter * 25} % measured`;
}
