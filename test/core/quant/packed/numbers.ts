// Writes the tensors of a packed matrix from numbers: how each type encodes a number, apart from everything that reads it.
import type { Stored } from './stored.ts';

/** The half of a number that has one: 1 sign, 5 exponent, 10 mantissa. */
function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === 0) return sign;
  if (magnitude === Infinity) return sign | 0x7c00;
  const exponent = Math.floor(Math.log2(magnitude));
  const mantissa = (magnitude / 2 ** exponent - 1) * 1024;
  if (!Number.isInteger(mantissa) || exponent < -14 || exponent > 15)
    throw new Error(`${value} is no half of the tests.`);
  return sign | ((exponent + 15) << 10) | mantissa;
}

const WRITERS: Readonly<
  Record<string, readonly [size: number, write: (view: DataView, at: number, value: number) => void]>
> = {
  U8: [1, (view, at, value) => view.setUint8(at, value)],
  I8: [1, (view, at, value) => view.setInt8(at, value)],
  F8_E4M3: [1, (view, at, value) => view.setUint8(at, value)], // by code
  I16: [2, (view, at, value) => view.setInt16(at, value, true)],
  F16: [2, (view, at, value) => view.setUint16(at, halfBits(value), true)],
  I32: [4, (view, at, value) => view.setUint32(at, value, true)],
  U32: [4, (view, at, value) => view.setUint32(at, value, true)],
  F32: [4, (view, at, value) => view.setFloat32(at, value, true)],
};

/** A stored tensor of these numbers. */
export function tensor(dtype: string, shape: readonly number[], numbers: readonly number[]): Stored {
  const writer = WRITERS[dtype];
  if (writer === undefined) throw new Error(`The tests do not write ${dtype}.`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (count !== numbers.length) throw new Error(`${numbers.length} numbers for a shape of ${count}.`);
  const [size, write] = writer;
  const bytes = new Uint8Array(size * count);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, index) => write(view, size * index, number));
  return { dtype, shape, bytes };
}

/** A JSON text as bytes. */
export function text(value: unknown): Stored {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { dtype: 'U8', shape: [bytes.length], bytes };
}

/** Codes as one number, the first in the lowest bits, cut into words of 32 bits. */
export function streamWords(codes: readonly number[], bits: number): number[] {
  let all = 0n;
  for (const code of codes.toReversed()) all = (all << BigInt(bits)) | BigInt(code);
  return Array.from({ length: Math.ceil((codes.length * bits) / 32) }, (_item, word) =>
    Number((all >> BigInt(32 * word)) & 0xffff_ffffn),
  );
}

/** As many whole codes in each word as fit, the first in the lowest bits. */
export function paddedWords(codes: readonly number[], bits: number): number[] {
  const perWord = Math.floor(32 / bits);
  const words: number[] = [];
  for (let first = 0; first < codes.length; first += perWord)
    words.push(streamWords(codes.slice(first, first + perWord), bits)[0] ?? 0);
  return words;
}
