// What runs and what has ended: the job that makes what is shown with its progress, or its result; below it the others of the window.
import './jobs.css';
import { useSignal } from '@preact/signals';
import { plural } from '../../../src/core/base/units.ts';
import type { JobView, RequantizeView, ResultUse } from '../../../src/protocol/requantize.ts';
import { jobShare, jobWords } from '../../../src/protocol/requantizeWords.ts';
import { Button, IconButton } from '../../shared/controls.tsx';
import { EngineLog } from '../../shared/engineLog.tsx';
import { Icon } from '../../shared/icon.tsx';
import { copyText } from '../../shared/link.ts';
import type { RequantizeState } from '../state.ts';
import { announcement } from './jobText.ts';
import { isActive } from './shownJob.ts';
import { cancelJob } from './startPlan.ts';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

/** Beside the one that makes what is shown; the others on request. */
const MAX_LINES = 3;

export function Jobs({ state, view }: Props) {
  const isWhole = useSignal(false);
  const shown = state.job.value;
  const jobs = [...state.jobs.value].reverse();
  // What was made of this model stands in full; what other models become only in a line, and only while it goes on.
  const own = jobs.filter((job) => job.source.path === view.source.path && job !== shown);
  const others = jobs.filter((job) => job.source.path !== view.source.path && isActive(job));
  // Also when the plan has changed since: what comes after it is a click away until it is dismissed.
  const latest = shown === null ? own.find(({ state: how }) => how === 'done') : undefined;
  const lines = [
    ...own.filter((job) => job !== latest).map((job) => ({ job, name: job.label })),
    ...others.map((job) => ({ job, name: `${job.source.fileName} → ${job.label}` })),
  ];
  return (
    <section class="jobs" aria-label="Jobs">
      {shown !== null && <ShownJob state={state} job={shown} />}
      {latest !== undefined && <Result state={state} job={latest} />}
      {lines.slice(0, isWhole.value ? lines.length : MAX_LINES).map(({ job, name }) => (
        <JobLine key={job.id} state={state} job={job} name={name} />
      ))}
      {lines.length > MAX_LINES && (
        <button type="button" class="link-button more-jobs" onClick={() => (isWhole.value = !isWhole.value)}>
          {isWhole.value ? 'Fewer jobs' : plural(lines.length - MAX_LINES, 'more job')}
        </button>
      )}
      <div class="unseen" aria-live="polite">
        {announcement(shown)}
      </div>
    </section>
  );
}

interface JobProps {
  readonly state: RequantizeState;
  readonly job: JobView;
}

function ShownJob({ state, job }: JobProps) {
  if (job.state === 'done') return <Result state={state} job={job} />;
  if (job.state === 'failed') return <Failure state={state} job={job} />;
  const [first = '', ...rest] = jobWords(job);
  return (
    <div class="job shown-job">
      <div class="job-line">
        <div class="job-share" style={{ width: `${jobShare(job) * 100}%` }} />
      </div>
      {/* Not read aloud with every tensor: whoever wants to know goes there. */}
      <p class="job-text cut" role="status" aria-live="off">
        {first}
        {rest.map((words) => (
          <span key={words} class="job-word">
            {words}
          </span>
        ))}
      </p>
      {job.state === 'running' && <span class="job-tensor cut">{job.tensorName}</span>}
      {job.state === 'cancelled' && <Dismiss state={state} job={job} />}
    </div>
  );
}

function Result({ state, job }: JobProps) {
  const [first = '', ...rest] = jobWords(job);
  const use = (how: ResultUse) => (): void => {
    state.link.ask.useResult({ job: job.id, how }).catch(() => undefined); // the host tells what failed
  };
  return (
    <section class="job result" aria-label="Result">
      <Icon name="check" />
      <p class="job-text cut" role="status" title={job.output.path}>
        <span class="strong">{job.output.fileName}</span>
        <span class="job-word">{first}</span>
        {rest.map((words) => (
          <span key={words} class="job-word">
            {words}
          </span>
        ))}
      </p>
      <span class="job-actions">
        <Button appearance="secondary" onClick={use('open')}>
          Open
        </Button>
        <Button appearance="secondary" onClick={use('compare')}>
          Compare…
        </Button>
        <Button appearance="secondary" onClick={use('measure')}>
          Measure Perplexity
        </Button>
        <IconButton icon="file-binary" label="Reveal in Explorer" onClick={use('reveal')} />
        <Dismiss state={state} job={job} />
      </span>
    </section>
  );
}

function Failure({ state, job }: JobProps) {
  if (job.state !== 'failed') return null;
  const { why, log } = job;
  return (
    <div class="job failed-job">
      <div class="job-failure">
        <Icon name="error" />
        <p role="alert">{why}</p>
        {log.length > 0 && (
          <Button appearance="secondary" icon="copy" onClick={() => copyText(state.link, log.join('\n'))}>
            Copy Log
          </Button>
        )}
        <Button
          appearance="secondary"
          onClick={() => void state.link.ask.showLog(null).catch(() => undefined)}
        >
          Show Whole Log
        </Button>
        <Dismiss state={state} job={job} />
      </div>
      <EngineLog log={log} />
    </div>
  );
}

function JobLine({ state, job, name }: JobProps & { readonly name: string }) {
  return (
    <div class="job other-job">
      <Icon name={ICONS[job.state]} />
      <p class="job-text cut" title={`${name}: ${jobWords(job).join(' · ')}`}>
        {name} <span class="job-word">{jobWords(job).join(' · ')}</span>
      </p>
      <span class="job-actions">
        {job.state === 'done' && (
          <button
            type="button"
            class="link-button"
            aria-label={`Open ${job.output.fileName}`}
            onClick={() => void state.link.ask.useResult({ job: job.id, how: 'open' }).catch(() => undefined)}
          >
            Open
          </button>
        )}
        {isActive(job) ? (
          <IconButton
            icon="close"
            label={`Cancel ${name}`}
            disabled={job.state === 'cancelling'}
            onClick={() => cancelJob(state, job.id)}
          />
        ) : (
          <Dismiss state={state} job={job} />
        )}
      </span>
    </div>
  );
}

const ICONS = {
  queued: 'ellipsis',
  running: 'play',
  cancelling: 'ellipsis',
  done: 'check',
  failed: 'error',
  cancelled: 'info',
} as const satisfies Record<JobView['state'], string>;

function Dismiss({ state, job }: JobProps) {
  return (
    <IconButton
      icon="close"
      label={`Dismiss ${job.label}`}
      onClick={() => void state.link.ask.dismissJob({ job: job.id }).catch(() => undefined)}
    />
  );
}
