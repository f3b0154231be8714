// The analysis of whole models in the process of the test, over the disk: everything but the threads.
import { setImmediate as pause } from 'node:timers/promises';
import { createModelAnalyzer, type LocalModelAnalyzer } from '../../src/app/analysis/modelAnalysis.ts';
import { createWorker } from '../../src/app/analysis/modelAnalysisJobs.ts';
import type { FileAccess, StatsStore } from '../../src/app/ports.ts';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { NO_STORE } from '../../src/node/statsStore.ts';

export interface DirectOptions {
  readonly files?: FileAccess;
  readonly store?: StatsStore;
  readonly workers?: number;
}

/** Build the kernel before. */
export function createDirectModelAnalyzer(
  kernelFile: string,
  { files = diskAccess, store = NO_STORE, workers = 1 }: DirectOptions = {},
): LocalModelAnalyzer {
  return createModelAnalyzer({
    files,
    store,
    newAbort: () => new AbortController(),
    startPool: () => ({
      workers: Array.from({ length: workers }, () => {
        let kernel: Kernel | undefined;
        return createWorker({ files, kernel: () => (kernel ??= loadKernel(kernelFile)), pause });
      }),
      end: () => undefined,
    }),
  });
}
