// Measures what quantizing would do to tensors, by ggml's own functions on some of their rows. It writes nothing, and is cancelled
// by ending the process.
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { internal } from '../core/base/failure.ts';
import type { ErrorsJob, ErrorsNews, ErrorsResult } from '../protocol/quantizeErrors.ts';
import { bindTypes } from './ggmlTypes.ts';
import { loadLibraries } from './libraries.ts';
import { bindLlama } from './llama.ts';
import { type ErrorSetting, measureErrors } from './measureErrors.ts';
import type { SampledFile } from './sampledRows.ts';
import { createStopwatch } from './stopwatch.ts';

export interface RunningErrors {
  readonly result: Promise<ErrorsResult>;
  cancel(): void;
}

/** koffi calls native functions on the threads of libuv, which are so many. */
const MAX_LANES = 4;

/** @param end ends this process at once @throws Failure when llama.cpp cannot be loaded */
export function startErrors(
  job: ErrorsJob,
  tell: (news: ErrorsNews) => void,
  end: () => void,
): RunningErrors {
  return { result: run(job, tell), cancel: end };
}

async function run(job: ErrorsJob, tell: (news: ErrorsNews) => void): Promise<ErrorsResult> {
  const libraries = loadLibraries(job.engineFolders);
  const llama = bindLlama(libraries);
  const files = new Map<number, SampledFile>();
  const setting: ErrorSetting = {
    llama,
    types: bindTypes(libraries.koffi, libraries.ggmlBase, llama.addressOf),
    importancePath: job.importancePath,
    stopwatch: createStopwatch(),
    fileOf(index) {
      const path = job.files[index];
      if (path === undefined) throw internal(`There is no file ${index}.`);
      const file = files.get(index) ?? { path, descriptor: openSync(path, 'r') };
      files.set(index, file);
      return file;
    },
  };
  const machineThreads = availableParallelism();
  const lanes = Math.min(job.threads ?? machineThreads, MAX_LANES);
  const start = performance.now();
  // All lanes take from one list, so that none waits for another.
  const waiting = job.samples.entries();
  const lane = async (): Promise<void> => {
    for (const [sample, asked] of waiting) {
      const sums = await measureErrors(setting, asked);
      sums.forEach((one, target) => tell({ kind: 'sums', sample, target, sums: one }));
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    for (const { descriptor } of files.values()) closeSync(descriptor);
  }
  const seconds = (performance.now() - start) / 1000;
  return { machineThreads, seconds, engineVersion: `llama.cpp ${llama.version}` };
}
