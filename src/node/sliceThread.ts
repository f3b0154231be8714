// Entry of a worker thread of the analysis of a model: does one job after the other.
import { setImmediate as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createWorker } from '../app/analysis/modelAnalysisJobs.ts';
import type { Kernel } from '../core/analysis/kernel.ts';
import { createServer } from '../protocol/rpc.ts';
import { loadKernel } from './diskAnalyzer.ts';
import { diskAccess } from './fileSource.ts';
import type { SlicePushes, SliceService, SliceThreadData } from './slicePool.ts';

/** A window takes some milliseconds; to tell of each would cost more than it says. */
const TELL_MILLISECONDS = 30;

const port = parentPort;
if (port !== null) {
  const { kernelFile } = workerData as SliceThreadData;
  let kernel: Kernel | undefined;
  const worker = createWorker({
    files: diskAccess,
    kernel: () => (kernel ??= loadKernel(kernelFile)),
    pause,
  });
  let told = 0;
  const service: SliceService = {
    run: (job, signal) => worker.run(job, tell, signal),
  };
  const server = createServer<SliceService, SlicePushes>(
    service,
    (message) => port.postMessage(message),
    () => new AbortController(),
  );
  function tell(bytes: number): void {
    if (Date.now() - told < TELL_MILLISECONDS) return;
    told = Date.now();
    server.push('bytes', bytes);
  }
  port.on('message', (message: unknown) => server.receive(message));
}
