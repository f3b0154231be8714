// The WASM program for rows of logits (src/rows) as the engine uses it: logits are copied into its memory, scores come out.
import type { ComparedRows } from './divergence.ts';

const PAGE_BYTES = 65_536;
/** A WASM memory has at most 4 GiB. */
const PAGE_LIMIT = 65_536;

export interface RowKernelSize {
  /** Rows that are scored at once. */
  readonly rows: number;
  /** Logits of a row. */
  readonly vocabulary: number;
  /** Also holds rows of a base model to compare with; they take the same room again. */
  readonly withBase?: boolean;
}

export interface RowKernel {
  /** rows × vocabulary, row after row without gaps: what native code copies to. Never moves: the memory does not grow. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** The same for the base model; empty without it. */
  readonly baseLogits: Float32Array<ArrayBuffer>;
  /**
   * Scores the first rows of `logits`, as many as there are targets.
   * @param targets the token that came after each row
   * @returns −ln p of each target, in nat, as nllOf
   */
  score(targets: Int32Array): Float64Array;
  /** Compares the first rows of `logits` with those of `baseLogits`, as many as there are targets. */
  compare(targets: Int32Array): ComparedRows;
  /** The most likely token of each of the first rows of `logits`, as argmax. */
  tops(rowCount: number): Int32Array;
}

/** Bytes of memory that a kernel of a size takes. */
export const rowKernelBytes = (size: RowKernelSize): number => layoutOf(size, 0).end;

interface Layout {
  readonly logits: number;
  readonly baseLogits: number;
  readonly results: number;
  readonly end: number;
}

/** Doubles that the program writes for a row, at most. */
const RESULTS_PER_ROW = 8;

function layoutOf({ rows, vocabulary, withBase = false }: RowKernelSize, from: number): Layout {
  const aligned = (at: number): number => Math.ceil(at / 64) * 64;
  const results = aligned(from);
  const logits = aligned(results + 8 * RESULTS_PER_ROW * rows);
  const baseLogits = aligned(logits + 4 * rows * vocabulary);
  return { results, logits, baseLogits, end: aligned(baseLogits + (withBase ? 4 * rows * vocabulary : 0)) };
}

type WasmFunction = (...values: readonly number[]) => void;

/** @param module compiled from src/rows: dist/rows.wasm */
export function createRowKernel(module: WebAssembly.Module, size: RowKernelSize): RowKernel {
  void [module, size, PAGE_BYTES, PAGE_LIMIT, layoutOf];
  throw new Error('not yet');
}
