// What follows from the columns of a model: bits per weight of every row, the whole a share is of, the unit of the bytes.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { formatFixed, type ByteUnit } from '../../../src/core/base/units.ts';
import type { Rows } from './rows.ts';

export interface Measures {
  /** Bits per weight of each row; NaN where its type is unknown or its declaration contradicts itself. */
  readonly bits: Float64Array;
  /** Bytes that shares are of: the whole file as its header promises it. */
  readonly wholeBytes: number;
  /** One unit for the column of bytes. */
  readonly unit: ByteUnit;
}

const known = new WeakMap<Rows, Measures>();

export function measuresOf(model: ModelView, rows: Rows): Measures {
  let measures = known.get(rows);
  if (measures === undefined) known.set(rows, (measures = measure(model, rows)));
  return measures;
}

function measure(model: ModelView, rows: Rows): Measures {
  const typeIsKnown = model.types.map((type) => type.bitsPerWeight !== null);
  const bits = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const trusted = typeIsKnown[rows.type[row] ?? 0] === true && rows.state[row] !== INVALID;
    bits[row] = trusted ? ((rows.bytes[row] ?? NaN) * 8) / (rows.weights[row] ?? NaN) : NaN;
  }
  const wholeBytes = Math.max(model.fileBytes, model.expectedBytes ?? 0);
  return { bits, wholeBytes, unit: columnUnit(wholeBytes) };
}

/** Index of 'invalid' in TENSOR_STATES. */
const INVALID = 3;

/** Tensors are about a hundredth of their file: the unit in which most of them have digits on both sides of the point. */
export function columnUnit(fileBytes: number): ByteUnit {
  if (fileBytes >= 1e12) return { unit: 'GB', divisor: 1e9 };
  if (fileBytes >= 1e8) return { unit: 'MB', divisor: 1e6 };
  if (fileBytes >= 1e4) return { unit: 'kB', divisor: 1e3 };
  return { unit: 'B', divisor: 1 };
}

/** Bytes in the column's unit: two decimals, none for plain bytes, "<0.01" for less, "–" where not known. */
export function formatInUnit(bytes: number, { divisor }: ByteUnit): string {
  if (Number.isNaN(bytes)) return '–';
  if (divisor === 1) return formatFixed(bytes, 0);
  return bytes > 0 && bytes / divisor < 0.005 ? '<0.01' : formatFixed(bytes / divisor, 2);
}
