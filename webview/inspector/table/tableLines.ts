// The sums of the groups of the table, and its rows in the order of a column.
import { TENSOR_STATES, type ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows, TensorState } from '../../shared/tensors/rows.ts';
import { orderedLines, textRanks } from '../../shared/table/lines.ts';
import type { ColumnId, Sort } from '../state.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { inOutDims } from '../../shared/tensors/shape.ts';
import { isStatColumn, type StatColumn } from './statColumns.ts';

/** Sums over the rows of a group that the filter lets through. */
export interface GroupSums {
  readonly tensorCount: number;
  readonly weights: number;
  /** NaN where those of one of its rows are not known. */
  readonly bytes: number;
  /** Bytes over weights; NaN where those of one of its rows are not known. */
  readonly bits: number;
  readonly states: Readonly<Record<TensorState, number>>;
}

/** One per group that has rows shown; others are undefined. */
export type Sums = readonly (GroupSums | undefined)[];

export function sumGroups(model: ModelView, rows: Rows, matches: Uint8Array | null): Sums {
  const { bits } = measuresOf(model, rows);
  const sums: (Summing | undefined)[] = new Array<undefined>(model.groups.length).fill(undefined);
  for (let row = 0; row < rows.count; row++) {
    if (matches !== null && matches[row] === 0) continue;
    const sum = (sums[rows.group[row] ?? 0] ??= nothingSummed());
    const bytes = rows.bytes[row] ?? NaN;
    sum.tensorCount += 1;
    sum.weights += rows.weights[row] ?? 0;
    sum.bytes += bytes;
    sum.bits += Number.isNaN(bits[row]) ? NaN : bytes * 8;
    sum.states[TENSOR_STATES[rows.state[row] ?? 0] ?? 'whole'] += 1;
  }
  for (const sum of sums) if (sum !== undefined) sum.bits /= sum.weights;
  return sums;
}

type Summing = { -readonly [K in keyof GroupSums]: GroupSums[K] } & { states: Record<TensorState, number> };

const nothingSummed = (): Summing => ({
  tensorCount: 0,
  weights: 0,
  bytes: 0,
  bits: 0,
  states: { whole: 0, cut: 0, missing: 0, invalid: 0 },
});

/**
 * All rows in the order of a column; what is not known comes last, equals stay in table order.
 * @param statKeys Numbers by row, for a column of the analysis.
 */
export function sortedLines(
  model: ModelView,
  rows: Rows,
  matches: Uint8Array | null,
  { column, descending }: Sort,
  statKeys: Float64Array | null = null,
): Int32Array {
  const keys = isStatColumn(column) ? (statKeys ?? NO_KEYS) : sortKeys(model, rows, column);
  return orderedLines(keys, rows, matches, descending);
}

/** Nothing is known of any row: they stay in table order. */
const NO_KEYS = new Float64Array(0);

/** Columns of the header, which stay as they are; those of the analysis grow. */
type OwnColumn = Exclude<ColumnId, StatColumn>;
const sortKeysOf = new WeakMap<Rows, Map<OwnColumn, ArrayLike<number>>>();

/** A number per row that orders like the column. Computed once per column. */
function sortKeys(model: ModelView, rows: Rows, column: OwnColumn): ArrayLike<number> {
  let columns = sortKeysOf.get(rows);
  if (columns === undefined) sortKeysOf.set(rows, (columns = new Map<OwnColumn, ArrayLike<number>>()));
  let keys = columns.get(column);
  if (keys === undefined) columns.set(column, (keys = computeSortKeys(model, rows, column)));
  return keys;
}

function computeSortKeys(model: ModelView, rows: Rows, column: OwnColumn): ArrayLike<number> {
  const ranked = (texts: readonly string[], indexes: Uint16Array): Float64Array => {
    const ranks = textRanks(texts);
    return Float64Array.from(indexes, (index) => ranks[index] ?? NaN);
  };
  switch (column) {
    case 'name':
      return textRanks(rows.names);
    case 'layer':
      return Float64Array.from(rows.layer, (layer) => (layer < 0 ? NaN : layer));
    case 'role':
      return rows.role; // in map order, as people read a layer
    case 'type':
      return ranked(
        model.types.map(({ name }) => name),
        rows.type,
      );
    case 'file':
      return ranked(
        model.files.map(({ name }) => name),
        rows.file,
      );
    case 'bits':
      return measuresOf(model, rows).bits;
    case 'weights':
      return rows.weights;
    case 'bytes':
    case 'share':
      return rows.bytes;
    case 'offset':
      return rows.offset;
    case 'shape':
      return shapeRanks(model, rows);
  }
}

/** By the first side, then by the next. A model has few different shapes: those are ordered, and rows looked up. */
function shapeRanks(model: ModelView, rows: Rows): Float64Array {
  const shapes = new Map<string, readonly number[]>();
  const keys = rows.names.map((_, row) => {
    const dims = inOutDims(model, rows, row);
    const key = dims.join();
    shapes.set(key, dims);
    return key;
  });
  const ordered = [...shapes].sort(([, a], [, b]) => {
    const side = a.findIndex((size, index) => size !== b[index]);
    return side < 0 ? a.length - b.length : (a[side] ?? 0) - (b[side] ?? 0);
  });
  const ranks = new Map(ordered.map(([key], rank) => [key, rank]));
  return Float64Array.from(keys, (key) => ranks.get(key) ?? NaN);
}
