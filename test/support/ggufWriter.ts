// Writes GGUF files, good ones and bad ones: every count, length, type and offset can be made to lie.
import type { ByteSource } from '../../src/core/formats/byteSource.ts';
import { ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';

export interface GgufSpec {
  readonly magic?: string;
  readonly version?: number;
  readonly endianness?: 'little' | 'big';
  readonly metadata?: readonly EntrySpec[];
  readonly tensors?: readonly TensorSpec[];
  /** What the header says instead of the truth. */
  readonly tensorCount?: number | bigint;
  readonly keyCount?: number | bigint;
  /** Of the tensor data; 32 unless told. Writes no key. */
  readonly alignment?: number;
}

/** Text as it is, or bytes that are no text. */
export type TextSpec = string | Uint8Array;

export interface EntrySpec {
  readonly key: TextSpec;
  readonly value: ValueSpec;
}

export type NumberSpecType = keyof typeof NUMBER_TYPES;
export type ValueSpec =
  | { readonly type: NumberSpecType; readonly value: number | bigint | boolean }
  | { readonly type: 'string'; readonly value: TextSpec; readonly length?: number | bigint }
  | ArraySpec
  /** A value type by its number, with the bytes that follow it. */
  | { readonly type: number; readonly bytes: Uint8Array };

export interface ArraySpec {
  readonly type: 'array';
  readonly itemType: NumberSpecType | 'string' | 'array' | number;
  readonly items: readonly (number | bigint | boolean | TextSpec | ArraySpec)[];
  readonly count?: number | bigint;
}

export interface TensorSpec {
  readonly name: TextSpec;
  readonly dims: readonly (number | bigint)[];
  /** ggml's id. */
  readonly type: number;
  /** Instead of the next aligned place. */
  readonly offset?: number | bigint;
  /** Instead of what type and dimensions ask for. */
  readonly byteLength?: number;
  readonly nameLength?: number | bigint;
  readonly dimCount?: number;
}

const NUMBER_TYPES = {
  uint8: [0, 1],
  int8: [1, 1],
  uint16: [2, 2],
  int16: [3, 2],
  uint32: [4, 4],
  int32: [5, 4],
  float32: [6, 4],
  bool: [7, 1],
  uint64: [10, 8],
  int64: [11, 8],
  float64: [12, 8],
} as const satisfies Record<string, readonly [id: number, bytes: number]>;

const idOf = (type: ArraySpec['itemType']): number =>
  typeof type === 'number' ? type : type === 'string' ? 8 : type === 'array' ? 9 : NUMBER_TYPES[type][0];

/** Short ways to write values. */
export const text = (value: TextSpec): ValueSpec => ({ type: 'string', value });
export const uint32 = (value: number): ValueSpec => ({ type: 'uint32', value });
export const arrayOf = (itemType: ArraySpec['itemType'], items: ArraySpec['items']): ArraySpec => ({
  type: 'array',
  itemType,
  items,
});

/** The header and how long the whole file is: the data itself is all zeros. */
export function writeGguf(spec: GgufSpec): { readonly header: Uint8Array; readonly fileSize: number } {
  const version = spec.version ?? 3;
  const out = createByteWriter(spec.endianness ?? 'little');
  const size = (value: number | bigint): void =>
    version === 1 ? out.number('uint32', value) : out.number('uint64', value);
  const string = (value: TextSpec, length?: number | bigint): void => {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    size(length ?? bytes.length);
    out.bytes(bytes);
  };
  const item = (type: ArraySpec['itemType'], value: ArraySpec['items'][number]): void => {
    if (typeof value === 'string' || value instanceof Uint8Array) string(value);
    else if (typeof value === 'object') array(value);
    else if (typeof type === 'string' && type in NUMBER_TYPES) out.number(type as NumberSpecType, value);
    else throw new TypeError(`A number in an array of ${type}.`);
  };
  const array = ({ itemType, items, count }: ArraySpec): void => {
    out.number('uint32', idOf(itemType));
    size(count ?? items.length);
    for (const value of items) item(itemType, value);
  };

  out.bytes(Buffer.from(spec.magic ?? 'GGUF', 'latin1'));
  out.number('uint32', version);
  size(spec.tensorCount ?? spec.tensors?.length ?? 0);
  size(spec.keyCount ?? spec.metadata?.length ?? 0);
  for (const { key, value } of spec.metadata ?? []) {
    string(key);
    out.number('uint32', idOf(value.type));
    if ('bytes' in value) out.bytes(value.bytes);
    else if (value.type === 'array') array(value);
    else if (value.type === 'string') string(value.value, value.length);
    else out.number(value.type, value.value);
  }

  const alignment = spec.alignment ?? 32;
  const aligned = (position: number): number => Math.ceil(position / alignment) * alignment;
  let dataBytes = 0;
  for (const tensor of spec.tensors ?? []) {
    string(tensor.name, tensor.nameLength);
    out.number('uint32', tensor.dimCount ?? tensor.dims.length);
    for (const dim of tensor.dims) size(dim);
    out.number('uint32', tensor.type);
    const offset = tensor.offset ?? aligned(dataBytes);
    out.number('uint64', offset);
    dataBytes = Math.max(dataBytes, Number(offset) + (tensor.byteLength ?? bytesOf(tensor)));
  }
  const header = out.done();
  const fileSize =
    (spec.tensors ?? []).length === 0 ? header.length : aligned(header.length) + aligned(dataBytes);
  return { header, fileSize };
}

/** The whole file. */
export function ggufBytes(spec: GgufSpec): Uint8Array {
  const { header, fileSize } = writeGguf(spec);
  const bytes = new Uint8Array(fileSize);
  bytes.set(header);
  return bytes;
}

/** A file of `size` bytes that begins with these and goes on with zeros, as a sparse file does. */
export function sparseSource(header: Uint8Array, size: number): ByteSource {
  return {
    size,
    read(offset, target) {
      const length = Math.max(0, Math.min(target.length, size - offset));
      target.fill(0, 0, length);
      if (offset < header.length) target.set(header.subarray(offset, offset + length));
      return length;
    },
  };
}

function bytesOf({ dims, type }: TensorSpec): number {
  const { blockBytes, blockWeights } = ggmlScheme(type);
  const weights = dims.reduce<number>((product, dim) => product * Number(dim), 1);
  return blockBytes === null ? 0 : Math.ceil((weights / blockWeights) * blockBytes);
}

function createByteWriter(endianness: 'little' | 'big') {
  const little = endianness === 'little';
  let buffer = new Uint8Array(1024);
  let view = new DataView(buffer.buffer);
  let length = 0;
  const grow = (bytes: number): number => {
    const at = length;
    length += bytes;
    if (length > buffer.length) {
      const larger = new Uint8Array(Math.max(length, buffer.length * 2));
      larger.set(buffer);
      buffer = larger;
      view = new DataView(buffer.buffer);
    }
    return at;
  };
  return {
    bytes(bytes: Uint8Array): void {
      const at = grow(bytes.length);
      buffer.set(bytes, at);
    },
    number(type: NumberSpecType, value: number | bigint | boolean): void {
      const at = grow(NUMBER_TYPES[type][1]);
      if (type === 'uint64') view.setBigUint64(at, BigInt(value), little);
      else if (type === 'int64') view.setBigInt64(at, BigInt(value), little);
      else if (type === 'float32') view.setFloat32(at, Number(value), little);
      else if (type === 'float64') view.setFloat64(at, Number(value), little);
      else if (type === 'uint32' || type === 'int32') view.setUint32(at, Number(value), little);
      else if (type === 'uint16' || type === 'int16') view.setUint16(at, Number(value), little);
      else view.setUint8(at, Number(value));
    },
    done: (): Uint8Array => buffer.slice(0, length),
  };
}
