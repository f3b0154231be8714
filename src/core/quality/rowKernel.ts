// The WASM program for rows of logits (src/rows) as the engine uses it: logits are copied into its memory, scores come out.
import type { ComparedRows } from './divergence.ts';

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

const PAGE_BYTES = 65_536;
/** A WASM memory has at most 4 GiB. */
const PAGE_LIMIT = 65_536;
/** Where the results begin: the program keeps the memory before to itself (RESULTS in src/rows/memory.ts). */
const RESULTS_AT = 2048;
/** What the program writes for a pair of rows: five F64 and two I32. */
const PAIR_BYTES = 48;
const PAIR_DOUBLES = PAIR_BYTES / 8;

interface Layout {
  readonly logits: number;
  readonly baseLogits: number;
  readonly end: number;
}

function layoutOf({ rows, vocabulary, withBase = false }: RowKernelSize): Layout {
  const aligned = (at: number): number => Math.ceil(at / 64) * 64;
  const logits = aligned(RESULTS_AT + PAIR_BYTES * rows);
  const baseLogits = aligned(logits + 4 * rows * vocabulary);
  return { logits, baseLogits, end: baseLogits + (withBase ? 4 * rows * vocabulary : 0) };
}

type WasmFunction = (...values: readonly number[]) => void;

/**
 * @param module compiled from src/rows: dist/rows.wasm
 * @throws RangeError when so many rows do not fit into a WASM memory, or the host has no room for them
 */
export function createRowKernel(module: WebAssembly.Module, size: RowKernelSize): RowKernel {
  const { rows, vocabulary, withBase = false } = size;
  const layout = layoutOf(size);
  const pages = Math.ceil(layout.end / PAGE_BYTES);
  if (pages > PAGE_LIMIT) throw new RangeError('The rows do not fit into a WASM memory; take fewer at once.');
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = memory;
  const abort = (): never => {
    throw new Error('The row kernel gave up.');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  const call = (name: string): WasmFunction => exports[name] as WasmFunction;
  const [sums, divergences, tops] = [call('sums'), call('divergences'), call('tops')];
  const doubles = new Float64Array(buffer, RESULTS_AT, PAIR_DOUBLES * rows);
  const integers = new Int32Array(buffer, RESULTS_AT, 2 * PAIR_DOUBLES * rows);
  const logits = new Float32Array(buffer, layout.logits, rows * vocabulary);
  const baseLogits = new Float32Array(buffer, layout.baseLogits, withBase ? rows * vocabulary : 0);

  /** −ln p of a token of a row of `from`, from the largest logit and the sum of e^(logit − largest). */
  const nllOf = (from: Float32Array, row: number, token: number, most: number, sum: number): number =>
    Math.log(sum) - ((from[row * vocabulary + token] ?? NaN) - most);

  const checkCount = (count: number): void => {
    if (count > rows) throw new RangeError(`There is room for ${rows} rows, not for ${count}.`);
  };
  const checkTargets = (targets: Int32Array): void => {
    checkCount(targets.length);
    for (const token of targets)
      if (token < 0 || token >= vocabulary) throw new RangeError(`There is no token ${token}.`);
  };
  return {
    logits,
    baseLogits,
    score(targets) {
      checkTargets(targets);
      sums(layout.logits, vocabulary, targets.length, RESULTS_AT);
      return Float64Array.from(targets, (token, row) =>
        nllOf(logits, row, token, doubles[2 * row] ?? NaN, doubles[2 * row + 1] ?? NaN),
      );
    },
    compare(targets) {
      checkTargets(targets);
      if (!withBase) throw new RangeError('This row kernel has no room for a base model.');
      const count = targets.length;
      divergences(layout.logits, layout.baseLogits, vocabulary, count, RESULTS_AT);
      const compared = {
        nll: new Float64Array(count),
        baseNll: new Float64Array(count),
        kl: new Float64Array(count),
        top: new Int32Array(count),
        baseTop: new Int32Array(count),
      };
      targets.forEach((token, row) => {
        const [most = NaN, sum = NaN, baseMost = NaN, baseSum = NaN, weighted = NaN] = doubles.subarray(
          PAIR_DOUBLES * row,
        );
        compared.nll[row] = nllOf(logits, row, token, most, sum);
        compared.baseNll[row] = nllOf(baseLogits, row, token, baseMost, baseSum);
        // Below zero by rounding only.
        compared.kl[row] = Math.max(0, weighted / baseSum - Math.log(baseSum) + Math.log(sum));
        compared.top[row] = integers[2 * PAIR_DOUBLES * row + 10] ?? -1;
        compared.baseTop[row] = integers[2 * PAIR_DOUBLES * row + 11] ?? -1;
      });
      return compared;
    },
    tops(rowCount) {
      checkCount(rowCount);
      tops(layout.logits, vocabulary, rowCount, RESULTS_AT);
      return integers.slice(0, rowCount);
    },
  };
}
