// Sums of squares over rows of weights before and after quantizing, in double precision.
import type { ErrorSums } from '../protocol/quantizeErrors.ts';

export interface ErrorTally {
  add(rows: ComparedRows): void;
  sums(): Omit<ErrorSums, 'quantizeNanoseconds' | 'dequantizeNanoseconds'>;
}

export interface ComparedRows {
  /** Row after row. */
  readonly before: Float32Array;
  /** Null: the same. */
  readonly after: Float32Array | null;
  readonly rowLength: number;
  readonly rowCount: number;
  /** Values of columns, matrix after matrix; null: all count the same. */
  readonly importance: Float32Array | null;
  /** Of each row: where its columns begin in `importance`. */
  readonly columns: readonly number[];
}

export function createTally(): ErrorTally {
  const rowSquares: number[] = [];
  const rowErrors: number[] = [];
  let [weights, squares, errorSquares, largestError] = [0, 0, 0, 0];
  let weighted: ErrorSums['weighted'] = null;
  return {
    add(rows) {
      const { before, after, rowLength, rowCount, importance, columns } = rows;
      for (let row = 0; row < rowCount; row++) {
        const start = row * rowLength;
        let [rowSquare, rowError] = [0, 0];
        for (let at = start; at < start + rowLength; at++) {
          const weight = before[at] ?? 0;
          const error = after === null ? 0 : (after[at] ?? 0) - weight;
          rowSquare += weight * weight;
          rowError += error * error;
          largestError = Math.max(largestError, Math.abs(error));
        }
        squares += rowSquare;
        errorSquares += rowError;
        rowSquares.push(rowSquare);
        rowErrors.push(rowError);
      }
      weights += rowCount * rowLength;
      if (importance === null) return;
      let [weightedSquares, weightedErrors] = [weighted?.squares ?? 0, weighted?.errorSquares ?? 0];
      for (let row = 0; row < rowCount; row++) {
        const start = row * rowLength;
        const columnsStart = columns[row] ?? 0;
        for (let column = 0; column < rowLength; column++) {
          const weight = before[start + column] ?? 0;
          const error = after === null ? 0 : (after[start + column] ?? 0) - weight;
          const value = importance[columnsStart + column] ?? 0;
          weightedSquares += value * weight * weight;
          weightedErrors += value * error * error;
        }
      }
      weighted = { squares: weightedSquares, errorSquares: weightedErrors };
    },
    sums() {
      const ratio = squares === 0 ? 0 : errorSquares / squares;
      const rowSpread = rowErrors.reduce(
        (sum, error, row) => sum + (error - ratio * (rowSquares[row] ?? 0)) ** 2,
        0,
      );
      return { weights, rows: rowErrors.length, squares, errorSquares, weighted, largestError, rowSpread };
    },
  };
}

/** Whether the first `count` values are finite numbers: any other one times zero is none. */
export function areFinite(values: Float32Array, count: number): boolean {
  let zeros = 0;
  for (let at = 0; at < count; at++) zeros += (values[at] ?? 0) * 0;
  return zeros === 0;
}
