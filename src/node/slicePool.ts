// The workers of an analysis as threads, each with a kernel of its own.
import type { AnalysisPool, AnalysisWorker, Job, JobResult } from '../app/analysis/modelAnalysisJobs.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { createServiceThread } from './serviceThread.ts';

export interface SliceService {
  run(argument: Job, signal: AbortSignal): Promise<JobResult>;
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
    run(job, onBytes, signal) {
      onBytesOfJob = onBytes;
      return ask((thread) => thread.run(job, signal)).finally(() => (onBytesOfJob = () => undefined));
    },
  };
  return { worker, end: dispose };
}
