// What is predicted of the plan's tensors: columns as long as the table, filled as answers come. A new plan keeps what it can:
// a tensor that becomes the same as before loses the same.
import {
  ERROR_KINDS,
  type EstimateView,
  NO_WHY,
  type PredictedErrors,
  type PredictedSumView,
} from '../../src/protocol/requantize.ts';
import { formatFixed } from '../../src/core/base/units.ts';
import type { WholePlan } from './planned.ts';

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** By row; the arrays are filled in place: what comes makes a new object over the same arrays. */
export interface Errors {
  readonly plan: string;
  /** What to ask with next. */
  readonly serial: number;
  readonly state: PredictedErrors['state'];
  readonly done: number;
  readonly total: number;
  /** 1 + index into ERROR_KINDS; 0: not known yet. */
  readonly kind: Uint8Array;
  readonly sqnr: Float64Array;
  readonly sqnrError: Float64Array;
  readonly relativeRmse: Float64Array;
  readonly weightedSqnr: Float64Array;
  /** Index into `whys`, or NO_WHY. */
  readonly why: Uint16Array;
  readonly whys: readonly string[];
  readonly whole: PredictedSumView | null;
  readonly roles: PredictedErrors['roles'];
  readonly estimate: EstimateView | null;
  readonly notes: readonly string[];
  readonly failure: string;
}

export function noErrors(plan: string, rowCount: number): Errors {
  const column = (): Float64Array => new Float64Array(rowCount).fill(NaN);
  return {
    ...{ plan, serial: 0, state: 'running', done: 0, total: 0 },
    kind: new Uint8Array(rowCount),
    ...{ sqnr: column(), sqnrError: column(), relativeRmse: column(), weightedSqnr: column() },
    why: new Uint16Array(rowCount).fill(NO_WHY),
    ...{ whys: [], whole: null, roles: [], estimate: null, notes: [], failure: '' },
  };
}

/** Puts in what came; rows that the table does not have are left out. */
export function addErrors(errors: Errors, came: PredictedErrors): Errors {
  for (let index = 0; index < came.count; index++) {
    const row = came.row[index] ?? Infinity;
    if (row >= errors.kind.length) continue;
    errors.kind[row] = 1 + (came.kind[index] ?? 0);
    errors.sqnr[row] = came.sqnr[index] ?? NaN;
    errors.sqnrError[row] = came.sqnrError[index] ?? NaN;
    errors.relativeRmse[row] = came.relativeRmse[index] ?? NaN;
    errors.weightedSqnr[row] = came.weightedSqnr[index] ?? NaN;
    errors.why[row] = came.why[index] ?? NO_WHY;
  }
  const { serial, state, done, total, whys, whole, roles, estimate, notes, failure } = came;
  return { ...errors, serial, state, done, total, whys, whole, roles, estimate, notes, failure };
}

/** What of the errors of a plan holds for the next one: rows that get the same type with the same importance matrix. */
export function keptErrors(errors: Errors | null, before: WholePlan | null, next: WholePlan): Errors {
  const kept = noErrors(next.view.id, next.columns.count);
  if (errors === null || before === null || errors.plan !== before.view.id) return kept;
  if (before.view.imatrix?.path !== next.view.imatrix?.path) return kept;
  const typeAfter = next.view.types.map(({ name }) =>
    before.view.types.findIndex((type) => type.name === name),
  );
  for (let row = 0; row < kept.kind.length; row++) {
    if ((typeAfter[next.columns.to[row] ?? -1] ?? -1) !== before.columns.to[row]) continue;
    if (kindOf(errors, row) === 'unavailable') continue;
    for (const name of ['kind', 'sqnr', 'sqnrError', 'relativeRmse', 'weightedSqnr'] as const)
      kept[name][row] = errors[name][row] ?? NaN;
  }
  return kept;
}

/** null: not known yet. */
export const kindOf = (errors: Errors | null, row: number): ErrorKind | null =>
  ERROR_KINDS[(errors?.kind[row] ?? 0) - 1] ?? null;

/** "≈ 31.2", "31.2", "exact", "–"; "…" while it is pending. */
export function sqnrText(kind: ErrorKind | null, sqnr: number, pending: string): string {
  if (kind === null) return pending;
  if (kind === 'unavailable' || Number.isNaN(sqnr)) return '–';
  if (sqnr === Infinity) return 'exact';
  return `${kind === 'estimate' ? '≈ ' : ''}${formatFixed(sqnr, 1)}`;
}

/** The relative error in percent: "≈ 2.75", "0" where nothing is lost. */
export function relativeText(kind: ErrorKind | null, relative: number, pending: string): string {
  if (kind === null) return pending;
  if (kind === 'unavailable' || Number.isNaN(relative)) return '–';
  if (relative === 0) return '0';
  return `${kind === 'estimate' ? '≈ ' : ''}${formatFixed(relative * 100, 2)}`;
}

/** Of a role or of the whole: "≈ 23.0 dB", "exact"; '' while nothing is known. */
export function sumText({ sqnr, known, tensors, isEstimate }: PredictedSumView): string {
  if (known === 0) return '';
  if (sqnr === null) return known < tensors ? '' : 'exact';
  return `${isEstimate || known < tensors ? '≈ ' : ''}${formatFixed(sqnr, 1)} dB`;
}
