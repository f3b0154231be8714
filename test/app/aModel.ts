// Models made in memory from a list of names: what the readers would return for them.
import { placeGguf } from '../../src/core/formats/naming/ggufNames.ts';
import type { MetadataEntry, Model, Tensor } from '../../src/core/formats/model.ts';
import { ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';

export interface TensorSpec {
  readonly name: string;
  /** ggml type id; 0 (F32) unless told. */
  readonly type?: number;
  readonly shape?: readonly number[];
  readonly state?: Tensor['state'];
}

export function aModel(
  tensors: readonly (string | TensorSpec)[],
  metadata: Readonly<Record<string, MetadataEntry['value']>> = {},
): Model {
  let offset = 4096;
  const made = tensors.map((spec): Tensor => {
    const {
      name,
      type = 0,
      shape = [256, 4],
      state = 'whole',
    } = typeof spec === 'string' ? { name: spec } : spec;
    const scheme = ggmlScheme(type);
    const elementCount = shape.reduce((product, dim) => product * dim, 1);
    const byteLength =
      scheme.blockBytes === null ? null : (elementCount / scheme.blockWeights) * scheme.blockBytes;
    const byteOffset = offset;
    offset += byteLength ?? 0;
    return {
      name,
      place: placeGguf(name),
      scheme,
      shape,
      elementCount,
      byteLength,
      byteOffset,
      file: 0,
      state,
      packed: null,
    };
  });
  const entries = Object.entries(metadata).map(([key, value]): MetadataEntry => {
    const type = typeof value === 'object' ? 'array' : typeof value === 'string' ? 'string' : 'uint32';
    return { key, type, value, source: 'header', byteOffset: 0 };
  });
  const text = (key: string): string | null => (typeof metadata[key] === 'string' ? metadata[key] : null);
  return {
    container: 'gguf',
    version: 3,
    endianness: 'little',
    files: [{ name: 'model.gguf', size: offset, dataOffset: 4096, expectedSize: offset }],
    name: text('general.name'),
    architecture: text('general.architecture'),
    metadata: entries,
    tensors: made,
  };
}
