// The measurements that are asked for: one at a time, for it has the whole machine; the others wait. A job outlives the page that
// asked for it. What it told stays until the next one of the same model.
import { cancelled, Failure, internal, messageOf, wrongUsage } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { Curve, ModelMark, RunState, RunView } from '../../protocol/quality.ts';
import type { ModelReader } from '../ports.ts';
import { type Later, listeners, throttle } from '../telling.ts';
import { type DeviceSettings, type Engine, EngineFailure } from './engine.ts';
import type { KeptMeasurement } from './keptMeasurement.ts';
import { measurementOf } from './measurementOf.ts';
import type { MeasurableModel } from './measurableModel.ts';
import { type CheckedFile, measureChecked, type NamedText } from './measureChecked.ts';
import type { QualityHistory } from './qualityHistory.ts';
import { followRun, type RunningMeasurement } from './qualityRun.ts';

export interface JobOrder {
  readonly model: ModelMark;
  readonly base: ModelMark | null;
  readonly text: NamedText;
  readonly contextTokens: number;
  /** Why it is not what the setting says; ''. */
  readonly contextNote: string;
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
}

export interface JobPorts {
  readonly reader: Pick<ModelReader, 'measurable'>;
  readonly engine: Engine;
  readonly history: QualityHistory;
  readonly sha256: (text: string) => string;
  readonly now: () => number;
  readonly newId: () => string;
  readonly newAbort: () => { readonly signal: AbortSignal; abort(): void };
  readonly later: Later;
}

/** How a job ended. */
export type JobEnd =
  | { readonly kind: 'measured'; readonly measurement: KeptMeasurement }
  | { readonly kind: 'failed'; readonly model: ModelMark; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly model: ModelMark };

export interface QualityJobs {
  /** Queues it; answers its id. @throws Failure when one of this model runs or waits already */
  start(order: JobOrder): string;
  /** Stops the one of this model, if there is one. */
  cancel(path: string): void;
  dismiss(path: string): void;
  run(path: string): RunView | null;
  /** Of the job with this id, while it runs. */
  curve(id: string): Curve | null;
  onRun(tell: (path: string, run: RunView | null) => void): () => void;
  onCurve(tell: (path: string, curve: Curve) => void): () => void;
  onEnd(tell: (path: string, end: JobEnd) => void): () => void;
  /** Cancels all. */
  dispose(): void;
}

/** Pages are told this often at most. */
const TELL_MILLISECONDS = 100;

interface Job {
  readonly id: string;
  readonly order: JobOrder;
  readonly abort: { readonly signal: AbortSignal; abort(): void };
  readonly running: RunningMeasurement;
  /** Replaces what the engine tells. */
  state: RunState | null;
}

export function createQualityJobs(ports: JobPorts): QualityJobs {
  const { reader, engine, history, sha256, now, newId, newAbort, later } = ports;
  const queue: Job[] = []; // the first one runs
  const failed = new Map<string, Job>();
  const [runTold, curveTold, ended] = [
    listeners<[string, RunView | null]>(),
    listeners<[string, Curve]>(),
    listeners<[string, JobEnd]>(),
  ];
  const jobOf = (path: string): Job | undefined =>
    queue.find(({ order }) => order.model.path === path) ?? failed.get(path);

  const viewOf = ({ id, order, running, state }: Job): RunView => {
    const at = queue.findIndex((job) => job.id === id);
    const waiting: RunState = { state: 'waiting', ahead: at, behind: queue[0]?.order.model.label ?? '' };
    return {
      ...{ id, text: order.text.name, chunkLimit: order.chunkLimit, contextTokens: order.contextTokens },
      against: order.base?.label ?? null,
      ...(state ?? (at > 0 ? waiting : running.state)),
    };
  };
  const tell = (path: string): void => {
    const job = jobOf(path);
    const curve = job?.running.newCurve() ?? null;
    runTold.tell(path, job === undefined ? null : viewOf(job));
    if (curve !== null) curveTold.tell(path, curve);
  };
  const leave = (job: Job): void => {
    const at = queue.indexOf(job);
    if (at < 0) return;
    queue.splice(at, 1);
    if (at === 0 && queue[0] !== undefined) void work(queue[0]); // it never rejects
    for (const { order } of queue.slice(1)) tell(order.model.path); // their turn is nearer
  };
  const finish = (job: Job, end: JobEnd): void => {
    const { path } = job.order.model;
    leave(job);
    tell(path);
    ended.tell(path, end);
  };
  const work = async (job: Job): Promise<void> => {
    const { order } = job;
    const { path } = order.model;
    const throttled = throttle(TELL_MILLISECONDS, () => tell(path), later);
    try {
      tell(path);
      const measurement = await measure(job, throttled.ask);
      throttled.stop();
      tell(path); // the end of its curve
      finish(job, { kind: 'measured', measurement });
    } catch (error) {
      throttled.stop();
      if (job.abort.signal.aborted) return finish(job, { kind: 'cancelled', model: order.model });
      const failure = error instanceof Failure ? error : internal(messageOf(error));
      const log = failure instanceof EngineFailure ? failure.log.map(visibleText) : [];
      job.state = { state: 'failed', why: failure.message, log };
      failed.set(path, job);
      finish(job, { kind: 'failed', model: order.model, failure });
    }
  };
  const measure = async (
    { id, order, abort, running }: Job,
    changed: () => void,
  ): Promise<KeptMeasurement> => {
    const { signal } = abort;
    const check = async (path: string): Promise<Checked> => whole(await reader.measurable(path, signal));
    const model = await check(order.model.path);
    const base = order.base === null ? null : await check(order.base.path);
    const { text, contextTokens, chunkLimit, device } = order;
    const { result, text: textMark } = await measureChecked(
      { engine, sha256 },
      { model, base, text, contextTokens, chunkLimit, device },
      (news) => {
        running.hear(news);
        changed();
      },
      signal,
    );
    if (signal.aborted) throw cancelled();
    if (!Number.isFinite(result.score.perplexity)) throw notANumber(order.model);
    const measurement = measurementOf(result, {
      ...{ id, date: now(), model: model.mark, base: base?.mark ?? null, text: textMark },
      notes: [order.contextNote].filter((note) => note !== ''),
    });
    const { curve } = running;
    await history.add(measurement, { curve, damage: result.damage });
    return measurement;
  };
  return {
    start(order) {
      const { path, label } = order.model;
      if (queue.some((job) => job.order.model.path === path))
        throw wrongUsage(`${label} is being measured; cancel that first.`);
      failed.delete(path);
      const id = newId();
      const { base, contextTokens } = order;
      const running = followRun({ id, hasBase: base !== null, contextTokens }, now);
      const job: Job = { id, order, abort: newAbort(), running, state: null };
      queue.push(job);
      if (queue.length === 1)
        void work(job); // it never rejects
      else tell(path);
      return id;
    },
    cancel(path) {
      const job = queue.find(({ order }) => order.model.path === path);
      if (job === undefined) return;
      job.abort.abort();
      if (queue[0] !== job) return finish(job, { kind: 'cancelled', model: job.order.model });
      job.state = { state: 'cancelling' };
      tell(path);
    },
    dismiss(path) {
      if (failed.delete(path)) tell(path);
    },
    run(path) {
      const job = jobOf(path);
      return job === undefined ? null : viewOf(job);
    },
    curve: (id) => queue.find((job) => job.id === id)?.running.curve ?? null,
    onRun: runTold.add,
    onCurve: curveTold.add,
    onEnd: ended.add,
    dispose() {
      for (const job of queue.splice(1)) job.abort.abort();
      queue[0]?.abort.abort();
    },
  };
}

interface Checked extends CheckedFile {
  readonly mark: ModelMark;
}

function whole({ mark, checked, unfit }: MeasurableModel): Checked {
  if (checked === null) throw new Failure('not-readable', unfit ?? '');
  const { path, fileBytes, bitsPerWeight } = mark;
  return { mark, checked, measured: { path, fileBytes, bitsPerWeight } };
}

const notANumber = ({ label }: ModelMark): Failure =>
  new Failure(
    'not-readable',
    `What ${label} predicts is not a number: weights of it are infinite or not numbers. Analyze its tensors to find them.`,
  );
