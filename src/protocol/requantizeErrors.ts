// What a plan is predicted to cost: the error of every tensor, as it is measured, and time and memory of the run.

/** Errors of tensors relative to the weights as the source has them, measured by ggml itself on a sample of their rows. Columns
 * of one length; rows that are not known yet are missing; a later answer replaces what an earlier one said of a row. */
export interface PredictedErrors {
  readonly plan: string;
  /** What to ask with next. */
  readonly serial: number;
  /** There are more now: ask again. */
  readonly more: boolean;
  /** Where the prediction stands: pending = total − done. */
  readonly state: 'running' | 'done' | 'failed';
  /** Rows of the output, and those that have a figure or never will. */
  readonly total: number;
  readonly done: number;
  readonly count: number;
  /** Row in table order. */
  readonly row: Uint32Array;
  /** Index into ERROR_KINDS. */
  readonly kind: Uint8Array;
  /** Signal to quantization noise in dB; Infinity where nothing is lost ("exact"), NaN for 'unavailable'. */
  readonly sqnr: Float32Array;
  /** One standard error of it in dB, from how much rows differ; 0 where all weights were measured. */
  readonly sqnrError: Float32Array;
  /** √(Σe² / Σw²): 0.05 is 5 %. */
  readonly relativeRmse: Float32Array;
  /** SQNR with every column counted by its importance; NaN without an importance matrix for the tensor. */
  readonly weightedSqnr: Float32Array;
  /** Index into `whys` of rows that are 'unavailable', else NO_WHY. */
  readonly why: Uint16Array;
  readonly whys: readonly string[];
  /** Of the whole output and of each role with a changed tensor; grow with what is known. */
  readonly whole: PredictedSumView;
  readonly roles: readonly (PredictedSumView & {
    /** Index into ModelView.roles. */
    readonly role: number;
  })[];
  /** As in the plan, with what is known by now. */
  readonly estimate: EstimateView;
  /** Sentences: what these errors are not, as where the source is quantized already. */
  readonly notes: readonly string[];
  /** For 'failed', one sentence; else ''. */
  readonly failure: string;
}
/** kept: stays as it is to the bit. measured: the whole tensor was, so the output will have it. estimate: "≈", from a sample. */
export const ERROR_KINDS = ['kept', 'measured', 'estimate', 'unavailable'] as const;
export const NO_WHY = 0xffff;

export interface PredictedSumView {
  /** In dB; null where nothing is lost of what is known (`known` > 0). */
  readonly sqnr: number | null;
  readonly relativeRmse: number;
  readonly weights: number;
  /** Tensors of the sum that are known, and how many there are. */
  readonly known: number;
  readonly tensors: number;
  readonly isEstimate: boolean;
}

/** What the run itself will cost, from ggml's speed on this machine. */
export interface EstimateView {
  /** Null until the speed of all types of the plan is measured, which the prediction does. Show it as "≈". */
  readonly seconds: number | null;
  /** Peak of the engine, without pages of the source that the system can take back; show it as "≈". */
  readonly memoryBytes: number;
  /** A sentence each, for the hover: what the numbers are made of. */
  readonly timeText: string;
  readonly memoryText: string;
}
