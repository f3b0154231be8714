// What a worker of the analysis of a model is given to do, and what it answers: everything in it can be sent to a thread.
import { cancelled, Failure } from '../../core/base/failure.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { OutlierLimits, Outliers } from '../../core/analysis/outliers.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { TensorStatsView } from '../../protocol/tensorStats.ts';
import type { FileAccess } from '../ports.ts';
import { tensorNumbers, type TensorNumbers } from '../present/statsColumns.ts';
import { numbersView, tensorStatsView } from '../present/tensorStatsView.ts';
import { fileNumbers, nameOf } from './attempt.ts';
import { analyzeRows, type RowsTally, shiftOf } from './rowsAnalysis.ts';
import type { Source } from './rowsPass.ts';
import { searchRows } from './rowsSearch.ts';
import { analyzeTensor, type TensorAnalysis } from './tensorAnalysis.ts';
import { tensorData } from './tensorData.ts';
import { estimateTensor } from './tensorEstimate.ts';
import type { RowRange } from './tensorRows.ts';

interface Place {
  readonly path: string;
  /** Without its tensors and metadata. */
  readonly model: Model;
  readonly tensor: Tensor;
  /** Of the tensor, that are done when the job is. */
  readonly bytes: number;
}

/** All of a tensor. */
export interface TensorJob extends Place {
  readonly kind: 'tensor';
}

/** Its numbers from a 64th of its rows. */
export interface EstimateJob extends Place {
  readonly kind: 'estimate';
}

/** Some rows of a large tensor. */
export interface RowsJob extends Place {
  readonly kind: 'rows';
  readonly range: RowRange;
}

/** The second pass over the same rows. */
export interface SearchJob extends Place {
  readonly kind: 'search';
  readonly part: Pick<RowsTally, 'range' | 'extremes'>;
  readonly limits: OutlierLimits;
}

export type Job = TensorJob | EstimateJob | RowsJob | SearchJob;

export interface TensorResult {
  readonly numbers: TensorNumbers;
  readonly view: TensorStatsView;
}

/** What comes of a job, or a sentence why nothing can. */
export type Answer<J extends Job> = string | Results[J['kind']];

interface Results {
  readonly tensor: TensorResult;
  /** Null where the exact numbers take no longer. */
  readonly estimate: TensorNumbers | null;
  readonly rows: RowsTally;
  readonly search: Outliers;
}

/**
 * Outliers are counted exactly from 6 σ on. Of those beyond 3 σ every span has some: to count them, too, would be to read the
 * model twice. They are estimated from the histogram, to about a thousandth.
 */
export const EXACT_BEYOND = 6;

/** Does one job at a time. */
export interface AnalysisWorker {
  /**
   * @param onBytes hears now and then how many bytes of the job are done
   * @throws Failure cancelled, at once
   */
  run<J extends Job>(job: J, onBytes: (bytesDone: number) => void, signal: AbortSignal): Promise<Answer<J>>;
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
    async run<J extends Job>(job: J, onBytes: (bytesDone: number) => void, signal: AbortSignal) {
      const steps = stepsOf(job, files, kernel());
      try {
        for (;;) {
          const step = steps.next();
          if (step.done === true) return step.value as Answer<J>;
          onBytes(step.value);
          await pause();
          if (signal.aborted) throw cancelled();
        }
      } catch (error) {
        if (error instanceof Failure && error.code === 'not-readable') return error.message;
        throw error;
      } finally {
        steps.return(''); // leaves the kernel empty
      }
    },
  };
}

/** Yields the bytes done of the job. The files are open as long as that takes. */
function* stepsOf(job: Job, files: FileAccess, kernel: Kernel): Generator<number, Answer<Job>> {
  const { path, model, tensor } = job;
  const open = new Map(
    fileNumbers(tensor).map((file) => [file, files.openFile(path, nameOf(model, file))] as const),
  );
  // A file that is not there is as one that ends before everything.
  const source: Source = {
    read: (offset, target, file = tensor.file) => open.get(file)?.read(offset, target) ?? 0,
  };
  try {
    return yield* workOf(job, source, kernel);
  } finally {
    for (const file of open.values()) file?.close();
  }
}

function* workOf(job: Job, source: Source, kernel: Kernel): Generator<number, Answer<Job>> {
  const data = tensorData(job.model, job.tensor);
  switch (job.kind) {
    case 'tensor': {
      const start = Date.now();
      const analysis = yield* analyzeTensor(data, source, kernel, { exactBeyond: EXACT_BEYOND });
      return tensorResult(analysis, Date.now() - start);
    }
    case 'estimate': {
      const analysis = yield* estimateTensor(data, source, kernel);
      return analysis && tensorNumbers(analysis, numbersView(analysis));
    }
    case 'rows':
      return yield* analyzeRows(data, job.range, shiftOf(data, source, kernel), source, kernel);
    case 'search':
      return yield* searchRows(data, job.part, job.limits, source, kernel);
  }
}

export function tensorResult(analysis: TensorAnalysis, milliseconds: number): TensorResult {
  const view = tensorStatsView(analysis, milliseconds);
  return { numbers: tensorNumbers(analysis, view), view };
}

/** A model as a job carries it. */
export const bareModel = (model: Model): Model => ({ ...model, metadata: [], tensors: [] });
