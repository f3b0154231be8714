// Sums of squares as errors that people read: of a tensor, of the tensors of a role, of a model.
import type { ErrorSums } from './errorEngine.ts';
import type { PlannedTensor } from './plan.ts';
import type { PredictedError, PredictedRole, PredictedSum, RelativeError } from './predict.ts';

/** @param elementCount weights of the whole tensor */
export function predictedError(sums: ErrorSums, elementCount: number): PredictedError {
  const { squares, errorSquares, weights, weighted, largestError } = sums;
  return {
    ...relative(squares, errorSquares),
    sqnrError: errorOfSqnr(sums, elementCount),
    isEstimate: weights < elementCount,
    sampledWeights: weights,
    largestError,
    weighted: weighted === null ? null : relative(weighted.squares, weighted.errorSquares),
  };
}

/** Where there are no weights but zeros, nothing is lost. */
function relative(squares: number, errorSquares: number): RelativeError {
  const ratio = squares === 0 ? 0 : errorSquares / squares;
  return { relativeRmse: Math.sqrt(ratio), sqnr: ratio === 0 ? null : -10 * Math.log10(ratio) };
}

/** The standard error of a ratio of two sums over sampled rows (Cochran, Sampling Techniques, 6.4), in dB. */
function errorOfSqnr(
  { rows, weights, squares, errorSquares, rowSpread }: ErrorSums,
  elementCount: number,
): number {
  if (errorSquares === 0 || rows < 2 || weights >= elementCount) return 0;
  const unseen = 1 - weights / elementCount;
  const ratioError = Math.sqrt(((unseen * rows) / (rows - 1)) * rowSpread) / squares;
  return ((10 / Math.LN10) * ratioError * squares) / errorSquares;
}

export interface MeasuredTensor {
  readonly tensor: PlannedTensor;
  /** Null: not known. */
  readonly sums: ErrorSums | null;
}

/** A tensor counts by all of its weights, as if those that were not measured were like the others. */
export function sumOf(all: readonly MeasuredTensor[]): PredictedSum {
  let [squares, errorSquares, weights, known] = [0, 0, 0, 0];
  let isEstimate = false;
  for (const { tensor, sums } of all) {
    if (sums === null) continue;
    const { elementCount } = tensor.source;
    const times = elementCount / sums.weights;
    squares += times * sums.squares;
    errorSquares += times * sums.errorSquares;
    weights += elementCount;
    known += 1;
    isEstimate ||= times > 1;
  }
  return { ...relative(squares, errorSquares), weights, known, tensors: all.length, isEstimate };
}

/** Roles of which a tensor changes, in the order of the tensors. */
export function roleSums(all: readonly MeasuredTensor[]): PredictedRole[] {
  const roles = new Map<string, { stack: string; role: string; members: MeasuredTensor[] }>();
  for (const one of all) {
    const { stack, role } = one.tensor.source.place;
    const key = `${stack}\n${role}`;
    const found = roles.get(key);
    if (found === undefined) roles.set(key, { stack, role, members: [one] });
    else found.members.push(one);
  }
  return [...roles.values()]
    .filter(({ members }) => members.some(({ tensor }) => tensor.from !== tensor.to))
    .map(({ stack, role, members }) => ({ stack, role, ...sumOf(members) }));
}
