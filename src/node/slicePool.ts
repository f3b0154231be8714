// The workers of an analysis as threads, each with a kernel of its own.
import type { AnalysisPool, AnalysisWorker, Answer, Job } from '../app/analysis/modelAnalysisJobs.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { createServiceThread } from './serviceThread.ts';

export interface SliceService {
  run(argument: Job, signal: AbortSignal): Promise<Answer<Job>>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export interface SlicePushes {
  /** Bytes done of the job that runs. */
  bytes: number;
  [name: string]: unknown;
}

/** What the thread is started with. */
export interface SliceThreadData {
  /** Path of kernel.wasm. */
  readonly kernelFile: string;
}

/** @param entry path of the bundled sliceThread.js. */
export function startSlicePool(entry: string, data: SliceThreadData, threads: number): AnalysisPool {
  const slices = Array.from({ length: threads }, () => startSlice(entry, data));
  return {
    workers: slices.map(({ worker }) => worker),
    end: () => slices.forEach((slice) => slice.end()),
  };
}

function startSlice(entry: string, data: SliceThreadData) {
  let onBytesOfJob: (bytesDone: number) => void = () => undefined;
  const { ask, dispose } = createServiceThread<SliceService, SlicePushes>(entry, data, {
    name: 'A thread of the analysis',
    listen: (onPush) => onPush('bytes', (bytes) => onBytesOfJob(bytes)),
  });
  const worker: AnalysisWorker = {
    async run<J extends Job>(job: J, onBytes: (bytesDone: number) => void, signal: AbortSignal) {
      onBytesOfJob = onBytes;
      try {
        return (await ask((thread) => thread.run(job, signal))) as Answer<J>;
      } finally {
        onBytesOfJob = () => undefined;
      }
    },
  };
  return { worker, end: dispose };
}
