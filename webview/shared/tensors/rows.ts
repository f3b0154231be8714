// The tensors of the open model as columns, row by row in table order. Grows page by page; never an object per tensor.
import { TENSOR_STATES, type TensorColumns } from '../../../src/protocol/modelView.ts';

export type TensorState = (typeof TENSOR_STATES)[number];

export interface Rows {
  /** Rows that have arrived. */
  readonly count: number;
  /** Rows that the model has. */
  readonly total: number;
  readonly names: readonly string[];
  readonly type: Uint16Array;
  readonly role: Uint16Array;
  readonly group: Uint32Array;
  readonly layer: Int32Array;
  readonly weights: Float64Array;
  readonly bytes: Float64Array;
  readonly offset: Float64Array;
  readonly file: Uint16Array;
  readonly state: Uint8Array;
  /** How many stored tensors each is made of; 0: it is stored as it is. */
  readonly parts: Uint8Array;
  readonly rank: Uint8Array;
  readonly dims: Float64Array;
  /** Where the dimensions of a row begin in `dims`. */
  readonly dimStart: Uint32Array;
}

export const NO_ROWS: Rows = rowsOf([], 0);

/** All pages that have arrived, in order, as one set of columns. */
export function rowsOf(pages: readonly TensorColumns[], total: number): Rows {
  const rank = join(Uint8Array, pages, 'rank');
  const dimStart = new Uint32Array(rank.length);
  let start = 0;
  for (let row = 0; row < rank.length; row++) {
    dimStart[row] = start;
    start += rank[row] ?? 0;
  }
  return {
    count: rank.length,
    total,
    names: pages.length === 1 ? (pages[0]?.names ?? []) : pages.flatMap((page) => page.names),
    type: join(Uint16Array, pages, 'type'),
    role: join(Uint16Array, pages, 'role'),
    group: join(Uint32Array, pages, 'group'),
    layer: join(Int32Array, pages, 'layer'),
    weights: join(Float64Array, pages, 'weights'),
    bytes: join(Float64Array, pages, 'bytes'),
    offset: join(Float64Array, pages, 'offset'),
    file: join(Uint16Array, pages, 'file'),
    state: join(Uint8Array, pages, 'state'),
    parts: join(Uint8Array, pages, 'parts'),
    rank,
    dims: join(Float64Array, pages, 'dims'),
    dimStart,
  };
}

/** Bits per weight of one row; NaN where its bytes are not known. */
export function rowBits(rows: Rows, row: number): number {
  return ((rows.bytes[row] ?? NaN) * 8) / (rows.weights[row] ?? NaN);
}

export function rowDims(rows: Rows, row: number): number[] {
  const start = rows.dimStart[row] ?? 0;
  return Array.from(rows.dims.subarray(start, start + (rows.rank[row] ?? 0)));
}

export function rowState(rows: Rows, row: number): TensorState {
  return TENSOR_STATES[rows.state[row] ?? 0] ?? 'whole';
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;
type NumberColumn = {
  [K in keyof TensorColumns]: TensorColumns[K] extends Numbers ? K : never;
}[keyof TensorColumns];

function join<T extends Numbers>(
  make: new (length: number) => T,
  pages: readonly TensorColumns[],
  column: NumberColumn,
): T {
  const only = pages.length === 1 ? pages[0]?.[column] : undefined;
  if (only instanceof make) return only;
  const joined = new make(pages.reduce((sum, page) => sum + page[column].length, 0));
  let at = 0;
  for (const page of pages) {
    joined.set(page[column], at);
    at += page[column].length;
  }
  return joined;
}
