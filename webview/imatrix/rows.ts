// The rows of an importance matrix, put together from the pages that they come in.
import {
  IMPORTANCE_NUMBERS,
  type ImatrixRows,
  type ImportanceNumber,
} from '../../src/protocol/imatrixView.ts';

export type AllRows = Omit<ImatrixRows, 'first'>;

export const NO_ROWS: AllRows = {
  names: [],
  role: new Uint16Array(),
  layer: new Int32Array(),
  width: new Float64Array(),
  matrices: new Uint32Array(),
  seen: new Uint32Array(),
  tokens: new Float64Array(),
  fewest: new Float64Array(),
  numbers: Object.fromEntries(IMPORTANCE_NUMBERS.map((name) => [name, new Float64Array()])) as Record<
    ImportanceNumber,
    Float64Array
  >,
};

/** The rows so far and a page that begins where they end. */
export function joinedRows(rows: AllRows, page: ImatrixRows): AllRows {
  return {
    names: [...rows.names, ...page.names],
    role: joined(new Uint16Array(rows.role.length + page.role.length), rows.role, page.role),
    layer: joined(new Int32Array(rows.layer.length + page.layer.length), rows.layer, page.layer),
    width: joinedFloats(rows.width, page.width),
    matrices: joined(
      new Uint32Array(rows.matrices.length + page.matrices.length),
      rows.matrices,
      page.matrices,
    ),
    seen: joined(new Uint32Array(rows.seen.length + page.seen.length), rows.seen, page.seen),
    tokens: joinedFloats(rows.tokens, page.tokens),
    fewest: joinedFloats(rows.fewest, page.fewest),
    numbers: Object.fromEntries(
      IMPORTANCE_NUMBERS.map((name) => [name, joinedFloats(rows.numbers[name], page.numbers[name])]),
    ) as Record<ImportanceNumber, Float64Array>,
  };
}

const joinedFloats = (one: Float64Array, other: Float64Array): Float64Array =>
  joined(new Float64Array(one.length + other.length), one, other);

interface Settable {
  set(items: ArrayLike<number>, offset?: number): void;
}

function joined<T extends Settable>(all: T, one: ArrayLike<number>, other: ArrayLike<number>): T {
  all.set(one);
  all.set(other, one.length);
  return all;
}
