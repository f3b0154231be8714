// The analysis of whole models in a thread of its own: this thread passes messages and nothing else.
import type { ModelAnalyzer } from '../app/ports.ts';
import type { AnalysisStatus, ChannelUse, StatsColumns } from '../protocol/analysis.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import type { TensorStatsView } from '../protocol/tensorStats.ts';
import { createServiceThread } from './serviceThread.ts';

export interface ModelAnalysisService {
  analysis(argument: { readonly path: string }, signal: AbortSignal): Promise<AnalysisStatus>;
  /** An abort of the ask would lose its answer: `cancel` stops the analysis. */
  analyze(
    argument: { readonly path: string; readonly threads: number },
    signal: AbortSignal,
  ): Promise<AnalysisStatus>;
  cancel(argument: { readonly path: string }, signal: AbortSignal): Promise<null>;
  statsColumns(
    argument: { readonly path: string; readonly since: number },
    signal: AbortSignal,
  ): Promise<StatsColumns>;
  channelUse(argument: { readonly path: string }, signal: AbortSignal): Promise<ChannelUse>;
  keptStats(
    argument: { readonly path: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<TensorStatsView | null>;
  keepStats(
    argument: { readonly path: string; readonly view: TensorStatsView },
    signal: AbortSignal,
  ): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export interface ModelAnalysisPushes {
  status: { readonly path: string; readonly status: AnalysisStatus };
  /** A sentence for the log. */
  warning: string;
  /** Does the thread hold results that are nowhere else? */
  unstored: boolean;
  [name: string]: unknown;
}

/** What the thread is started with. */
export interface ModelAnalysisThreadData {
  /** Path of kernel.wasm. */
  readonly kernelFile: string;
  /** Path of the bundled sliceThread.js. */
  readonly sliceThread: string;
  /** Where results are kept; null: only in memory. */
  readonly storeFolder: string | null;
}

export interface ThreadModelAnalyzer extends ModelAnalyzer {
  dispose(): void;
}

/**
 * @param entry path of the bundled modelAnalysisThread.js.
 * @param threads asked at every start of an analysis: how many it may use; 0: all cores but one
 */
export function createThreadModelAnalyzer(
  entry: string,
  data: ModelAnalysisThreadData,
  warn: (sentence: string) => void,
  threads: () => number = () => 0,
): ThreadModelAnalyzer {
  const tellers = new Set<(path: string, status: AnalysisStatus) => void>();
  const running = new Map<string, AnalysisStatus>(); // as last told
  let holdsUnstored = false;
  const tell = (path: string, status: AnalysisStatus): void => {
    if (isRunning(status)) running.set(path, status);
    else running.delete(path);
    for (const teller of tellers) teller(path, status);
  };
  const { ask, dispose } = createServiceThread<ModelAnalysisService, ModelAnalysisPushes>(entry, data, {
    name: 'The analysis',
    listen: (onPush) => {
      onPush('status', ({ path, status }) => tell(path, status));
      onPush('warning', warn);
      onPush('unstored', (isSo) => (holdsUnstored = isSo));
    },
    mayEnd: () => !holdsUnstored,
    onDeath: ({ message }) => {
      holdsUnstored = false;
      for (const [path, status] of [...running]) tell(path, { ...status, state: 'failed', why: message });
    },
  });
  const cancel = async (path: string): Promise<void> => {
    await ask((thread) => thread.cancel({ path }));
  };
  return {
    analysis: (path, signal) => ask((thread) => thread.analysis({ path }, signal)),
    async analyze(path, signal) {
      const onAbort = (): void => {
        cancel(path).catch(() => undefined); // the analysis has ended with its thread
      };
      if (signal.aborted) return ask((thread) => thread.analysis({ path }));
      signal.addEventListener('abort', onAbort);
      try {
        return await ask((thread) => thread.analyze({ path, threads: threads() }));
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    cancel,
    onStatus(teller) {
      tellers.add(teller);
      return () => void tellers.delete(teller);
    },
    statsColumns: (path, since, signal) => ask((thread) => thread.statsColumns({ path, since }, signal)),
    channelUse: (path, signal) => ask((thread) => thread.channelUse({ path }, signal)),
    keptStats: (path, name, signal) => ask((thread) => thread.keptStats({ path, name }, signal)),
    async keepStats(path, view) {
      await ask((thread) => thread.keepStats({ path, view }));
    },
    dispose,
  };
}

const isRunning = ({ state }: AnalysisStatus): boolean => state === 'estimating' || state === 'running';
