// The rows of a tensor that a sample asks for, read from its file in batches of a bounded size.
import { readSync } from 'node:fs';
import { notReadable } from '../core/base/failure.ts';
import type { ErrorSample } from '../protocol/quantizeErrors.ts';

/** So many weights are worked on at once, or one row. */
const BATCH_WEIGHTS = 2 ** 17;

export interface SampledFile {
  readonly path: string;
  readonly descriptor: number;
}

/** Rows that follow each other in one matrix. */
export interface RowRun {
  /** Number of the first among all rows of the tensor. */
  readonly from: number;
  readonly count: number;
}

/** Runs in the order of their numbers; each batch fits `rowsOfBatch` rows. */
export function* rowBatches(sample: ErrorSample): Generator<readonly RowRun[]> {
  const { rows, rowCount, rowsPerMatrix } = sample;
  const count = rows?.length ?? rowCount;
  const limit = rowsOfBatch(sample);
  for (let first = 0; first < count; first += limit) {
    const runs: { from: number; count: number }[] = [];
    for (let at = first; at < Math.min(count, first + limit); at++) {
      const row = rows?.[at] ?? at;
      const last = runs.at(-1);
      if (last !== undefined && last.from + last.count === row && row % rowsPerMatrix !== 0) last.count += 1;
      else runs.push({ from: row, count: 1 });
    }
    yield runs;
  }
}

export const rowsOfBatch = ({ rows, rowCount, rowLength }: ErrorSample): number =>
  Math.max(1, Math.min(rows?.length ?? rowCount, Math.floor(BATCH_WEIGHTS / rowLength)));

/**
 * Fills `target` with the rows of the runs, one after the other.
 * @throws Failure not-readable when the file ends before
 */
export function readRuns(
  file: SampledFile,
  { byteOffset }: ErrorSample,
  runs: readonly RowRun[],
  rowBytes: number,
  target: Uint8Array,
): void {
  let at = 0;
  for (const { from, count } of runs) {
    const end = at + count * rowBytes;
    for (let offset = byteOffset + from * rowBytes; at < end;) {
      const read = readSync(file.descriptor, target, at, end - at, offset);
      if (read === 0) throw notReadable(file.path, 'it became shorter while it was read');
      at += read;
      offset += read;
    }
  }
}
