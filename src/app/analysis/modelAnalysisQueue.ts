// Jobs wait here for a worker that is free.
import { cancelled } from '../../core/base/failure.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { Progress } from './modelAnalysisProgress.ts';
import type { AnalysisWorker, Answer, Job } from './modelAnalysisJobs.ts';

export interface JobQueue {
  /**
   * Does a job as soon as a worker is free: first what ends a tensor, then what was asked first.
   * @throws whatever a worker throws, and after that the same for every job
   */
  run<J extends Job>(job: J): Promise<Answer<J>>;
  /** Settles when so few jobs wait that a worker might soon have none: time to ask for more. */
  needsJobs(): Promise<void>;
}

interface Waiting {
  start(worker: AnalysisWorker): Promise<void>;
  refuse(error: unknown): void;
}

/**
 * @param signal stops the jobs that run, and those that wait when their turn comes
 * @param tell is called when the progress was told something new
 */
export function createJobQueue(
  workers: readonly AnalysisWorker[],
  signal: AbortSignal,
  progress: Progress,
  tell: () => void,
): JobQueue {
  const free = [...workers];
  const waiting: Waiting[] = [];
  const wanted: (() => void)[] = [];
  let failure: { readonly error: unknown } | null = null;

  const pump = (): void => {
    for (let [worker, next] = [free[0], waiting[0]]; worker && next; [worker, next] = [free[0], waiting[0]]) {
      waiting.shift();
      free.shift();
      const freed = worker;
      void next.start(worker).then(() => {
        free.push(freed);
        pump();
      }); // start never rejects: whoever asked has the failure
    }
    if (waiting.length >= workers.length) return;
    for (const resolve of wanted.splice(0)) resolve();
  };
  const runBy = async <J extends Job>(worker: AnalysisWorker, job: J): Promise<Answer<J>> => {
    const onBytes = (bytesDone: number): void => {
      progress.runs(job, Math.min(bytesDone, job.bytes));
      tell();
    };
    try {
      if (signal.aborted) throw cancelled();
      const answer = await worker.run(job, onBytes, signal);
      progress.ended(job, job.bytes);
      return answer;
    } catch (error) {
      failure ??= { error };
      for (const next of waiting.splice(0)) next.refuse(error);
      throw error;
    }
  };
  return {
    run: <J extends Job>(job: J) =>
      new Promise<Answer<J>>((resolve, reject) => {
        if (failure !== null) return reject(failure.error as Error);
        const next: Waiting = {
          start: (worker) => runBy(worker, job).then(resolve, reject),
          refuse: reject,
        };
        if (job.kind === 'search') waiting.unshift(next);
        else waiting.push(next);
        pump();
      }),
    needsJobs: () =>
      waiting.length < workers.length
        ? Promise.resolve()
        : new Promise((resolve) => {
            wanted.push(resolve);
          }),
  };
}
