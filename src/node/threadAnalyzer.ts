// The analyzer as a worker thread.
import type { TensorAnalyzer } from '../app/ports.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import type { GroupsView } from '../protocol/tensorGroups.ts';
import type { BlockContents, TensorStatsView } from '../protocol/tensorStats.ts';
import { createServiceThread } from './serviceThread.ts';

export interface AnalysisThreadService {
  tensorStats(
    argument: { readonly path: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<TensorStatsView>;
  tensorEstimate(
    argument: { readonly path: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<TensorStatsView | null>;
  tensorGroups(
    argument: { readonly path: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<GroupsView | null>;
  block(
    argument: { readonly path: string; readonly name: string; readonly index: number },
    signal: AbortSignal,
  ): Promise<BlockContents>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

/** What the thread is started with. */
export interface AnalysisThreadData {
  /** Path of kernel.wasm. */
  readonly kernelFile: string;
}

export interface ThreadAnalyzer extends TensorAnalyzer {
  dispose(): void;
}

/** @param entry path of the bundled analysisThread.js. */
export function createThreadAnalyzer(entry: string, data: AnalysisThreadData): ThreadAnalyzer {
  const { ask, dispose } = createServiceThread<AnalysisThreadService>(entry, data, {
    name: 'The analysis of the tensor',
  });
  return {
    tensorStats: (path, name, signal) => ask((thread) => thread.tensorStats({ path, name }, signal)),
    tensorEstimate: (path, name, signal) => ask((thread) => thread.tensorEstimate({ path, name }, signal)),
    tensorGroups: (path, name, signal) => ask((thread) => thread.tensorGroups({ path, name }, signal)),
    block: (path, name, index, signal) => ask((thread) => thread.block({ path, name, index }, signal)),
    dispose,
  };
}
