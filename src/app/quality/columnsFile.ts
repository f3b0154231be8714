// Columns of numbers as bytes to keep: a line of JSON that says what they are, then the numbers, then a checksum. What is damaged is
// nothing at all. As they lie in memory, little-endian on every machine an editor runs on: they stay on this one.
import { decodeUtf8, encodeUtf8 } from '../../core/base/utf8.ts';

type Numbers = Uint8Array | Uint32Array | Float32Array;

const KINDS = { u8: Uint8Array, u32: Uint32Array, f32: Float32Array } as const;
type Kind = keyof typeof KINDS;

export interface ColumnsFile {
  /** Plain, as JSON keeps it. It is parsed by whoever reads it. */
  readonly facts: unknown;
  readonly columns: Readonly<Record<string, Numbers>>;
}

const MAGIC = 0x3143_5351; // "QSC1"
/** Magic number, length of the head, checksum of head and numbers. */
const PREFIX_BYTES = 12;
/** Columns begin at a multiple of this. */
const ALIGNMENT = 4;

interface ColumnHead {
  readonly name: string;
  readonly kind: Kind;
  readonly length: number;
}

export function writeColumns({ facts, columns }: ColumnsFile): Uint8Array {
  const named = Object.entries(columns);
  const heads = named.map(([name, values]): ColumnHead => ({
    name,
    kind: kindOf(values),
    length: values.length,
  }));
  const head = encodeUtf8(JSON.stringify({ facts, columns: heads }));
  let size = padded(PREFIX_BYTES + head.length);
  const places = named.map(([, { byteLength }]) => {
    const place = size;
    size = padded(size + byteLength);
    return place;
  });
  const bytes = new Uint8Array(size);
  bytes.set(head, PREFIX_BYTES);
  named.forEach(([, { buffer, byteOffset, byteLength }], at) =>
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), places[at]),
  );
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, head.length, true);
  view.setUint32(8, checksumOf(bytes.subarray(PREFIX_BYTES)), true);
  return bytes;
}

/** Null for what writeColumns did not make. The columns are copies. */
export function readColumns(bytes: Uint8Array): ColumnsFile | null {
  if (bytes.length < PREFIX_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headBytes = view.getUint32(4, true);
  const isSound =
    view.getUint32(0, true) === MAGIC &&
    headBytes <= bytes.length - PREFIX_BYTES &&
    view.getUint32(8, true) === checksumOf(bytes.subarray(PREFIX_BYTES));
  if (!isSound) return null;
  try {
    const json = decodeUtf8(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headBytes));
    const { facts, columns } = JSON.parse(json) as { facts: unknown; columns: readonly ColumnHead[] };
    let place = padded(PREFIX_BYTES + headBytes);
    const read: Record<string, Numbers> = {};
    for (const { name, kind, length } of columns) {
      const { BYTES_PER_ELEMENT } = KINDS[kind];
      // Node's Buffer has a slice of its own, which copies nothing.
      const part = Uint8Array.from(bytes.subarray(place, place + length * BYTES_PER_ELEMENT));
      read[name] = new KINDS[kind](part.buffer, 0, length);
      place = padded(place + part.length);
    }
    return { facts, columns: read };
  } catch {
    return null; // somebody computed the checksum of something else
  }
}

const kindOf = (values: Numbers): Kind =>
  values instanceof Float32Array ? 'f32' : values instanceof Uint8Array ? 'u8' : 'u32';

const padded = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/** FNV-1a: finds what was torn or overwritten, not what somebody made up. */
function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
