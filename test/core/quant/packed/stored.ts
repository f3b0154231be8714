// Packed matrices from the tensors of a safetensors file, put together by hand: so that decoders are tested apart from recognisers.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  PackedMatrix,
  PackedPart,
  Packing,
  PartUse,
} from '../../../../src/core/quant/packed/packing.ts';
import type { PartReader } from '../../../../src/core/quant/packed/parts.ts';
import { safetensorsScheme } from '../../../../src/core/quant/safetensorsTypes.ts';

export interface Stored {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export const SAMPLES = fileURLToPath(new URL('../../../samples/packed/', import.meta.url));

/** The tensors of a file by their names. */
export function storedTensors(path: string): Map<string, Stored> {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, Stored>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = offsets.map((offset) => 8 + length + offset);
    tensors.set(name, { dtype, shape, bytes: new Uint8Array(file.subarray(from, to)) });
  }
  return tensors;
}

export interface StoredMatrix {
  readonly matrix: PackedMatrix;
  readonly read: PartReader;
}

export interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
  readonly matrices?: number;
}

/** A matrix of some stored tensors, each with its use. */
export function matrixOf(
  packing: Packing,
  { rows, columns, matrices = 1 }: MatrixShape,
  parts: Readonly<Partial<Record<PartUse, Stored | undefined>>>,
): StoredMatrix {
  const uses = (Object.entries(parts) as [PartUse, Stored | undefined][]).flatMap(([use, stored]) =>
    stored === undefined ? [] : [{ use, stored }],
  );
  const described = uses.map(({ use, stored }): PackedPart => ({
    use,
    scheme: safetensorsScheme(stored.dtype),
    shape: stored.shape,
  }));
  return {
    matrix: { packing, matrices, rows, columns, parts: described },
    read(part, byteOffset, byteLength) {
      const bytes = uses[part]?.stored.bytes ?? new Uint8Array();
      if (byteOffset + byteLength > bytes.length) throw new RangeError('This is beyond the part.');
      return bytes.subarray(byteOffset, byteOffset + byteLength);
    },
  };
}
