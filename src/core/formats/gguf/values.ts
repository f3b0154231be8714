// The typed values of GGUF metadata: numbers and texts are read, arrays are only measured.
import type { ProblemList } from '../../base/problemList.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import type { ArrayRef, MetadataEntry, MetadataType } from '../model.ts';
import { HeaderDamage, type HeaderWindow } from './headerWindow.ts';
import { MAX_ARRAY_DEPTH, MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts';

type NumberType = Exclude<MetadataType, 'string' | 'array' | 'json'>;

/** Types by their number in the file (gguf.h, enum gguf_type). */
const VALUE_TYPES = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'bool',
  'string',
  'array',
  'uint64',
  'int64',
  'float64',
] as const satisfies readonly MetadataType[];
type ValueType = (typeof VALUE_TYPES)[number];

interface NumberFormat {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, little: boolean) => number | bigint | boolean;
}

/** Small enough for a number without loss, else as it is. */
const exact = (value: bigint): number | bigint =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;

export const NUMBER_FORMATS: Readonly<Record<NumberType, NumberFormat>> = {
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint16: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  int16: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  uint32: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  int32: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  uint64: { bytes: 8, read: (view, at, little) => exact(view.getBigUint64(at, little)) },
  int64: { bytes: 8, read: (view, at, little) => exact(view.getBigInt64(at, little)) },
  float32: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  float64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
};

/** One key and its value. @param file index of the file in the model @throws HeaderDamage */
export function readEntry(window: HeaderWindow, file: number, problems: ProblemList): MetadataEntry {
  const byteOffset = window.position;
  const key = readKey(window, problems);
  const type = readType(window, `"${key}"`, 'gguf-value-invalid');
  const value = readValue(window, key, type, file, problems);
  return { key, type, value, source: 'header', byteOffset };
}

function readKey(window: HeaderWindow, problems: ProblemList): string {
  const byteOffset = window.position;
  const length = readNameLength(window, 'A key of the metadata', 'gguf-key-invalid');
  const key = window.text(length, () => {
    problems.add(
      'warning',
      'gguf-key-invalid',
      byteOffset,
      `The key at byte ${formatCount(byteOffset)} is not UTF-8.`,
    );
  });
  if (key === '')
    problems.add(
      'error',
      'gguf-key-invalid',
      byteOffset,
      `The key at byte ${formatCount(byteOffset)} is empty.`,
    );
  return key;
}

/** The length of a key or a tensor name, which must be believable: behind a wrong one nothing can be found. */
export function readNameLength(
  window: HeaderWindow,
  what: string,
  code: 'gguf-key-invalid' | 'tensor-name-invalid',
): number {
  const byteOffset = window.position;
  const length = window.size();
  if (length <= MAX_NAME_BYTES) {
    window.require(length, what, code);
    return Number(length);
  }
  const text = `${what} at byte ${formatCount(byteOffset)} claims ${formatCount(length)} bytes; ${formatCount(MAX_NAME_BYTES)} are allowed.`;
  throw new HeaderDamage(code, byteOffset, text);
}

function readType(
  window: HeaderWindow,
  owner: string,
  code: 'gguf-value-invalid' | 'gguf-array-invalid',
): ValueType {
  const byteOffset = window.position;
  const id = window.uint32();
  const type = VALUE_TYPES[id];
  if (type !== undefined) return type;
  const text = `${owner} has the value type ${formatCount(id)} at byte ${formatCount(byteOffset)}; GGUF has the types 0 to ${VALUE_TYPES.length - 1}.`;
  throw new HeaderDamage(code, byteOffset, text);
}

function readValue(
  window: HeaderWindow,
  key: string,
  type: ValueType,
  file: number,
  problems: ProblemList,
): MetadataEntry['value'] {
  if (type === 'string') return readText(window, key, problems);
  if (type === 'array') return measureArray(window, `"${key}"`, file, 1);
  const byteOffset = window.position;
  const { bytes, read } = NUMBER_FORMATS[type];
  if (type !== 'bool') return window.number(bytes, read);
  const byte = window.number(1, (view, at) => view.getUint8(at));
  if (byte > 1)
    problems.add(
      'warning',
      'gguf-value-invalid',
      byteOffset,
      `"${key}" is a truth value of ${byte}; 0 and 1 are allowed.`,
    );
  return byte !== 0;
}

function readText(window: HeaderWindow, key: string, problems: ProblemList): string {
  const byteOffset = window.position;
  const length = window.size();
  window.require(length, `The text of "${key}"`, 'gguf-value-invalid');
  const kept = Math.min(Number(length), MAX_TEXT_BYTES);
  const text = window.text(kept, () => {
    if (kept === length)
      problems.add('warning', 'gguf-value-invalid', byteOffset, `The text of "${key}" is not UTF-8.`);
  });
  if (kept < length) {
    const what = `The text of "${key}" has ${formatBytes(Number(length))}; the first ${formatBytes(kept)} are kept.`;
    problems.add('warning', 'gguf-value-invalid', byteOffset, what);
    window.skip(Number(length) - kept);
  }
  return text;
}

/** Reads what kind of array stands here, and passes over its items. */
export function measureArray(window: HeaderWindow, owner: string, file: number, depth: number): ArrayRef {
  const arrayOffset = window.position;
  if (depth > MAX_ARRAY_DEPTH) {
    const text = `${owner} holds arrays in arrays deeper than ${MAX_ARRAY_DEPTH} at byte ${formatCount(arrayOffset)}.`;
    throw new HeaderDamage('gguf-array-invalid', arrayOffset, text);
  }
  const itemType = readType(window, `The array ${owner}`, 'gguf-array-invalid');
  const size = window.size();
  // The cheapest items: a string without characters, an array without items.
  const itemBytes =
    itemType === 'string'
      ? window.sizeBytes
      : itemType === 'array'
        ? 4 + window.sizeBytes
        : NUMBER_FORMATS[itemType].bytes;
  const count = Number(size);
  const items = itemType === 'array' ? 'arrays' : `items of type ${itemType}`;
  window.require(
    typeof size === 'bigint' ? size * BigInt(itemBytes) : count * itemBytes,
    `The array ${owner} of ${formatCount(size)} ${items}`,
    'gguf-array-invalid',
  );
  const byteOffset = window.position;
  if (itemType === 'string') window.skipStrings(count, owner);
  else if (itemType === 'array')
    for (let index = 0; index < count; index += 1) measureArray(window, owner, file, depth + 1);
  else window.skip(count * itemBytes);
  return { itemType, count, byteOffset, byteLength: window.position - byteOffset, file };
}
