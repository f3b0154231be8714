// What a worker of the analysis of a model is given to do, and what it answers: everything in it can be sent to a thread.
import { cancelled } from '../../core/base/failure.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { TensorStatsView } from '../../protocol/tensorStats.ts';
import type { FileAccess } from '../ports.ts';
import { tensorNumbers, type TensorNumbers, UNAVAILABLE } from '../present/statsColumns.ts';
import { tensorStatsView, unavailableStats } from '../present/tensorStatsView.ts';
import { attemptAnalysis } from './attempt.ts';

export interface Job {
  readonly path: string;
  /** Without its tensors and metadata. */
  readonly model: Model;
  readonly tensor: Tensor;
}

export interface JobResult {
  readonly numbers: TensorNumbers;
  readonly view: TensorStatsView;
}

/** Does one job at a time. */
export interface AnalysisWorker {
  /**
   * @param onBytes hears now and then how many bytes of the job are done
   * @throws Failure cancelled, at once
   */
  run(job: Job, onBytes: (bytesDone: number) => void, signal: AbortSignal): Promise<JobResult>;
}

/** The workers of one analysis: they live as long as it runs. */
export interface AnalysisPool {
  readonly workers: readonly AnalysisWorker[];
  end(): void;
}

export interface WorkerHost {
  readonly files: FileAccess;
  /** Made when it is first needed: it takes 64 MiB. */
  readonly kernel: () => Kernel;
  /** Lets messages in, among them a cancel. */
  readonly pause: () => Promise<void>;
}

/** A worker that works where it is called. */
export function createWorker({ files, kernel, pause }: WorkerHost): AnalysisWorker {
  return {
    async run({ path, model, tensor }, onBytes, signal) {
      const start = Date.now();
      const steps = attemptAnalysis(files, path, model, tensor, kernel);
      try {
        for (;;) {
          const step = steps.next();
          if (step.done === true) {
            if (typeof step.value === 'string')
              return { numbers: UNAVAILABLE, view: unavailableStats(tensor, step.value) };
            const view = tensorStatsView(step.value, Date.now() - start);
            return { numbers: tensorNumbers(step.value, view), view };
          }
          onBytes(step.value);
          await pause();
          if (signal.aborted) throw cancelled();
        }
      } finally {
        steps.return(''); // leaves the kernel empty
      }
    },
  };
}

/** A model as a job carries it. */
export const bareModel = (model: Model): Model => ({ ...model, metadata: [], tensors: [] });
