// Jobs wait here for a worker that is free.
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { AnalysisWorker, Job, JobResult } from './modelAnalysisJobs.ts';

export interface JobQueue {
  /** Does a job as soon as a worker is free, the jobs that were asked first before others. */
  run(job: Job, onBytes: (bytesDone: number) => void): Promise<JobResult>;
  /** Settles when so few jobs wait that a worker might soon have none: time to ask for more. */
  needsJobs(): Promise<void>;
}

interface Waiting {
  start(worker: AnalysisWorker): Promise<void>;
}

/** @param signal stops the jobs that run, and those that wait when their turn comes */
export function createJobQueue(workers: readonly AnalysisWorker[], signal: AbortSignal): JobQueue {
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
    run(job, onBytes) {
      return new Promise((resolve, reject) => {
        waiting.push({
          start: (worker) => worker.run(job, onBytes, signal).then(resolve, reject),
        });
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
