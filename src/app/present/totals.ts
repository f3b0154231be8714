// The sums over a model that stand in its header, its status bar item and its reports.
import type { Model } from '../../core/formats/model.ts';

export interface Totals {
  /** Weights of all tensors, of packed ones by their logical shape; what contradicts itself is not counted. */
  readonly parameterCount: number;
  /** Bytes on the disk, of all files that are there. */
  readonly fileBytes: number;
  /** What the headers promise; null when a file's promise is not known. */
  readonly expectedBytes: number | null;
  /** Bytes of all tensors whose size is known. */
  readonly tensorBytes: number;
  /** Over the tensors whose type is known; null where there is none. */
  readonly bitsPerWeight: number | null;
  readonly unknownTypeTensors: number;
  /** Share (0…1) of all weights that are of unknown type. */
  readonly unknownTypeShare: number;
}

export function totalsOf(model: Model): Totals {
  let parameterCount = 0;
  let tensorBytes = 0;
  let countedBits = 0;
  let countedWeights = 0;
  let unknownTypeTensors = 0;
  let unknownWeights = 0;
  for (const tensor of model.tensors) {
    if (tensor.state === 'invalid') continue; // its numbers contradict each other
    parameterCount += tensor.elementCount;
    tensorBytes += tensor.byteLength ?? 0;
    if (tensor.scheme.kind === 'unknown') {
      unknownTypeTensors += 1;
      unknownWeights += tensor.elementCount;
    } else {
      countedBits += (tensor.byteLength ?? 0) * 8;
      countedWeights += tensor.elementCount;
    }
  }
  const expected = model.files.map(({ expectedSize }) => expectedSize);
  return {
    parameterCount,
    fileBytes: model.files.reduce((sum, { size }) => sum + (size ?? 0), 0),
    expectedBytes: expected.includes(null)
      ? null
      : expected.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    tensorBytes,
    bitsPerWeight: countedWeights === 0 ? null : countedBits / countedWeights,
    unknownTypeTensors,
    unknownTypeShare: parameterCount === 0 ? 0 : unknownWeights / parameterCount,
  };
}
