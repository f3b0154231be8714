// Files with one tensor, for tests of what is computed from its data.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEVER_CANCELLED } from '../../src/core/base/cancel.ts';
import type { Model, PackedTensor, Tensor } from '../../src/core/formats/model.ts';
import { openModel } from '../../src/core/formats/openModel.ts';
import { decoderOf } from '../../src/core/quant/decode/decoders.ts';
import { decodeMatrix } from '../../src/core/quant/packed/decoder.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { ggufBytes } from '../support/ggufWriter.ts';

export interface WrittenTensor {
  readonly name?: string;
  /** ggml's number of the type. */
  readonly type: number;
  readonly dims: number[];
  readonly data: Uint8Array;
  readonly endianness?: 'little' | 'big';
}

/** A GGUF with one tensor, "w" if it has no other name. Answers its path. */
export function writeTensor(
  folder: string,
  fileName: string,
  { name = 'w', type, dims, data, endianness = 'little' }: WrittenTensor,
): string {
  const file = ggufBytes({ endianness, tensors: [{ name, dims, type, byteLength: data.length }] });
  file.set(data, file.length - Math.ceil(data.length / 32) * 32);
  const path = join(folder, fileName);
  writeFileSync(path, file);
  return path;
}

export function modelAt(path: string): Model {
  const { model } = diskAccess.withFolder(path, (files, name) => openModel(files, name, NEVER_CANCELLED));
  return model!;
}

/** All weights of a tensor, by the reference decoder. @param file its bytes */
export function weightsOf(file: Uint8Array, { endianness }: Model, tensor: Tensor): Float32Array {
  if (tensor.packed !== null) return packedWeightsOf(file, tensor.packed);
  const { scheme, elementCount, byteOffset, byteLength } = tensor;
  const bytes = file.subarray(byteOffset, byteOffset + byteLength!);
  const weights = new Float32Array(elementCount);
  decoderOf(scheme)!(bytes, 0, elementCount / scheme.blockWeights, weights, 0, endianness);
  return weights;
}

/** All stacked matrices, one after the other. */
function packedWeightsOf(file: Uint8Array, { matrix, parts }: PackedTensor): Float32Array {
  const size = matrix.rows * matrix.columns;
  const weights = new Float32Array(matrix.matrices * size);
  for (let index = 0; index < matrix.matrices; index++) {
    const decoded = decodeMatrix(matrix, index, (part, byteOffset, byteLength) => {
      const at = parts[part]!.tensor.byteOffset + byteOffset;
      return file.subarray(at, at + byteLength);
    });
    weights.set(decoded, index * size);
  }
  return weights;
}
