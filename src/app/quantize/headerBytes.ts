// How long the header of a quantized file will be, to the byte: what llama.cpp copies, sets and leaves out.
import { encodeUtf8 } from '../../core/base/utf8.ts';
import { isArrayRef, type MetadataEntry, type Model } from '../../core/formats/model.ts';
import type { MetadataOverride } from '../../protocol/quantize.ts';
import type { PlannedTensor } from './plan.ts';

export type WrittenMetadata = MetadataOverride;

export interface HeaderKind {
  /** Set by the order itself. */
  readonly added: readonly WrittenMetadata[];
  /** The first file has the metadata of the model; the others only say which part they are. */
  readonly hasMetadata: boolean;
  readonly isSplit: boolean;
}

/** Magic, version, two counts. */
const FIXED_BYTES = 24;
/** Set in every file that llama.cpp quantizes: uint32 each. */
const ALWAYS_SET = ['general.quantization_version', 'general.file_type'] as const;
/** Key → bytes of its value. */
const SPLIT_KEYS = { 'split.no': 2, 'split.count': 2, 'split.tensors.count': 4 } as const;
const VALUE_BYTES: Readonly<Partial<Record<MetadataEntry['type'], number>>> = {
  uint8: 1,
  int8: 1,
  bool: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  uint64: 8,
  int64: 8,
  float64: 8,
};
/** As llama.cpp writes them: whole numbers as uint32, others as float32. */
const OVERRIDE_BYTES = { int: 4, float: 4, bool: 1 } as const;

/** Without the padding at its end. */
export function headerBytes(
  model: Model,
  tensors: readonly Pick<PlannedTensor, 'name' | 'source'>[],
  { added, hasMetadata, isSplit }: HeaderKind,
): number {
  const entries = new Map<string, number>();
  if (hasMetadata) {
    for (const entry of model.metadata) entries.set(entry.key, valueBytes(entry));
    for (const key of ALWAYS_SET) entries.set(key, 4);
    for (const key of Object.keys(SPLIT_KEYS)) entries.delete(key);
    for (const override of added)
      entries.set(
        override.key,
        override.type === 'str' ? 8 + encodeUtf8(override.value).length : OVERRIDE_BYTES[override.type],
      );
  }
  if (isSplit) for (const [key, bytes] of Object.entries(SPLIT_KEYS)) entries.set(key, bytes);
  let sum = FIXED_BYTES;
  for (const [key, bytes] of entries) sum += 8 + encodeUtf8(key).length + 4 + bytes;
  // Length and text of the name, number of dimensions, dimensions, type, offset.
  for (const { name, source } of tensors)
    sum += 8 + encodeUtf8(name).length + 4 + 8 * dimensionsOf(source.shape) + 4 + 8;
  return sum;
}

/** ggml forgets dimensions of 1 at the end. */
export function dimensionsOf(shape: readonly number[]): number {
  const last = shape.findLastIndex((length) => length > 1);
  return Math.max(1, last + 1);
}

function valueBytes({ type, value }: MetadataEntry): number {
  if (isArrayRef(value)) return 4 + 8 + value.byteLength;
  return typeof value === 'string' ? 8 + encodeUtf8(value).length : (VALUE_BYTES[type] ?? 0);
}
