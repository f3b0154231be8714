// A number of the tensors of each role over the layers.
import type { ImatrixView } from '../../../src/protocol/imatrixView.ts';
import type { AllRows } from '../rows.ts';
import { columnOf, type ColumnId } from '../table/columns.ts';

/** What can be followed over depth. */
export const DEPTH_MEASURES = [
  'entropyShare',
  'effective',
  'total',
  'mean',
  'max',
  'outliers',
  'topShare',
  'zScoreShare',
  'cosine',
  'coverage',
] as const satisfies readonly ColumnId[];

export interface RoleDepth {
  readonly label: string;
  readonly title: string;
  /** By layer; NaN where there is none, or it is not known. */
  readonly values: Float64Array;
  /** Row of each layer, −1 where there is none. */
  readonly rows: Int32Array;
}

/** Of hostile files; models have some dozens of roles. */
const MAX_CHARTS = 64;

/** Roles with a tensor in some layer, in the order of the model map; of several of one layer the last counts. */
export function depthsOf(
  { roles, layerCount }: Pick<ImatrixView, 'roles' | 'layerCount'>,
  rows: AllRows,
  measure: ColumnId,
): RoleDepth[] {
  const column = columnOf(measure);
  return roles.slice(0, MAX_CHARTS).flatMap(({ label, title }, role) => {
    const own = new Int32Array(layerCount).fill(-1);
    const values = new Float64Array(layerCount).fill(NaN);
    for (const [row, layer] of rows.layer.entries()) {
      if (rows.role[row] !== role || layer < 0 || layer >= layerCount) continue;
      own[layer] = row;
      values[layer] = column?.value(rows, row) ?? NaN;
    }
    return own.some((row) => row >= 0) ? [{ label, title, values, rows: own }] : [];
  });
}
