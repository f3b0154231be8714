// Between the extension and the engine, the child process that holds llama.cpp: one job in, news of it and one result out. Plain
// values and typed arrays, which Node's advanced serialization carries.
import type { FailureCode } from '../core/base/failure.ts';
import type { MemoryJob, MemoryResult } from './memory.ts';
import type {
  ImatrixJob,
  ImatrixNews,
  ImatrixResult,
  QuantizeJob,
  QuantizeNews,
  QuantizeResult,
} from './quantize.ts';
import type { ErrorsJob, ErrorsNews, ErrorsResult } from './quantizeErrors.ts';

/** Where to compute. `auto` takes a GPU when there is one. */
export const DEVICE_CHOICES = ['auto', 'off', 'vulkan', 'cuda', 'metal'] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

export interface DeviceSettings {
  readonly choice: DeviceChoice;
  /** Index among the GPUs of the choice, as the engine lists them; null: all of them. */
  readonly gpu: number | null;
  /** Layers on the GPU; null: as many as fit. */
  readonly gpuLayers: number | null;
  /** Null: to measure one less than the machine has, so that it stays usable; to quantize all. */
  readonly threads: number | null;
  /**
   * Lets llama.cpp rearrange weights for faster kernels of the CPU (AMX, repacking), which exist for some types only and round
   * otherwise. Null: for a model alone, as llama-perplexity does; not where two are compared, or the difference would be
   * partly one of kernels.
   */
  readonly extraBuffers: boolean | null;
}

export const DEFAULT_DEVICE: DeviceSettings = {
  choice: 'auto',
  gpu: null,
  gpuLayers: null,
  threads: null,
  extraBuffers: null,
};

/** A model that our own reader has checked. */
export interface CheckedModel {
  /** Absolute path; of the first shard where there are several. */
  readonly path: string;
  /** Bytes of all tensors. */
  readonly tensorBytes: number;
  /** Blocks and the output, as llama.cpp counts what it moves to a GPU; 0 when the header does not say. */
  readonly layers: number;
}

export interface EngineJob {
  readonly model: CheckedModel;
  /** Compared with on the same text. */
  readonly base: CheckedModel | null;
  readonly text: string;
  readonly contextTokens: number;
  /** Reads no more chunks than this; null for all. */
  readonly chunkLimit: number | null;
  readonly device: DeviceSettings;
  /** Whether both models are open at once or one after the other; `auto` looks at the memory. */
  readonly passes: 'auto' | 'one' | 'two';
  /** Folders with llama.cpp's libraries, the most wanted one first; the first that has them is taken. */
  readonly engineFolders: readonly string[];
  /** The file rows.wasm. */
  readonly rowsFile: string;
  /** An empty folder, for what does not fit into memory. Whoever makes it removes it. */
  readonly temporaryFolder: string;
  /** How many of the most damaged tokens are described. */
  readonly worstTokenLimit: number;
}

export interface GpuDescription {
  readonly backend: string;
  readonly name: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Its memory is the computer's own. */
  readonly isUnified: boolean;
}

/** What was computed on. */
export interface DeviceUse {
  /** "CPU", "Vulkan", "CUDA", "Metal". */
  readonly backend: string;
  /** What the devices call themselves. */
  readonly names: readonly string[];
  readonly gpuLayers: number;
  /** Layers of the model and its output. */
  readonly layers: number;
  readonly threads: number;
  readonly extraBuffers: boolean;
  /** Sentences: what was not as it was asked for, and why. */
  readonly notes: readonly string[];
}

export interface Estimate {
  readonly value: number;
  /** One standard error; null when it is not known. */
  readonly error: number | null;
}

export interface Score {
  readonly perplexity: number;
  readonly standardError: number | null;
  /** Mean of −ln p, in nat per token. */
  readonly meanNll: number;
  readonly tokensScored: number;
}

export interface SpreadEstimate extends Estimate {
  readonly min: number;
  readonly max: number;
  /** At the shares 0.1, 1, 5, 10, 25, 50, 75, 90, 95, 99 and 99.9 %. */
  readonly quantiles: readonly number[];
}

/** How far a model is from its base on the same text. */
export interface Comparison {
  readonly base: Score;
  /** Perplexity of the model minus that of the base, with its paired error. */
  readonly deltaPerplexity: Estimate;
  /** ln of the ratio of the perplexities. */
  readonly logRatio: Estimate;
  /** False where the difference is within its error. */
  readonly significant: boolean;
  readonly correlation: number | null;
  /** KL divergence of a token, in nat. */
  readonly kl: SpreadEstimate;
  /** Change of the probability of the tokens that came, as shares. */
  readonly deltaP: SpreadEstimate;
  readonly rmsDeltaP: Estimate;
  /** Share of places where both expect the same token most. */
  readonly sameTop: Estimate;
}

export interface TopChoice {
  readonly text: string;
  readonly probability: number;
}

/** A place in the text where the models disagree. */
export interface DamagedToken {
  /** Index of the token in the text. */
  readonly token: number;
  readonly text: string;
  readonly kl: number;
  /** −ln p of this token. */
  readonly nll: number;
  readonly baseNll: number;
  /** What each model expected most. */
  readonly choices: readonly TopChoice[];
  readonly baseChoices: readonly TopChoice[];
}

/** The text as its tokens, and what happened at each. */
export interface TokenDamage {
  /** UTF-8 of all tokens that were read, one after the other; token i ends before byte `ends[i]`. A token may end inside of a
   * character. */
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  /** The tokens that were scored: indices into `ends`, rising. */
  readonly scored: Uint32Array;
  /** Of each scored token, in nat. */
  readonly kl: Float32Array;
  readonly nll: Float32Array;
  readonly baseNll: Float32Array;
  /** The worst first. */
  readonly worst: readonly DamagedToken[];
}

export interface EngineResult {
  readonly score: Score;
  readonly contextTokens: number;
  readonly chunks: number;
  readonly availableChunks: number;
  readonly device: DeviceUse;
  /** What llama.cpp calls its version. */
  readonly engineVersion: string;
  /** Of the reading of the text alone, models loaded. */
  readonly seconds: number;
  /** Tokens read in a second, by all models. */
  readonly tokensPerSecond: number;
  readonly comparison: Comparison | null;
  readonly damage: TokenDamage | null;
  /** Whether the models were open one after the other. */
  readonly twoPasses: boolean;
}

/** What the engine tells while it works. */
export type EngineNews =
  | { readonly kind: 'loading'; readonly which: 'model' | 'base'; readonly share: number }
  | { readonly kind: 'started'; readonly chunks: number; readonly device: DeviceUse }
  /** A chunk was scored; the scores are of all chunks so far. In a first pass they are those of the base. */
  | {
      readonly kind: 'chunk';
      readonly pass: 'model' | 'base' | 'both';
      readonly done: number;
      readonly chunks: number;
      readonly score: Score;
      readonly base: Score | null;
      readonly meanKl: number | null;
    };

/** Parent to child. */
export type EngineOrder =
  | { readonly kind: 'run'; readonly job: EngineJob }
  | { readonly kind: 'quantize'; readonly job: QuantizeJob }
  | { readonly kind: 'imatrix'; readonly job: ImatrixJob }
  | { readonly kind: 'errors'; readonly job: ErrorsJob }
  /** What a run would take. */
  | { readonly kind: 'memory'; readonly job: MemoryJob }
  /** What could be computed on, with the libraries of the first folder that has them. */
  | { readonly kind: 'list'; readonly engineFolders: readonly string[] }
  | { readonly kind: 'cancel' };

/** What llama.cpp could compute on. */
export interface DeviceList {
  /** All of them; a device setting counts those of one backend. */
  readonly gpus: readonly GpuDescription[];
  /** What the processor calls itself. */
  readonly cpu: string;
  /** Threads of the machine. */
  readonly threads: number;
  readonly engineVersion: string;
}

/** Child to parent; the last one answers the order, or is a failure. */
export type EngineMessage =
  | EngineNews
  | QuantizeNews
  | ImatrixNews
  | ErrorsNews
  | { readonly kind: 'result'; readonly result: EngineResult }
  | { readonly kind: 'quantized'; readonly result: QuantizeResult }
  | { readonly kind: 'collected'; readonly result: ImatrixResult }
  | { readonly kind: 'measured'; readonly result: ErrorsResult }
  | { readonly kind: 'memory'; readonly result: MemoryResult }
  | { readonly kind: 'devices'; readonly devices: DeviceList }
  /** `seeLog`: llama.cpp's log says why. */
  | { readonly kind: 'failure'; readonly code: FailureCode; readonly text: string; readonly seeLog: boolean };
