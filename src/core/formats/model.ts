// What a container holds, the same for every format: files, metadata, tensors, problems.
import type { Problem } from '../base/problem.ts';
import type { PackedMatrix, PartUse } from '../quant/packed/packing.ts';
import type { Scheme } from '../quant/scheme.ts';
import type { Place } from './naming/place.ts';

export type Container = 'gguf' | 'safetensors';

export interface Model {
  readonly container: Container;
  /** GGUF: 1, 2 or 3. safetensors has none: null. */
  readonly version: number | null;
  readonly endianness: 'little' | 'big';
  /** One entry per shard in the order of their numbers; a missing shard stands there with size null. */
  readonly files: readonly ModelFile[];
  readonly name: string | null;
  readonly architecture: string | null;
  readonly metadata: readonly MetadataEntry[];
  readonly tensors: readonly Tensor[];
}

export interface ModelFile {
  /** File name without folder. */
  readonly name: string;
  /** Bytes on the disk; null when the file is missing or could not be opened. */
  readonly size: number | null;
  /** Where the header ends and tensor data begins, in bytes. */
  readonly dataOffset: number | null;
  /** Bytes the header promises, counting to the end of the last tensor; null when not known. */
  readonly expectedSize: number | null;
}

/** A tensor as it is stored; or, where several stored ones are one weight matrix, that matrix (`packed`). */
export interface Tensor {
  /** Of a packed matrix the name its weights have in the unquantized model: "model.layers.0.self_attn.q_proj.weight". */
  readonly name: string;
  readonly place: Place;
  /** Of a packed matrix a scheme of the kind 'packed'. */
  readonly scheme: Scheme;
  /** As the container writes it: GGUF ne[0] (row length) first, safetensors outermost first. Of a packed matrix the
   * logical one: [out, in], experts before them. */
  readonly shape: readonly number[];
  /** Product of the shape, ≤ 2^53. */
  readonly elementCount: number;
  /** Bytes of the data: from the scheme and shape; for an unknown GGUF type the distance to the next tensor; null: not known.
   * Of a packed matrix the sum over all its parts. */
  readonly byteLength: number | null;
  /** Position of the data in its file (absolute, not from the data section). Of a packed matrix that of its codes. */
  readonly byteOffset: number;
  /** Index into Model.files. Of a packed matrix that of its codes; the other parts may be in other files. */
  readonly file: number;
  /** whole: all bytes are there. cut: the file ends inside. missing: no byte of it is there, or its shard is missing.
   * invalid: its declaration contradicts itself, its bytes must not be interpreted.
   * Of a packed matrix the worst of its parts. */
  readonly state: TensorState;
  /** What a matrix of several stored tensors is made of; null: one tensor, stored as it is. */
  readonly packed: PackedTensor | null;
}

/** A weight matrix that is stored as several tensors, each with its own place in a file. */
export interface PackedTensor {
  readonly matrix: PackedMatrix;
  /** In the order of `matrix.parts`, codes first; none of them stands in `Model.tensors` again. */
  readonly parts: readonly StoredPart[];
}

export interface StoredPart {
  readonly use: PartUse;
  /** As the header declares it. Its `packed` is null. */
  readonly tensor: Tensor;
}

export type TensorState = 'whole' | 'cut' | 'missing' | 'invalid';

export type MetadataType =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'bool'
  | 'string'
  | 'array'
  | 'json';

export interface MetadataEntry {
  readonly key: string;
  readonly type: MetadataType;
  /** Scalars and strings; 64-bit integers as bigint only beyond 2^53; 'json' (config.json) as text; arrays have an ArrayRef. */
  readonly value: number | bigint | boolean | string | ArrayRef;
  /** Where it comes from: 'header' (the container itself) or the name of the file beside it ("config.json"). */
  readonly source: string;
  readonly byteOffset: number | null;
}

/** An array that stays in the file until somebody looks at it. */
export interface ArrayRef {
  readonly itemType: MetadataType;
  readonly count: number;
  /** Position of the first item. */
  readonly byteOffset: number;
  /** Bytes of all items. */
  readonly byteLength: number;
  /** Index into Model.files. */
  readonly file: number;
}

/** What stands for a model when there is none in the file. */
export interface LfsPointer {
  readonly oid: string;
  /** Bytes of the real file. */
  readonly size: number;
}

/** Opening never throws because of file contents. `model` is null only when nothing could be read. */
export interface Opened {
  readonly model: Model | null;
  readonly problems: readonly Problem[];
  readonly pointer?: LfsPointer;
}

/** Metadata of an entry as a number, when it is one. */
export function metadataNumber(model: Model, key: string): number | null {
  const value = model.metadata.find((entry) => entry.key === key)?.value;
  return typeof value === 'number' ? value : null;
}

/** Metadata of an entry as a text, when it is one. */
export function metadataText(model: Model, key: string): string | null {
  const value = model.metadata.find((entry) => entry.key === key)?.value;
  return typeof value === 'string' ? value : null;
}

export function isArrayRef(value: MetadataEntry['value']): value is ArrayRef {
  return typeof value === 'object';
}
