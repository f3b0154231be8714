// The stored tensors of a packed matrix as a decoder reads them: which one has which use, its bytes and its numbers.
import { undecodable } from '../../base/failure.ts';
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

/** Numbers of a part that is read whole, at most: tables, codebooks, scales that stand the other way round. */
const MAX_NUMBERS = 2 ** 24;

/** All numbers of a small part. @throws Failure for one that is not small */
export function allNumbers(part: Part): Float32Array {
  if (part.count > MAX_NUMBERS) throw undecodable(`one of its tables has ${part.count} numbers`);
  return numbersOf(part.scheme, part.read(0, part.byteLength), part.count);
}

/** The first number of a part. @throws Failure when it is empty */
export function firstNumber(part: Part, what: string): number {
  if (part.count < 1) throw undecodable(`its ${what} are empty`);
  return numbersOf(part.scheme, part.read(0, Math.ceil(part.scheme.blockBytes ?? 0)), 1)[0] ?? NaN;
}

/** Bytes of a number. @throws Failure for types below a byte, of which neighbors share one: nobody stores scales so */
export function numberBytes({ name, blockBytes }: Scheme): number {
  if (blockBytes === null || !Number.isInteger(blockBytes))
    throw undecodable(`numbers of the type ${name} are read for codes only`);
  return blockBytes;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Numbers of a plain type as F32. What has a value of its own in 32 bits keeps it.
 * @throws Failure for types that are no plain numbers
 */
export function numbersOf(scheme: Scheme, bytes: Uint8Array, count: number): Float32Array {
  numberBytes(scheme);
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
