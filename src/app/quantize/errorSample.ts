// Which rows of a tensor its error is measured on: whole rows, because blocks never reach over their ends, spread evenly over every
// matrix (expert), and the same ones every time.
import { internal } from '../../core/base/failure.ts';
import type { ImportanceRange } from '../../protocol/quantize.ts';
import type { ErrorSample } from '../../protocol/quantizeErrors.ts';
import { createRandom } from '../analysis/sampleRows.ts';
import type { PlannedTensor } from './plan.ts';

/** About so many weights of a tensor are measured: enough for 0.2 dB in nineteen of twenty tensors. */
export const SAMPLE_WEIGHTS = 2 ** 17;
/** Fewer rows would say little of the others. */
const MIN_ROWS = 32;

/** For the tensor and the type it is to have. @param limit weights up to which all rows are taken */
export function errorSample(
  { source, to, from }: PlannedTensor,
  importance: ImportanceRange | null,
  limit: number,
): ErrorSample {
  const { shape, elementCount, byteOffset, file, name } = source;
  const [rowLength = 1, rowsPerMatrix = 1] = shape;
  const rowCount = elementCount / rowLength;
  return {
    ...{ file, byteOffset, rowLength, rowsPerMatrix, rowCount, importance },
    sourceType: idOf(from),
    rows: sampledRows({ rowLength, rowsPerMatrix, rowCount }, limit, name),
    targetTypes: [idOf(to)],
  };
}

/** Numbers of rows, rising; null: all. @param seed the same choice for the same text */
export function sampledRows(
  { rowLength, rowsPerMatrix, rowCount }: Pick<ErrorSample, 'rowLength' | 'rowsPerMatrix' | 'rowCount'>,
  limit: number,
  seed: string,
): Uint32Array | null {
  if (rowLength * rowCount <= limit) return null;
  const matrices = rowCount / rowsPerMatrix;
  const wanted = Math.max(MIN_ROWS, Math.ceil(limit / rowLength));
  const ofEach = Math.ceil(wanted / matrices);
  if (ofEach >= rowsPerMatrix) return null;
  const random = createRandom(seed);
  const rows = new Uint32Array(ofEach * matrices);
  // One row of each of so many equal parts of a matrix: neighbors are often alike.
  for (let at = 0; at < rows.length; at++) {
    const matrix = Math.floor(at / ofEach);
    const part = ((at % ofEach) + random()) / ofEach;
    rows[at] = matrix * rowsPerMatrix + Math.floor(part * rowsPerMatrix);
  }
  return rows;
}

/** @throws Failure for a type that ggml does not know */
function idOf({ ggmlId, name }: PlannedTensor['to']): number {
  if (ggmlId === null) throw internal(`ggml has no type ${name}.`);
  return ggmlId;
}
