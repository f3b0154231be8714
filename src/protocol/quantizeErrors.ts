// Between the extension and the engine: a job that measures what quantizing would do to the weights of tensors, on some of their
// rows. It writes nothing.
import type { ImportanceRange } from './quantize.ts';

/** Rows of one tensor, and the types they are tried in. */
export interface ErrorSample {
  /** Index into the job's files. */
  readonly file: number;
  /** Where the tensor's data begins. */
  readonly byteOffset: number;
  /** ggml's id of the type it has. */
  readonly sourceType: number;
  /** Weights of a row. */
  readonly rowLength: number;
  /** Rows of one matrix (expert), and of all. */
  readonly rowsPerMatrix: number;
  readonly rowCount: number;
  /** Numbers of the rows, rising; null: all. */
  readonly rows: Uint32Array | null;
  /** rowLength values for each matrix; null: every column counts the same. */
  readonly importance: ImportanceRange | null;
  /** ggml's ids. The type it has loses nothing: then the weights alone are measured. */
  readonly targetTypes: readonly number[];
}

export interface ErrorsJob {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Where the samples' importance stands. */
  readonly importancePath: string | null;
  /** In the order of the work. */
  readonly samples: readonly ErrorSample[];
  /** How many are worked on side by side, at most; null: all that the machine has. */
  readonly threads: number | null;
  readonly engineFolders: readonly string[];
}

/** Sums over the weights of a sample, in double precision. */
export interface ErrorSums {
  readonly weights: number;
  readonly rows: number;
  /** Σw² and Σe², e being the weight after quantizing minus the one before. */
  readonly squares: number;
  readonly errorSquares: number;
  /** The same with every column times its importance; null without importance. */
  readonly weighted: { readonly squares: number; readonly errorSquares: number } | null;
  readonly largestError: number;
  /** Σ over the rows of (Σe² − r·Σw²)², r being the ratio of all: how much rows differ. */
  readonly rowSpread: number;
  /** Per weight on one thread: of quantizing, and of reading the source's type as float32. Null where it was not timed, or there
   * is nothing to do. */
  readonly quantizeNanoseconds: number | null;
  readonly dequantizeNanoseconds: number | null;
}

export interface ErrorsNews {
  readonly kind: 'sums';
  /** Index into the job's samples, and into the target types of that sample. */
  readonly sample: number;
  readonly target: number;
  /** Null: a weight is no finite number, or becomes none: llama.cpp refuses to quantize it. */
  readonly sums: ErrorSums | null;
}

export interface ErrorsResult {
  /** That the machine has. */
  readonly machineThreads: number;
  readonly seconds: number;
  readonly engineVersion: string;
}
