// Rows of numbers of a packed matrix, of which only those in use are decoded and held: there may be millions of scales.
import { type Failure, undecodable } from '../../base/failure.ts';
import { checkBytes, numberBytes, numbersOf, type Part } from './parts.ts';

/** Rows of numbers made of rows of bytes. */
export interface Rows {
  readonly count: number;
  /** Numbers of a row; not to be written to. @throws Failure for a row that is not there */
  row(index: number): Float32Array;
  /** Where the bytes of number `at` of a row lie; null where it has none of its own. */
  placeOf(index: number, at: number): NumberPlace | null;
}

/** Bytes of a number; those of codes share theirs with neighbors. */
export interface NumberPlace {
  /** Index in `PackedMatrix.parts`. */
  readonly part: number;
  /** From the start of the stored tensor. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Bytes around bits of a part. */
export function bitsPlace({ index, byteOffset }: Part, bit: number, bits: number): NumberPlace {
  const first = Math.floor(bit / 8);
  return { part: index, byteOffset: byteOffset + first, byteLength: Math.ceil((bit + bits) / 8) - first };
}

export interface RowSource {
  readonly part: Part;
  readonly count: number;
  /** Numbers of a row. */
  readonly length: number;
  /** Rows that lie in the same bytes: 8 of codes of 4 bits that are packed across rows; else 1. */
  readonly unitRows?: number;
  /** Bytes of these rows. */
  readonly unitBytes: number;
  /** Bits of a number; default: those of plain numbers. 0: its bits do not lie side by side with those of its neighbors. */
  readonly numberBits?: number;
  /** Which of the stored numbers of a row it is. */
  readonly storedAt?: (at: number) => number;
  /** Numbers of some units, row by row. */
  readonly decode: (bytes: Uint8Array, units: number) => Float32Array;
}

/** Numbers that are decoded at a time, as far as a part has as many. */
const WINDOW_NUMBERS = 2 ** 14;
/** Bytes of numbers that are held. The scales of the largest matrices there are take a third of it. */
const HELD_BYTES = 2 ** 26;

/** Rows that are decoded when they are asked for; the last ones are held. */
export function createRows(source: RowSource): Rows {
  const { part, count, length, unitRows = 1, unitBytes, decode } = source;
  const { numberBits = 8 * (part.scheme.blockBytes ?? 0), storedAt = (at) => at } = source;
  const unitCount = Math.ceil(count / unitRows);
  const windowUnits = Math.max(1, Math.floor(WINDOW_NUMBERS / Math.max(1, length * unitRows)));
  const mostWindows = Math.max(
    2,
    Math.floor(HELD_BYTES / (4 * windowUnits * unitRows * Math.max(1, length))),
  );
  const held = new Map<number, Float32Array>();
  let last = -1;
  let window: Float32Array = new Float32Array();
  return {
    count,
    row(index) {
      if (!(index >= 0 && index < count)) throw noGroup(index, count);
      const unit = Math.floor(index / unitRows);
      const number = Math.floor(unit / windowUnits);
      if (number !== last) {
        window = held.get(number) ?? load(number * windowUnits);
        held.delete(number);
        held.set(number, window); // the last one used stands last
        const [oldest] = held.keys();
        if (held.size > mostWindows && oldest !== undefined) held.delete(oldest);
        last = number;
      }
      const first = (index - number * windowUnits * unitRows) * length;
      return window.subarray(first, first + length);
    },
    placeOf: (index, at) =>
      numberBits === 0 || unitRows > 1
        ? null
        : bitsPlace(part, 8 * index * unitBytes + storedAt(at) * numberBits, numberBits),
  };

  function load(first: number): Float32Array {
    const units = Math.min(windowUnits, unitCount - first);
    return decode(part.read(first * unitBytes, units * unitBytes), units);
  }
}

const noGroup = (index: number, count: number): Failure =>
  undecodable(`it names the group ${index}, but there are ${count}`);

/** Rows of plain numbers. @throws Failure when the part is too small for them */
export function plainRows(part: Part, count: number, length: number, what: string): Rows {
  const unitBytes = length * numberBytes(part.scheme);
  checkBytes(part, count * unitBytes, what);
  return createRows({
    part,
    count,
    length,
    unitBytes,
    decode: (bytes, rows) => numbersOf(part.scheme, bytes, rows * length),
  });
}

/** Numbers of one long row: of blocks that do not end with the rows of the matrix. */
export interface LongRow {
  /** Fewer at the end of the row. Valid until the next call. */
  from(first: number, count: number): Float32Array;
  placeOf(at: number): NumberPlace;
}

/** Numbers of a long row that are decoded at a time. */
const LONG_ROW_NUMBERS = 1024;

export function longRow(
  part: Part,
  count: number,
  what: string,
  decode: (bytes: Uint8Array, count: number, first: number) => Float32Array = (bytes, numbers) =>
    numbersOf(part.scheme, bytes, numbers),
): LongRow {
  const size = numberBytes(part.scheme);
  checkBytes(part, count * size, what);
  let held: Float32Array = new Float32Array();
  let heldFrom = 0;
  return {
    placeOf: (at) => bitsPlace(part, 8 * at * size, 8 * size),
    from(first, wanted) {
      const last = Math.min(count, first + wanted);
      if (first < heldFrom || last > heldFrom + held.length) {
        const end = Math.min(count, Math.max(last, first + LONG_ROW_NUMBERS));
        held = decode(part.read(first * size, (end - first) * size), end - first, first);
        heldFrom = first;
      }
      return held.subarray(first - heldFrom, last - heldFrom);
    },
  };
}
