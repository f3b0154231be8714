// What a quantization did, over every weight, by our own decoders.
import { closeSync, openSync, readSync } from 'node:fs';
import { NEVER_CANCELLED } from '../../src/core/base/cancel.ts';
import type { Model, Tensor } from '../../src/core/formats/model.ts';
import { openModel } from '../../src/core/formats/openModel.ts';
import { decoderOf } from '../../src/core/quant/decode/decoders.ts';
import { diskAccess } from '../../src/node/fileSource.ts';

export interface TrueError {
  readonly weights: number;
  readonly squares: number;
  readonly errorSquares: number;
  readonly largestError: number;
  /** Whether its type is another one. */
  readonly changes: boolean;
}

/** Of all tensors, by their names. Both models are of one file. */
export function trueErrors(source: string, output: string): Map<string, TrueError> {
  const after = new Map(modelAt(output).tensors.map((tensor) => [tensor.name, tensor]));
  return new Map(
    modelAt(source).tensors.map((tensor) => {
      const other = after.get(tensor.name)!;
      const [weights, quantized] = [decoded(source, tensor), decoded(output, other)];
      let [squares, errorSquares, largestError] = [0, 0, 0];
      weights.forEach((weight, at) => {
        const error = quantized[at]! - weight;
        squares += weight * weight;
        errorSquares += error * error;
        largestError = Math.max(largestError, Math.abs(error));
      });
      const changes = tensor.scheme !== other.scheme;
      return [tensor.name, { weights: weights.length, squares, errorSquares, largestError, changes }];
    }),
  );
}

const modelAt = (path: string): Model =>
  diskAccess.withFolder(path, (folder, name) => openModel(folder, name, NEVER_CANCELLED).model!);

function decoded(path: string, { scheme, byteLength, byteOffset, elementCount }: Tensor): Float32Array {
  const bytes = new Uint8Array(byteLength!);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, byteOffset);
  closeSync(file);
  const weights = new Float32Array(elementCount);
  decoderOf(scheme)!(bytes, 0, elementCount / scheme.blockWeights, weights, 0, 'little');
  return weights;
}
