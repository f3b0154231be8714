// Jobs wait here for a worker that is free.
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { Progress } from './modelAnalysisProgress.ts';
import type { AnalysisWorker, Answer, Job } from './modelAnalysisJobs.ts';

export interface JobQueue {
  /** Does a job as soon as a worker is free: first what ends a tensor, then what was asked first. */
  run<J extends Job>(job: J): Promise<Answer<J>>;
  /** Settles when so few jobs wait that a worker might soon have none: time to ask for more. */
  needsJobs(): Promise<void>;
}

interface Waiting {
  start(worker: AnalysisWorker): Promise<void>;
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
  let wanted: (() => void)[] = [];

  const pump = (): void => {
    for (;;) {
      const worker = free[0];
      const next = worker === undefined ? undefined : waiting.shift();
      if (worker === undefined || next === undefined) break;
      free.shift();
      void next.start(worker).then(() => {
        free.push(worker);
        pump();
      }); // start never rejects: whoever asked has the failure
    }
    if (waiting.length >= workers.length) return;
    const tell = wanted;
    wanted = [];
    for (const resolve of tell) resolve();
  };
  return {
    run<J extends Job>(job: J) {
      const onBytes = (bytesDone: number): void => {
        progress.runs(job, Math.min(bytesDone, job.bytes));
        tell();
      };
      return new Promise<Answer<J>>((resolve, reject) => {
        const next: Waiting = {
          start: (worker) =>
            worker
              .run(job, onBytes, signal)
              .finally(() => progress.ended(job, job.bytes))
              .then(resolve, reject),
        };
        if (job.kind === 'search') waiting.unshift(next);
        else waiting.push(next);
        pump();
      });
    },
    needsJobs: () =>
      waiting.length < workers.length
        ? Promise.resolve()
        : new Promise((resolve) => {
            wanted.push(resolve);
          }),
  };
}
