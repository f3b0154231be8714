// What an importance matrix file holds: of every weight matrix, how strongly each of its columns was used on some text.
import type { Problem } from '../../base/problem.ts';
import type { ByteSource } from '../byteSource.ts';

export interface Imatrix {
  /** gguf: llama.cpp since 2025. legacy: the ".dat" of before, which knows no experts. */
  readonly format: 'gguf' | 'legacy';
  /** Names of the texts it was made with, as the file has them. */
  readonly datasets: readonly string[];
  /** null where the file does not say. */
  readonly chunkCount: number | null;
  readonly chunkTokens: number | null;
  readonly entries: readonly ImatrixEntry[];
}

export interface ImatrixEntry {
  /** Name of the tensor in the model. */
  readonly name: string;
  /** Columns of one matrix. */
  readonly rowLength: number;
  /** Of each matrix (expert): rows that it was multiplied with, rounded; of a legacy file the one number of chunks. */
  readonly counts: readonly number[];
  /** Position of the sums of squares: rowLength × counts.length float32, little-endian. A legacy file has them times chunks
   * divided by rows. */
  readonly sumsOffset: number;
}

export interface OpenedImatrix {
  readonly imatrix: Imatrix | null;
  readonly problems: readonly Problem[];
}

/** Tensors of one file: as many as a model may have. */
export const MAX_ENTRIES = 262_144;
/** Matrices of one tensor: the largest models have some hundred experts. */
export const MAX_MATRICES = 65_536;
/** Counts of all tensors together: an object of JavaScript each. */
export const MAX_ALL_COUNTS = 4_000_000;

/** What the sums of each matrix are divided by; 0 where nothing is known of it. A legacy file without a number of chunks has means. */
export const divisorsOf = (
  { format }: Pick<Imatrix, 'format'>,
  { counts }: ImatrixEntry,
): readonly number[] => (format === 'legacy' && (counts[0] ?? 0) <= 0 ? [1] : counts);

/** The sums of one tensor, matrix by matrix. Shorter where the file has become shorter. */
export function readSums(source: ByteSource, { sumsOffset, rowLength, counts }: ImatrixEntry): Float32Array {
  const sums = new Float32Array(rowLength * counts.length);
  const read = source.read(sumsOffset, new Uint8Array(sums.buffer));
  return sums.subarray(0, Math.floor(read / 4));
}
