// Writes safetensors files in memory: sound ones, and ones that are wrong in a chosen place.
import { memorySource, type ByteSource, type ModelFolder } from '../../src/core/formats/byteSource.ts';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Default: what dtype and shape need. */
  readonly byteLength?: number;
}

/** Bits of one weight, for the types tests use. */
const BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F16: 16,
  BF16: 16,
  I16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
};

/** A sound file: tensors side by side in the order given, header padded to 8 bytes, data of zeros. */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const members = tensors.map(({ name, dtype, shape, byteLength }) => {
    const begin = end;
    end += byteLength ?? (shape.reduce((left, right) => left * right, 1) * (BITS[dtype] ?? 8)) / 8;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`;
  });
  if (metadata !== undefined) members.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  return writeHeader(`{${members.join(',')}}`, end);
}

/** Any text as header, padded with spaces to 8 bytes, and `dataBytes` zeros behind it. `length`: what the length field says. */
export function writeHeader(
  text: string | Uint8Array,
  dataBytes = 0,
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const padded = Math.ceil(bytes.length / 8) * 8;
  const file = new Uint8Array(8 + padded + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded);
  file.set(bytes, 8);
  return file;
}

/** A folder of files in memory; texts are encoded as UTF-8. */
export function memoryFolder(files: Readonly<Record<string, Uint8Array | string>>): ModelFolder {
  return {
    open(name): ByteSource | null {
      const file = Object.hasOwn(files, name) ? files[name] : undefined;
      if (file === undefined) return null;
      return memorySource(typeof file === 'string' ? new TextEncoder().encode(file) : file);
    },
  };
}
