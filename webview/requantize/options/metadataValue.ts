// A value of the header as it is typed: its type is what it looks like, unless the user says another.
import { formatCount } from '../../../src/core/base/units.ts';
import { MAX_WHOLE_VALUE, type MetadataOverride } from '../../../src/protocol/quantize.ts';

export const METADATA_TYPES = ['str', 'int', 'float', 'bool'] as const;
export type MetadataType = (typeof METADATA_TYPES)[number];

export const TYPE_WORDS: Readonly<Record<MetadataType, string>> = {
  str: 'text',
  int: 'integer',
  float: 'float',
  bool: 'yes or no',
};

/** llama.cpp cuts longer keys and texts: bytes of UTF-8. */
const MAX_BYTES = 127;

/** The override, or a sentence about what is wrong with it. */
export function metadataOverride(key: string, type: MetadataType, text: string): MetadataOverride | string {
  const name = key.trim();
  if (name === '') return 'Write the key, such as general.name.';
  if (bytesOf(name) > MAX_BYTES) return `A key has at most ${MAX_BYTES} bytes.`;
  const value = text.trim();
  switch (type) {
    case 'str':
      return bytesOf(text) > MAX_BYTES
        ? `A text has at most ${MAX_BYTES} bytes; this one has ${bytesOf(text)}.`
        : { key: name, type, value: text };
    case 'int':
      return /^\d+$/.test(value) && Number(value) <= MAX_WHOLE_VALUE
        ? { key: name, type, value: Number(value) }
        : `“${value}” is no whole number from 0 to ${formatCount(MAX_WHOLE_VALUE)}, which is what llama.cpp writes.`;
    case 'float':
      return value !== '' && Number.isFinite(Math.fround(Number(value)))
        ? { key: name, type, value: Number(value) }
        : `“${value}” is no number that a float32 can hold.`;
    case 'bool':
      return value === 'true' || value === 'false'
        ? { key: name, type, value: value === 'true' }
        : 'Write true or false.';
  }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
