// Tensors as columns for the wire: one page of rows, below the size a message may have.
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import { TENSOR_STATES, type TensorColumns } from '../../protocol/modelView.ts';
import type { TableRow } from './tableOrder.ts';

/** Rows of the first page, sent with the model: enough for the first screen of any and for all of most models. */
export const FIRST_PAGE_ROWS = 2048;
const PAGE_ROWS = 8192;
/** Characters of names in one page: with the number columns it stays below 1 MiB. */
const PAGE_NAME_CHARACTERS = 400_000;
/** HQQ has 22 tensors for a matrix; more than fit the column exist only in hostile files. */
const MAX_PARTS = 255;
/** Longer names exist only in hostile files. */
const MAX_NAME = 4096;

/** @param typeIndex scheme name → index into the types of the view. */
export function tensorColumns(
  rows: readonly TableRow[],
  first: number,
  typeIndex: ReadonlyMap<string, number>,
  maxRows = PAGE_ROWS,
): TensorColumns {
  const names: string[] = [];
  let characters = 0;
  for (const { tensor } of rows.slice(first, first + maxRows)) {
    const name = shownName(tensor.name);
    characters += name.length;
    if (names.length > 0 && characters > PAGE_NAME_CHARACTERS) break;
    names.push(name);
  }
  const page = rows.slice(first, first + names.length);
  const column = <T>(make: { from(items: ArrayLike<number>): T }, value: (row: TableRow) => number): T =>
    make.from(page.map(value));
  return {
    first,
    count: page.length,
    names,
    type: column(Uint16Array, ({ tensor }) => typeIndex.get(tensor.scheme.name) ?? 0),
    role: column(Uint16Array, ({ role }) => role),
    group: column(Uint32Array, ({ group }) => group),
    layer: column(Int32Array, ({ tensor }) => tensor.place.layer ?? -1),
    rank: column(Uint8Array, ({ tensor }) => tensor.shape.length),
    dims: Float64Array.from(page.flatMap(({ tensor }) => tensor.shape)),
    weights: column(Float64Array, ({ tensor }) => tensor.elementCount),
    bytes: column(Float64Array, ({ tensor }) => tensor.byteLength ?? NaN),
    offset: column(Float64Array, ({ tensor }) => tensor.byteOffset),
    file: column(Uint16Array, ({ tensor }) => tensor.file),
    state: column(Uint8Array, ({ tensor }) => TENSOR_STATES.indexOf(tensor.state)),
    parts: column(Uint8Array, ({ tensor }) => Math.min(MAX_PARTS, tensor.packed?.parts.length ?? 0)),
  };
}

/** A tensor's name as pages and reports show it. */
export const shownName = (name: string): string => shorten(visibleText(name), MAX_NAME);
