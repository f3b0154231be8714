// What a quantization will cost in precision, before anything is written: the error of every tensor, measured by ggml itself on
// a sample of its rows; sums of them; time and memory.
import { cancelled } from '../../core/base/failure.ts';
import type { ImportanceSource } from '../../protocol/quantize.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { ErrorEngine } from './errorEngine.ts';
import { createErrorMemory } from './errorMemory.ts';
import { questionsOf } from './errorQuestions.ts';
import { errorSample, SAMPLE_WEIGHTS } from './errorSample.ts';
import type { PlannedTensor } from './plan.ts';
import { predictionOf, predictionOfTensor } from './prediction.ts';
import type { QuantizeTarget } from './targets.ts';

/** Made by predictRequest (predictRequest.ts) from an order and its plan. Plain values: it may cross to another thread. */
export interface PredictRequest {
  /** Absolute paths of the source, by Tensor.file. */
  readonly files: readonly string[];
  /** Changes when one of the files does. */
  readonly identity: string;
  /** Of all files together, in bytes. */
  readonly headerBytes: number;
  readonly target: Pick<QuantizeTarget, 'name'>;
  readonly tensors: readonly PlannedTensor[];
  readonly importance: KnownImportance | null;
  /** With how many threads it will be quantized; null: all that the machine has. */
  readonly threads: number | null;
  /** Tensors with no more weights are measured as a whole; of others whole rows with about so many. Null: SAMPLE_WEIGHTS. */
  readonly sampleWeights: number | null;
}

export interface KnownImportance {
  readonly source: ImportanceSource;
  /** Changes when the file does. */
  readonly identity: string;
}

/** Error of the weights of a tensor, or of several, relative to the weights as the source has them. */
export interface RelativeError {
  /** √(Σe² / Σw²): 0.05 is 5 %. */
  readonly relativeRmse: number;
  /** −10·log₁₀(Σe² / Σw²), in dB; null where nothing is lost. */
  readonly sqnr: number | null;
}

export interface PredictedError extends RelativeError {
  /** One standard error of `sqnr` in dB, from how much rows differ; 0 where all weights were measured or nothing is lost. */
  readonly sqnrError: number;
  /** False where the whole tensor was measured: then it is what the output will have. */
  readonly isEstimate: boolean;
  readonly sampledWeights: number;
  /** Largest |e| in the sample, in the unit of the weights. */
  readonly largestError: number;
  /** With every column counted by its importance; null without an importance matrix for this tensor. */
  readonly weighted: RelativeError | null;
}

export type TensorPrediction =
  /** The tensor gets another type, and this is what it loses. */
  | { readonly kind: 'changed'; readonly error: PredictedError }
  /** It stays as it is to the bit. */
  | { readonly kind: 'kept' }
  /** It cannot be told; `why` is a sentence for the user: the type needs an importance matrix that is not there, … */
  | { readonly kind: 'refused'; readonly why: string };

export interface PredictedSum extends RelativeError {
  /** Of all tensors of the sum, kept ones included: they lose nothing, but their weights count. */
  readonly weights: number;
  /** Tensors of the sum that are known, and how many there are: the error is of the known ones, and of none it says nothing. */
  readonly known: number;
  readonly tensors: number;
  readonly isEstimate: boolean;
}

export interface PredictedRole extends PredictedSum {
  /** Role id of naming/place.ts: 'attn_q', 'ffn_down'. */
  readonly role: string;
  readonly stack: string;
}

export interface PredictedCost {
  /** Null until ggml's speed was measured for the types of all tensors. */
  readonly seconds: number | null;
  /** Its parts. */
  readonly computeSeconds: number | null;
  readonly diskSeconds: number;
  readonly threads: number | null;
  /** What the process will hold at most, without the pages of the source, which the system can take back at any time. */
  readonly memoryBytes: number;
  /** Most of the source that is mapped at a time: its largest tensor. */
  readonly mappedBytes: number;
  /** What both numbers are made of, as sentences. */
  readonly timeText: string;
  readonly memoryText: string;
}

export interface Prediction {
  /** By the name in the output. Tensors that are not known yet are missing. */
  readonly tensors: ReadonlyMap<string, TensorPrediction>;
  readonly isComplete: boolean;
  /** Of the whole model, and of each role with a changed tensor, in the order of the plan. Grow with what is known. */
  readonly whole: PredictedSum;
  readonly roles: readonly PredictedRole[];
  readonly cost: PredictedCost;
  /** Sentences: what these errors are not, as where the source is quantized already. */
  readonly notes: readonly string[];
}

/** News of one tensor: it is known now. */
export interface PredictNews {
  readonly name: string;
  readonly prediction: TensorPrediction;
  /** Tensors that were to be measured, and how many of them are. */
  readonly done: number;
  readonly count: number;
}

/** Remembers what it measured, by file, tensor, type and importance matrix: a changed override measures only what is new. */
export interface ErrorPredictor {
  /** From memory alone: without a process, at once. */
  known(request: PredictRequest): Prediction;
  /**
   * Measures what is not known, in one process, the largest tensors first. What was measured before a failure or an abort is
   * remembered. Calls may overlap; each has its own process.
   * @throws EngineFailure when the process dies; Failure not-readable when the source became shorter, cancelled after an abort
   */
  predict(
    request: PredictRequest,
    tell: (news: PredictNews) => void,
    signal: AbortSignal,
  ): Promise<Prediction>;
}

/** Measurements of some hundred plans of a large model: some hundred bytes each. */
const MAX_REMEMBERED = 200_000;

export function createErrorPredictor(engine: ErrorEngine): ErrorPredictor {
  const memory = createErrorMemory(MAX_REMEMBERED);
  const known = (request: PredictRequest): Prediction => predictionOf(request, memory);
  return {
    known,
    async predict(request, tell, signal) {
      if (signal.aborted) throw cancelled();
      const missing = questionsOf(request).filter(({ key }) => memory.sums(key) === undefined);
      if (missing.length === 0) return known(request);
      missing.sort((one, other) => other.tensor.bytesBefore - one.tensor.bytesBefore);
      const limit = request.sampleWeights ?? SAMPLE_WEIGHTS;
      let done = 0;
      const { machineThreads } = await engine.measureErrors(
        {
          files: request.files,
          importancePath: request.importance?.source.path ?? null,
          samples: missing.map(({ tensor, importance }) => errorSample(tensor, importance, limit)),
          threads: request.threads,
        },
        ({ sample, sums }) => {
          const question = missing[sample];
          if (question === undefined) return;
          memory.keep(question, sums);
          done += 1;
          const { tensor } = question;
          tell({
            name: tensor.name,
            prediction: predictionOfTensor(question, sums),
            done,
            count: missing.length,
          });
        },
        signal,
      );
      memory.machineThreads = machineThreads;
      return known(request);
    },
  };
}
