// The stored tensors of a packed matrix as a decoder reads them: numbers of a part, and rows of numbers, of which only those in use are
// held.
import { type Failure, undecodable } from '../../base/failure.ts';
import { decoderOf } from '../decode/decoders.ts';
import { halfValue } from '../decode/floats.ts';
import type { Scheme } from '../scheme.ts';
import type { PackedMatrix, PackedPart, PartUse } from './packing.ts';

/**
 * Reads bytes of a part, which is named by its index in `PackedMatrix.parts`. The answer may be overwritten by the next call.
 * @throws Failure not-readable when the file ends inside
 */
export type PartReader = (part: number, byteOffset: number, byteLength: number) => Uint8Array;

/** One part of one of the stacked matrices. */
export interface Part {
  /** Index in `PackedMatrix.parts`. */
  readonly index: number;
  readonly scheme: Scheme;
  /** Without the dimension of the stacked matrices, where there are several. */
  readonly shape: readonly number[];
  /** Numbers in it. */
  readonly count: number;
  /** Bytes of this matrix; where they begin in the stored tensor. */
  readonly byteLength: number;
  readonly byteOffset: number;
  /** @throws RangeError outside of the part: a decoder has to know its bounds */
  readonly read: (byteOffset: number, byteLength: number) => Uint8Array;
}

/** Part of a use; undefined where there is none. */
export type Parts = (use: PartUse) => Part | undefined;

/** @param matrix which one of the stacked matrices */
export function partsOf(
  { parts, matrices }: Pick<PackedMatrix, 'parts' | 'matrices'>,
  matrix: number,
  read: PartReader,
): Parts {
  return (use) => {
    const index = parts.findIndex((part) => part.use === use);
    const part = parts[index];
    return part === undefined ? undefined : partOf(part, index, matrices, matrix, read);
  };
}

function partOf(
  { scheme, shape }: PackedPart,
  index: number,
  matrices: number,
  matrix: number,
  read: PartReader,
): Part {
  // A table may serve all matrices.
  const isStacked = matrices > 1 && shape[0] === matrices;
  const own = isStacked ? shape.slice(1) : shape;
  const count = own.reduce((product, length) => product * length, 1);
  const byteLength = Math.floor(count * (scheme.blockBytes ?? 0));
  const byteOffset = isStacked ? matrix * byteLength : 0;
  return {
    index,
    scheme,
    shape: own,
    count,
    byteLength,
    byteOffset,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > byteLength)
        throw new RangeError(`Bytes ${offset} to ${offset + length} of a part of ${byteLength}.`);
      return read(index, byteOffset + offset, length);
    },
  };
}

/** @throws Failure where there is none */
export function need(parts: Parts, use: PartUse, what: string): Part {
  const part = parts(use);
  if (part === undefined) throw undecodable(`its ${what} are missing`);
  return part;
}

/** @throws Failure when a part holds fewer bytes than its decoder will read */
export function checkBytes(part: Part, bytes: number, what: string): void {
  if (!(part.byteLength >= bytes))
    throw undecodable(`its ${what} take ${part.byteLength} bytes where its shape needs ${bytes}`);
}

/** All numbers of a small part. */
export const allNumbers = (part: Part): Float32Array =>
  numbersOf(part.scheme, part.read(0, part.byteLength), part.count);

/** The first number of a part. @throws Failure when it is empty */
export function firstNumber(part: Part, what: string): number {
  if (part.count < 1) throw undecodable(`its ${what} are empty`);
  return numbersOf(part.scheme, part.read(0, Math.ceil(part.scheme.blockBytes ?? 0)), 1)[0] ?? NaN;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Numbers of a plain type as F32. What has a value of its own in 32 bits keeps it.
 * @throws Failure for types that are no plain numbers
 */
export function numbersOf(scheme: Scheme, bytes: Uint8Array, count: number): Float32Array {
  const numbers = new Float32Array(count);
  const quick = LITTLE_ENDIAN ? QUICK[scheme.name] : undefined;
  if (quick !== undefined) {
    quick(bytes, numbers);
    return numbers;
  }
  const decode = decoderOf(scheme);
  if (decode === null) throw undecodable(`numbers of the type ${scheme.name} are not known`);
  decode(bytes, 0, count, numbers, 0, 'little');
  return numbers;
}

/** Scales are many: a table and a loop instead of a function for each. */
const QUICK: Readonly<Partial<Record<string, (bytes: Uint8Array, into: Float32Array) => void>>> = {
  F32(bytes, into) {
    into.set(new Float32Array(aligned(bytes, 4), 0, into.length));
  },
  F16(bytes, into) {
    halves ??= Float32Array.from({ length: 65_536 }, (_item, code) => halfValue(code));
    const codes = new Uint16Array(aligned(bytes, 2), 0, into.length);
    for (let at = 0; at < into.length; at++) into[at] = halves[codes[at] ?? 0] ?? NaN;
  },
  BF16(bytes, into) {
    const codes = new Uint16Array(aligned(bytes, 2), 0, into.length);
    const patterns = new Uint32Array(into.buffer);
    for (let at = 0; at < into.length; at++) patterns[at] = (codes[at] ?? 0) << 16;
  },
  U8(bytes, into) {
    for (let at = 0; at < into.length; at++) into[at] = bytes[at] ?? 0;
  },
};
let halves: Float32Array | null = null;

/** A copy that begins at the beginning of its buffer, with whole numbers of `size` bytes. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  const copy = new Uint8Array(Math.ceil(bytes.length / size) * size);
  copy.set(bytes);
  return copy.buffer;
}

/** Floats of 8 bits by a table, for types whose bytes are stored as U8. */
export function byTable(bytes: Uint8Array, table: Float64Array): Float32Array {
  const numbers = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) numbers[at] = table[bytes[at] ?? 0] ?? NaN;
  return numbers;
}

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
  const unitBytes = length * (part.scheme.blockBytes ?? NaN);
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
  const size = part.scheme.blockBytes ?? NaN;
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
