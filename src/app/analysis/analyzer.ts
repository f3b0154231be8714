// Answers what needs the data of tensors. Runs where waiting is allowed: in a worker thread, or in a test.
import { cancelled, Failure, gone } from '../../core/base/failure.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { TensorStatsView } from '../../protocol/tensorStats.ts';
import type { FileAccess, TensorAnalyzer } from '../ports.ts';
import { shownName } from '../present/tensorColumns.ts';
import { tensorStatsView, unavailableStats } from '../present/tensorStatsView.ts';
import { openStamped } from '../stampedModel.ts';
import { attemptAnalysis, attemptEstimate, attemptGroups, tensorSource } from './attempt.ts';
import { blockContents } from './blockContents.ts';
import type { TensorAnalysis } from './tensorAnalysis.ts';
import { tensorData, whyUnavailable } from './tensorData.ts';

export interface AnalyzerHost {
  readonly files: FileAccess;
  /** Made when it is first needed: it takes 64 MiB. */
  readonly kernel: () => Kernel;
  /** Lets messages in, among them a cancel. */
  readonly pause: () => Promise<void>;
}

export function createAnalyzer({ files, kernel, pause }: AnalyzerHost): TensorAnalyzer {
  let last: { readonly path: string; readonly model: Model; readonly isStale: () => boolean } | null = null;
  let turn: Promise<unknown> = Promise.resolve(); // the kernel serves one analysis at a time

  const modelAt = (path: string, signal: AbortSignal): Model => {
    if (last?.path === path && !last.isStale()) return last.model;
    const { opened, isStale } = openStamped(files, path, signal);
    if (opened.model === null) throw gone('The model');
    last = { path, model: opened.model, isStale };
    return opened.model;
  };
  const find = (path: string, name: string, signal: AbortSignal) => {
    const model = modelAt(path, signal);
    const tensor = model.tensors.find((candidate) => shownName(candidate.name) === name);
    if (tensor === undefined) throw gone(`The tensor ${name}`);
    return { model, tensor };
  };
  /** Takes the steps one by one, so that messages come in between. */
  const drive = async <T>(steps: Generator<number, T>, signal: AbortSignal): Promise<T> => {
    try {
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
        await pause();
        if (signal.aborted) throw cancelled();
      }
    } finally {
      steps.return(undefined as T); // leaves the kernel empty; what it answers is not asked
    }
  };
  const inTurn = <T>(signal: AbortSignal, use: () => Promise<T>): Promise<T> => {
    const before = turn;
    const asked = (async () => {
      await before.catch(() => undefined); // whoever asked for it has its failure
      if (signal.aborted) throw cancelled();
      return use();
    })();
    turn = asked;
    return asked;
  };
  const view = (tensor: Tensor, computed: TensorAnalysis | string, start: number): TensorStatsView =>
    typeof computed === 'string'
      ? unavailableStats(tensor, computed)
      : tensorStatsView(computed, Date.now() - start);

  return {
    tensorStats: (path, name, signal) =>
      inTurn(signal, async () => {
        const start = Date.now();
        const { model, tensor } = find(path, name, signal);
        return view(tensor, await drive(attemptAnalysis(files, path, model, tensor, kernel), signal), start);
      }),
    tensorEstimate: (path, name, signal) =>
      inTurn(signal, async () => {
        const start = Date.now();
        const { model, tensor } = find(path, name, signal);
        const computed = await drive(attemptEstimate(files, path, model, tensor, kernel), signal);
        return computed === null ? null : view(tensor, computed, start);
      }),
    tensorGroups: (path, name, signal) =>
      inTurn(signal, async () => {
        const { model, tensor } = find(path, name, signal);
        return tensor.packed === null ? null : drive(attemptGroups(files, path, model, tensor), signal);
      }),
    async block(path, name, index, signal) {
      const { model, tensor } = find(path, name, signal);
      const why = whyUnavailable(tensor);
      if (why !== null) throw new Failure('not-readable', why);
      return blockContents(tensorData(model, tensor), tensorSource(files, path, model, tensor), index);
    },
  };
}
