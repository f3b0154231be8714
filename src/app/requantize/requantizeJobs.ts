// The quantizations that were asked for in this window: one at a time, for it has the whole machine; the others wait. A job outlives
// the page that asked for it.
import { messageOf } from '../../core/base/failure.ts';
import { plural } from '../../core/base/units.ts';
import {
  type JobProgress,
  type JobState,
  type JobView,
  MAX_ENDED_JOBS,
  type RecipeView,
} from '../../protocol/requantize.ts';
import type { QuantizeNews } from '../../protocol/quantize.ts';
import { shownName } from '../present/tensorColumns.ts';
import { type Later, listeners, throttle } from '../telling.ts';
import type { Requantizer, RunEnd } from './requantizer.ts';

export interface JobOrder {
  /** Absolute paths. */
  readonly source: { readonly path: string; readonly fileName: string };
  readonly output: { readonly path: string; readonly fileName: string };
  readonly recipe: RecipeView;
  readonly plannedBytes: number;
  /** Of the source when it was planned. */
  readonly stamp: string;
  /** The user agreed that a file is replaced. */
  readonly force: boolean;
}

export interface RequantizeJobsPorts {
  readonly requantizer: Pick<Requantizer, 'run' | 'cancelRun' | 'onRun'>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  readonly later: Later;
}

export interface RequantizeJobs {
  /** Queues it; answers its id. */
  start(order: JobOrder): string;
  cancel(id: string): void;
  /** Takes one that has ended off the list. */
  dismiss(id: string): void;
  /** The oldest first. */
  all(): readonly JobView[];
  /** null: there is no such job any more. */
  recipe(id: string): RecipeView | null;
  onChange(tell: (jobs: readonly JobView[]) => void): () => void;
  /** Every job once, when it has ended. */
  onEnd(tell: (job: JobView) => void): () => void;
  /** Cancels all. */
  dispose(): void;
}

/** Pages are told this often at most. */
const TELL_MILLISECONDS = 100;
/** Before this the speed says nothing. */
const MEASURED_AFTER_MILLISECONDS = 500;

interface Job {
  readonly id: string;
  readonly order: JobOrder;
  /** null while it waits; the ended ones keep how they ended. */
  state: JobState | null;
  /** When it began to write. */
  startedAt: number;
}

export function createRequantizeJobs({
  requantizer,
  now,
  newId,
  later,
}: RequantizeJobsPorts): RequantizeJobs {
  const jobs: Job[] = [];
  const changed = listeners<[readonly JobView[]]>();
  const ended = listeners<[JobView]>();
  let running: Job | null = null;

  const hasEnded = ({ state }: Job): boolean =>
    state !== null && (state.state === 'done' || state.state === 'failed' || state.state === 'cancelled');
  const viewOf = (job: Job): JobView => {
    const { id, order, state } = job;
    const { source, output, recipe, plannedBytes } = order;
    const ahead = jobs.slice(0, jobs.indexOf(job)).filter((one) => !hasEnded(one)).length;
    const label = labelOf(recipe);
    return { id, source, output, label, plannedBytes, ...(state ?? { state: 'queued', ahead }) };
  };
  const all = (): readonly JobView[] => jobs.map(viewOf);
  const telling = throttle(TELL_MILLISECONDS, () => changed.tell(all()), later);

  const finish = (job: Job, state: JobState): void => {
    job.state = state;
    for (const old of jobs.filter(hasEnded).slice(0, -MAX_ENDED_JOBS)) jobs.splice(jobs.indexOf(old), 1);
    telling.ask();
    ended.tell(viewOf(job));
  };
  const next = (): void => {
    if (running !== null) return;
    const job = jobs.find(({ state }) => state === null);
    if (job !== undefined) void work(job); // it never rejects
  };
  const work = async (job: Job): Promise<void> => {
    running = job;
    job.state = { state: 'running', ...NO_PROGRESS };
    telling.ask();
    const { id, order } = job;
    const { recipe, stamp, force } = order;
    const end = await requantizer
      .run({ id, path: order.source.path, output: order.output.path, recipe, stamp, force })
      .catch((error: unknown): RunEnd => ({ kind: 'failed', why: messageOf(error), log: [] }));
    running = null;
    finish(job, endState(end));
    next();
  };
  const stopListening = requantizer.onRun(({ id, news }) => {
    const job = running;
    if (job?.id !== id || job.state?.state !== 'running') return;
    if (job.state.phase === 'checking') job.startedAt = now();
    job.state = { state: 'running', ...progressOf(job.state, news, job.order, now() - job.startedAt) };
    telling.ask();
  });
  return {
    start(order) {
      const job: Job = { id: newId(), order, state: null, startedAt: 0 };
      jobs.push(job);
      telling.ask();
      next();
      return job.id;
    },
    cancel(id) {
      const job = jobs.find((one) => one.id === id);
      if (job === undefined || hasEnded(job)) return;
      if (job !== running) return finish(job, { state: 'cancelled' });
      job.state = { state: 'cancelling' };
      telling.ask();
      requantizer.cancelRun(id).catch(() => undefined); // its thread is gone, and with it the run: that ends by itself
    },
    dismiss(id) {
      const at = jobs.findIndex((one) => one.id === id && hasEnded(one));
      if (at < 0) return;
      jobs.splice(at, 1);
      telling.ask();
    },
    all,
    recipe: (id) => jobs.find((job) => job.id === id)?.order.recipe ?? null,
    onChange: changed.add,
    onEnd: ended.add,
    dispose() {
      stopListening();
      telling.stop();
      for (const job of jobs.splice(0))
        if (job === running) requantizer.cancelRun(job.id).catch(() => undefined); // its thread ends, too
    },
  };
}

const NO_PROGRESS: JobProgress = {
  phase: 'checking',
  ...{ tensor: 0, tensorCount: 0, tensorName: '', writtenBytes: 0 },
  ...{ bytesPerSecond: 0, secondsLeft: null },
};

function progressOf(
  before: JobProgress,
  news: QuantizeNews,
  { plannedBytes }: JobOrder,
  milliseconds: number,
): JobProgress {
  const seconds = milliseconds / 1000;
  const writtenBytes = news.kind === 'written' ? news.bytes : before.writtenBytes;
  const isMeasured = milliseconds >= MEASURED_AFTER_MILLISECONDS && writtenBytes > 0;
  const bytesPerSecond = isMeasured ? writtenBytes / seconds : 0;
  return {
    phase: 'writing',
    ...(news.kind === 'tensor'
      ? { tensor: news.index, tensorCount: news.count, tensorName: shownName(news.name) }
      : { tensor: before.tensor, tensorCount: before.tensorCount, tensorName: before.tensorName }),
    ...{ writtenBytes, bytesPerSecond },
    secondsLeft: isMeasured ? Math.max(0, plannedBytes - writtenBytes) / bytesPerSecond : null,
  };
}

function endState(end: RunEnd): JobState {
  if (end.kind === 'cancelled') return { state: 'cancelled' };
  if (end.kind === 'failed') return { state: 'failed', why: end.why, log: end.log };
  const { fileBytes, bitsPerWeight, seconds } = end;
  return { state: 'done', fileBytes, bitsPerWeight, seconds };
}

/** "Q4_K_M, 2 overrides". */
function labelOf({ type, overrides, rules }: RecipeView): string {
  const count = overrides.reduce((sum, { names }) => sum + names.length, 0) + rules.length;
  return count === 0 ? type : `${type}, ${plural(count, 'override')}`;
}
