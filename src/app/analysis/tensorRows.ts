// How the weights of a tensor are gone through: rows, ranges of rows for one thread each, and spans, whose extremes are kept.
import { packedLines } from '../../core/quant/packed/decoder.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { PackedMatrix } from '../../core/quant/packed/packing.ts';
import type { TensorData } from './tensorData.ts';

/** Rows from `from` to before `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export interface RowLayout {
  readonly rowWeights: number;
  /** Columns of a tally of them. */
  readonly columnCount: number;
  /** The last row may be short. */
  readonly rowCount: number;
  readonly elementCount: number;
  /** Are the rows those of the tensor, so that their columns are input channels? */
  readonly isOwn: boolean;
  /** Rows of one expert of a tensor of experts; else null. */
  readonly expertRows: number | null;
}

/** Longer rows are cut: a window is at least a row. */
const MAX_ROW_BYTES = 2 ** 23;
/** The kernel has as many columns. */
const MAX_ROW_WEIGHTS = 2 ** 20;
/** Weights of the rows that a tensor is cut into where its own do not do: whole blocks and bytes of every type. */
const CUT_WEIGHTS = 2 ** 16;
/** Spans are small, so that few of them have an outlier; and large beside the 8 bytes that are kept of each. */
const SPAN_WEIGHTS = 2 ** 14;

/**
 * The rows of a tensor as the kernel can take them: its own, where they end at a block and a byte and are not too long. Of a packed
 * matrix the lines its codes are stored in, which are input channels for some packings.
 */
export function rowLayout(data: TensorData): RowLayout {
  const { tensor, rowWeights } = data;
  if (tensor.packed !== null) return packedRowLayout(data, tensor.packed.matrix);
  const { scheme, elementCount, shape, place } = tensor;
  const rowBytes = bytesOf(scheme, rowWeights);
  const endsWell = rowWeights % scheme.blockWeights === 0 && Number.isInteger(rowBytes);
  const isOwn = endsWell && rowBytes <= MAX_ROW_BYTES && rowWeights <= MAX_ROW_WEIGHTS;
  const weights = isOwn ? rowWeights : CUT_WEIGHTS;
  const hasExperts = isOwn && shape.length === 3 && place.role.endsWith('exps');
  return {
    rowWeights: weights,
    columnCount: weights,
    rowCount: Math.ceil(elementCount / weights),
    elementCount,
    isOwn,
    expertRows: hasExperts ? (shape[1] ?? null) : null, // the middle one in the order of either container
  };
}

function packedRowLayout({ tensor }: TensorData, matrix: PackedMatrix): RowLayout {
  const { lines, lineWeights } = packedLines(matrix);
  return {
    rowWeights: lineWeights,
    columnCount: matrix.columns,
    rowCount: matrix.matrices * lines,
    elementCount: tensor.elementCount,
    isOwn: true,
    expertRows: matrix.matrices > 1 ? lines : null,
  };
}

/** Bytes of some rows; of a packed matrix their part of all that it takes. */
export const rangeBytes = ({ tensor }: TensorData, layout: RowLayout, rows: RowRange): number =>
  tensor.packed === null
    ? bytesOf(tensor.scheme, weightsIn(layout, rows))
    : ((tensor.byteLength ?? 0) * (rows.to - rows.from)) / layout.rowCount;

export const bytesOf = ({ blockWeights, blockBytes }: Scheme, weights: number): number =>
  (weights / blockWeights) * (blockBytes ?? NaN);

/** All rows of a tensor. */
export const allRows = (data: TensorData): RowRange => ({ from: 0, to: rowLayout(data).rowCount });

/** The rows of a tensor in ranges of about `byteLength`, at least a row each; an expert lies in one range. */
export function splitRows(data: TensorData, byteLength: number): RowRange[] {
  const layout = rowLayout(data);
  const { packed } = data.tensor;
  // Lines of a packed matrix share bytes.
  const unit = layout.expertRows ?? (packed === null ? 1 : packedLines(packed.matrix).step);
  const unitBytes = rangeBytes(data, layout, { from: 0, to: unit });
  const rows = unit * Math.max(1, Math.floor(byteLength / unitBytes));
  return Array.from({ length: Math.ceil(layout.rowCount / rows) }, (_item, index) => ({
    from: index * rows,
    to: Math.min(layout.rowCount, (index + 1) * rows),
  }));
}

/** Weights before a row. */
export const firstWeight = ({ rowWeights, elementCount }: RowLayout, row: number): number =>
  Math.min(elementCount, row * rowWeights);

export const weightsIn = (layout: RowLayout, { from, to }: RowRange): number =>
  firstWeight(layout, to) - firstWeight(layout, from);

/** The spans of a range, one after the other; none has weights of two experts. The same every time. */
export function* spansOf(layout: RowLayout, { from, to }: RowRange): Generator<RowRange> {
  const spanRows = Math.max(1, Math.floor(SPAN_WEIGHTS / layout.rowWeights));
  for (let row = from; row < to;) {
    const end = Math.min(row + spanRows, to, expertEnd(layout, row));
    yield { from: row, to: end };
    row = end;
  }
}

/** Where the expert of a row ends; Infinity where there are no experts. */
export const expertEnd = ({ expertRows }: RowLayout, row: number): number =>
  expertRows === null ? Infinity : (Math.floor(row / expertRows) + 1) * expertRows;

/** Spans that are read together: neighbors, of `byteLength` at most, or one. */
export function* windowsOf(
  spans: Iterable<RowRange>,
  layout: RowLayout,
  scheme: Scheme,
  byteLength: number,
): Generator<readonly RowRange[]> {
  const most = Math.max(1, Math.floor(byteLength / bytesOf(scheme, layout.rowWeights)));
  let window: RowRange[] = [];
  for (const span of spans) {
    const [first, last] = [window[0], window.at(-1)];
    if (first && last && (last.to !== span.from || span.to - first.from > most)) {
      yield window;
      window = [];
    }
    window.push(span);
  }
  if (window.length > 0) yield window;
}
