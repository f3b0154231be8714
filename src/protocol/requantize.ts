// The contract between the Re-quantize page of a model and its host: what would be written, what it would cost, what is being
// written. The page rebuilds from `open` at any time; a job goes on without it. What it gives VS Code with `setState` must have
// the `path` of `view.source`: by that it is opened again after a reload of the window (StoredPage of quality.ts).
import type { Severity } from '../core/base/problem.ts';
import type { ModelSnapshot, TensorColumns, TypeView } from './modelView.ts';
import type { MetadataOverride } from './quantize.ts';
import type { EstimateView, PredictedErrors } from './requantizeErrors.ts';
import type { JobView } from './requantizeJobs.ts';
import type { AbortSignal } from './rpc.ts';

export { ERROR_KINDS, NO_WHY } from './requantizeErrors.ts';
export type { EstimateView, PredictedErrors, PredictedSumView } from './requantizeErrors.ts';
export { MAX_ENDED_JOBS } from './requantizeJobs.ts';
export type { JobProgress, JobResult, JobState, JobView } from './requantizeJobs.ts';

/** What the page asks. */
export interface RequantizeHost {
  /** The model, what it could become, the recipe to begin with, all jobs of the window. Starts nothing. */
  open(argument: null, signal: AbortSignal): Promise<RequantizeView>;
  /** Rows of the model from `first` on, as the inspector's. */
  tensors(argument: { readonly first: number }, signal: AbortSignal): Promise<TensorColumns>;

  /**
   * A dry run by llama.cpp: what every tensor would become. Nothing is written. The page aborts the one before when the recipe
   * changes; the same recipe is answered from memory. @throws wrong-usage, a sentence about the recipe ("There is no …");
   * EngineFailure's sentence where llama.cpp refuses
   */
  plan(
    argument: { readonly recipe: RecipeView; readonly output: string | null },
    signal: AbortSignal,
  ): Promise<PlanView>;
  /** Rows of a plan from `first` on, as many as fit a message. @throws gone: ask `plan` again */
  planColumns(
    argument: { readonly plan: string; readonly first: number },
    signal: AbortSignal,
  ): Promise<PlanColumns>;
  /**
   * What is predicted of a plan and came after `since` (0: everything), as many as fit a message. Asking is what starts the
   * prediction, for the plan of the page; asking for another plan of it ends that. That there is more is told by `errors`.
   * It shares the machine with whatever runs. @throws gone: ask `plan` again
   */
  predictedErrors(
    argument: { readonly plan: string; readonly since: number },
    signal: AbortSignal,
  ): Promise<PredictedErrors>;
  /** The whole llama-quantize command of a plan on the clipboard (`PlanView.command` may be cut). @throws gone */
  copyCommand(argument: { readonly plan: string }, signal: AbortSignal): Promise<null>;

  /** Queues what the plan shows, after a question where a file would be replaced. null: the user said no. @throws gone; wrong-usage */
  start(argument: { readonly plan: string }, signal: AbortSignal): Promise<{ readonly job: string } | null>;
  /** Stops a job that runs or waits. */
  cancelJob(argument: { readonly job: string }, signal: AbortSignal): Promise<null>;
  /** Takes a job that has ended off the list. */
  dismissJob(argument: { readonly job: string }, signal: AbortSignal): Promise<null>;
  /** The recipe of a job, as it was when it was started: a page may show the plan of it (`plan` answers from memory). @throws gone */
  jobRecipe(argument: { readonly job: string }, signal: AbortSignal): Promise<RecipeView>;
  /** What comes after a job that is done. `compare` measures result and source on one text, side by side. */
  useResult(argument: { readonly job: string; readonly how: ResultUse }, signal: AbortSignal): Promise<null>;

  /** Lets the user choose where to write; null: nothing chosen. The dialog asks whether a file may be replaced. */
  chooseOutput(
    argument: { readonly suggested: string },
    signal: AbortSignal,
  ): Promise<{ readonly path: string } | null>;
  /** Lets the user choose an importance matrix; null: nothing chosen. @throws not-readable when it is none */
  chooseImatrix(argument: null, signal: AbortSignal): Promise<ImatrixChoice | null>;
  /** Runs "Make Importance Matrix…" for this model; only where `canMakeImatrix`. */
  makeImatrix(argument: null, signal: AbortSignal): Promise<null>;
  /** Asks where to and writes NAME.recipe.json. The host tells the user how it went. */
  saveRecipe(argument: { readonly recipe: RecipeView }, signal: AbortSignal): Promise<null>;
  /** Lets the user choose a recipe file; null: nothing chosen. @throws wrong-usage, a sentence why it is none */
  loadRecipe(argument: null, signal: AbortSignal): Promise<LoadedRecipe | null>;

  /** Opens the layers of the source. */
  showLayers(argument: null, signal: AbortSignal): Promise<null>;
  /** The editor's page about trust in this workspace. */
  manageTrust(argument: null, signal: AbortSignal): Promise<null>;
  /** The whole log of the engine, in the output panel. */
  showLog(argument: null, signal: AbortSignal): Promise<null>;
  /** Puts a text on the clipboard; with `more`, together with the parts that follow. */
  copy(argument: { readonly text: string; readonly more: boolean }, signal: AbortSignal): Promise<null>;
  /** Saves the page's state for this model. */
  saveState(argument: { readonly state: unknown }, signal: AbortSignal): Promise<null>;
  /** Saves what the user prefers on all pages: the same value as the inspector's. */
  savePreferences(argument: { readonly preferences: unknown }, signal: AbortSignal): Promise<null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

/** What the host tells the page. */
export interface RequantizePushes {
  /** Ask `open` again: the model or trust changed. */
  changed: null;
  /** All jobs of the window, whole; at most ten times a second. */
  jobs: readonly JobView[];
  /** More is predicted of this plan: ask `predictedErrors` with what you have. At most ten times a second. */
  errors: { readonly plan: string; readonly serial: number };
  [name: string]: unknown;
}

export type ResultUse = 'open' | 'compare' | 'measure' | 'reveal';

export interface RequantizeView {
  readonly source: SourceView;
  /** As the inspector shows it; its savedState and preferences are null. */
  readonly model: ModelSnapshot;
  /** Why nothing can be planned now; null: it can. The page shows the model all the same. */
  readonly obstacle: ObstacleView | null;
  /** What the whole model can become, from many bits to few. */
  readonly targets: readonly TargetView[];
  /** What a single tensor, the output or the embedding can be given, from many bits to few. */
  readonly tensorTypes: readonly TensorTypeView[];
  /** To begin with, where the page has saved none. */
  readonly recipe: RecipeView;
  /** Whether there are several files, so that `keepSplit` means something. */
  readonly isSplit: boolean;
  readonly canMakeImatrix: boolean;
  readonly jobs: readonly JobView[];
  readonly savedState: unknown;
  readonly preferences: unknown;
}

export interface SourceView {
  /** Absolute path; of the first file where there are several. */
  readonly path: string;
  readonly fileName: string;
  /** "F16", "Q4_K_M": what its header says; '' where it does not. */
  readonly typeName: string;
  /** Some of its matrices are quantized already. */
  readonly isQuantized: boolean;
  /** Changes with the files: overrides saved for another stamp may name tensors that are gone. */
  readonly stamp: string;
}

export interface ObstacleView {
  readonly kind: 'untrusted' | 'safetensors' | 'unfit';
  /** "The data of blk.3.ffn_up is not all there …": what is so, then what to do. */
  readonly text: string;
}

export interface TargetView {
  /** "Q4_K_M" */
  readonly name: string;
  /** Of the type of most tensors; a model ends with some more. */
  readonly bitsPerWeight: number;
  /** needed: llama.cpp refuses without. better: the usual advice. none: it would change nothing. */
  readonly imatrix: 'needed' | 'better' | 'none';
  /** What it is good for, one sentence. */
  readonly about: string;
  /** Name of the type of most tensors: "Q4_K". */
  readonly tensorType: string;
  /** F32, F16, BF16: then `pure` and types of single tensors have no effect, and are refused. */
  readonly isFloat: boolean;
  /** ≈ bytes of the file: the weights at `bitsPerWeight`. */
  readonly approximateBytes: number;
}

export interface TensorTypeView {
  readonly name: string;
  readonly bitsPerWeight: number;
  /** Rows that are no multiple of it cannot have the type; llama.cpp takes another then. */
  readonly blockWeights: number;
  readonly needsImatrix: boolean;
}

/** The options as the page edits them. Its overrides count before its rules, and both before the mix. */
export interface RecipeView {
  /** Name of a target. */
  readonly type: string;
  /** Absolute path. */
  readonly imatrix: string | null;
  /** Names of tensor types; null: by the rules of the mix. */
  readonly outputType: string | null;
  readonly embeddingType: string | null;
  /** Tensors by their full visible names in the source, each once. */
  readonly overrides: readonly { readonly type: string; readonly names: readonly string[] }[];
  /** Regular expressions, the first that finds the name counts; from a recipe file or written by hand. */
  readonly rules: readonly { readonly pattern: string; readonly type: string }[];
  readonly pure: boolean;
  readonly keepSplit: boolean;
  readonly allowRequantize: boolean;
  /** The output tensor stays as it is. */
  readonly leaveOutput: boolean;
  readonly metadata: readonly MetadataOverride[];
  /** Layers to leave out, rising. */
  readonly pruneLayers: readonly number[];
}

/** Tensors with a type of their own: of more the names, 63 bytes each at most, would not fit into a message. */
export const MAX_CHOSEN_TENSORS = 15_000;

export interface LoadedRecipe {
  readonly recipe: RecipeView;
  readonly fileName: string;
  /** Sentences: what of it does not fit this model. */
  readonly notes: readonly string[];
}

export interface ImatrixChoice {
  readonly path: string;
  readonly fileName: string;
  /** "SOTU-5M, 128 chunks of 512 of english.txt": visible text. */
  readonly detail: string;
}

/** What llama.cpp would do with a recipe. */
export interface PlanView {
  /** Goes by the model's stamp, the recipe and the output. */
  readonly id: string;
  /** Types of the output by bytes, most first. `PlanColumns.to` indexes this. */
  readonly types: readonly TypeView[];
  /** `PlanColumns.reason` indexes this. */
  readonly reasons: readonly ReasonView[];
  readonly before: SizeView;
  readonly after: SizeView;
  /** What overrides and rules add to the file in bytes; 0 without any. */
  readonly overrideBytes: number;
  /** Tensors of the output, and those whose type an override or a rule decides. */
  readonly tensorCount: number;
  readonly overrideCount: number;
  /** Sums by role, in the order of ModelView.roles; only roles with tensors in the output. */
  readonly roles: readonly RolePlanView[];
  /** The first rows; there are as many as the model has. */
  readonly rows: PlanColumns;
  readonly output: OutputView;
  readonly estimate: EstimateView;
  readonly imatrix: ImatrixChoice | null;
  /** Worst first. */
  readonly warnings: readonly WarningView[];
  /** Why `start` would refuse, the first of the warnings with `blocks`; null: it would not. */
  readonly blockedBy: string | null;
  /** llama-quantize's arguments that do the same, one option a line; at most MAX_COMMAND_LINES, `commandLines` in all. */
  readonly command: readonly string[];
  readonly commandLines: number;
  /** "llama.cpp 0.4.0" */
  readonly engineVersion: string;
}
export const MAX_COMMAND_LINES = 200;

export interface ReasonView {
  /** "Attention V of this layer gets Q6_K in Q4_K_M": visible text. */
  readonly text: string;
  /** override: chosen on the page. rule: a pattern, or the types asked for output and embedding. mix: what the target does.
   * fallback: its rows do not fit the type that was meant. kept: it is never quantized, or has the type already. */
  readonly kind: 'override' | 'rule' | 'mix' | 'fallback' | 'kept';
}

/** Of tensors: headers do not count but in fileBytes. */
export interface SizeView {
  readonly fileBytes: number;
  readonly tensorBytes: number;
  readonly weights: number;
  readonly bitsPerWeight: number;
}

export interface RolePlanView {
  /** Index into ModelView.roles. */
  readonly role: number;
  readonly weights: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Rows first … first+count−1 in table order of the source, whose names, types, roles and bytes stand in its TensorColumns. */
export interface PlanColumns {
  readonly first: number;
  readonly count: number;
  /** Index into PlanView.types; NOT_WRITTEN: it is left out. */
  readonly to: Uint16Array;
  /** Index into PlanView.reasons; NOT_WRITTEN: it is left out. */
  readonly reason: Uint16Array;
  /** 0 where it is left out. */
  readonly bytesAfter: Float64Array;
  /** llama.cpp writes them in this order: from 1; 0: it is left out. A row is written when JobView's `tensor` is past it. */
  readonly turn: Uint32Array;
}
export const NOT_WRITTEN = 0xffff;

export interface OutputView {
  /** Absolute path: what was asked for, or the name that is proposed. */
  readonly path: string;
  readonly folder: string;
  readonly fileName: string;
  /** Several with keepSplit. */
  readonly fileCount: number;
  /** A file is there that would be replaced: `start` asks. */
  readonly exists: boolean;
  /** Of the disk the folder lies on, now; null: the system does not say. */
  readonly freeBytes: number | null;
}

export interface WarningView {
  readonly severity: Severity;
  /** requantize: `allowRequantize` would lift it. imatrix: an importance matrix would. Others: output, disk, … */
  readonly kind: 'requantize' | 'imatrix' | 'output' | 'disk' | 'note';
  /** What is so, what it costs, what to do. */
  readonly text: string;
  /** Nothing is started while it stands. */
  readonly blocks: boolean;
}
