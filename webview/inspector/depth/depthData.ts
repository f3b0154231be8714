// How the weights of a role change from layer to layer: what the charts over depth draw, from the results so far.
import { QUANTILE_LEVELS } from '../../../src/protocol/analysis.ts';
import type { ModelView, RoleView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import { statsKnown, type Stats } from '../stats.ts';

/** A role of the layers, with one entry for each layer of the model. */
export interface RoleDepth {
  readonly role: RoleView;
  /** Rows of the table, by layer: several where experts are stored one by one. */
  readonly rows: readonly (readonly number[])[];
  /** By level of QUANTILE_LEVELS, then by layer; NaN where not known. */
  readonly quantiles: readonly Float64Array[];
  /** Share of the weights beyond 3 σ, of all tensors of the layer together; NaN where not known. */
  readonly beyond3: Float64Array;
  /** Standard deviation; of several tensors the middle one. */
  readonly std: Float64Array;
  /** Layers whose numbers are all exact, and those that have any tensor. */
  readonly exactCount: number;
  readonly layerCount: number;
}

/** The roles of matrices in the layers, in the order of the map. Norms, biases and other vectors are left
 * out: they have no spread to speak of. */
export function depthOf(model: ModelView, rows: Rows, stats: Stats | null): RoleDepth[] {
  const layerCount = layersOf(rows);
  const byRole = model.roles.map(() => new Map<number, number[]>());
  for (let row = 0; row < rows.count; row++) {
    const layer = rows.layer[row] ?? -1;
    const cells = byRole[rows.role[row] ?? 0];
    if (layer < 0 || cells === undefined || (rows.rank[row] ?? 0) < 2) continue; // biases go with their matrices
    const cell = cells.get(layer);
    if (cell === undefined) cells.set(layer, [row]);
    else cell.push(row);
  }
  return model.roles.flatMap((role, index) => {
    const cells = byRole[index];
    if (!role.layered || role.thin || cells === undefined || cells.size === 0) return [];
    const members = Array.from({ length: layerCount }, (_item, layer) => cells.get(layer) ?? []);
    return [roleDepth(role, members, rows, stats)];
  });
}

/** Layers as numbered: those that have no tensors count, so that all charts have one axis. */
function layersOf(rows: Rows): number {
  let most = -1;
  for (let row = 0; row < rows.count; row++) most = Math.max(most, rows.layer[row] ?? -1);
  return most + 1;
}

function roleDepth(
  role: RoleView,
  members: readonly (readonly number[])[],
  rows: Rows,
  stats: Stats | null,
): RoleDepth {
  const perLayer = (of: (rowsOfLayer: readonly number[]) => number): Float64Array =>
    Float64Array.from(members, (rowsOfLayer) => (stats === null ? NaN : of(rowsOfLayer)));
  const inUse = members.filter((rowsOfLayer) => rowsOfLayer.length > 0);
  return {
    role,
    rows: members,
    quantiles: QUANTILE_LEVELS.map((_level, level) =>
      perLayer((own) => median(own.map((row) => stats?.quantiles[row * QUANTILE_LEVELS.length + level]))),
    ),
    beyond3: perLayer((own) => shareOf(own, rows.weights, stats?.beyond3)),
    std: perLayer((own) => median(own.map((row) => stats?.std[row]))),
    exactCount: inUse.filter((own) => own.every((row) => statsKnown(stats, row) === 'exact')).length,
    layerCount: inUse.length,
  };
}

/** The middle one of those that are known; NaN where none is. */
function median(values: readonly (number | undefined)[]): number {
  const known = values
    .filter((value): value is number => value !== undefined && !Number.isNaN(value))
    .sort((a, b) => a - b);
  return known[known.length >> 1] ?? NaN;
}

/** Sums over sums: never a mean of shares. */
function shareOf(own: readonly number[], weights: Float64Array, share: Float64Array | undefined): number {
  let [counted, all] = [0, 0];
  for (const row of own) {
    const value = share?.[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    counted += value * (weights[row] ?? 0);
    all += weights[row] ?? 0;
  }
  return all > 0 ? counted / all : NaN;
}
