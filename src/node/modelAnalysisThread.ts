// Entry of the worker thread that conducts analyses of whole models: it shares out the work and keeps the results.
import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createModelAnalyzer } from '../app/analysis/modelAnalysis.ts';
import { createServer } from '../protocol/rpc.ts';
import { diskAccess } from './fileSource.ts';
import type {
  ModelAnalysisPushes,
  ModelAnalysisService,
  ModelAnalysisThreadData,
} from './modelAnalysisClient.ts';
import { startSlicePool } from './slicePool.ts';
import { createStatsStore, NO_STORE } from './statsStore.ts';

const port = parentPort;
if (port !== null) {
  const { kernelFile, sliceThread, storeFolder } = workerData as ModelAnalysisThreadData;
  const newAbort = (): AbortController => new AbortController();
  let wantedThreads = 0; // at the last ask
  const analyzer = createModelAnalyzer({
    files: diskAccess,
    store: storeFolder === null ? NO_STORE : createStatsStore(storeFolder, warn),
    startPool: () => startSlicePool(sliceThread, { kernelFile }, threadsFor(wantedThreads)),
    newAbort,
  });
  const service: ModelAnalysisService = {
    analysis: ({ path }, signal) => analyzer.analysis(path, signal),
    analyze({ path, threads }, signal) {
      wantedThreads = threads;
      return analyzer.analyze(path, signal);
    },
    async cancel({ path }) {
      await analyzer.cancel(path);
      return null;
    },
    statsColumns: ({ path, since }, signal) => analyzer.statsColumns(path, since, signal),
    channelUse: ({ path }, signal) => analyzer.channelUse(path, signal),
    keptStats: ({ path, name }, signal) => analyzer.keptStats(path, name, signal),
    async keepStats({ path, view }) {
      await analyzer.keepStats(path, view);
      return null;
    },
  };
  const server = createServer<ModelAnalysisService, ModelAnalysisPushes>(
    service,
    (message) => port.postMessage(message),
    newAbort,
  );
  function warn(sentence: string): void {
    server.push('warning', sentence);
  }
  let heldUnkept = false;
  analyzer.onStatus((path, status) => {
    server.push('status', { path, status });
    const holdsUnkept = analyzer.holdsUnkept();
    if (holdsUnkept !== heldUnkept) server.push('unstored', holdsUnkept);
    heldUnkept = holdsUnkept;
  });
  port.on('message', (message: unknown) => server.receive(message));
}

/** Each has a kernel of 64 MiB: more than there are cores would only cost memory. */
function threadsFor(wanted: number): number {
  const cores = availableParallelism();
  return wanted > 0 ? Math.min(wanted, cores) : Math.max(1, cores - 1);
}
