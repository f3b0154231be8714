// A quantization as the object that `quantscope quantize --json` prints.
import type { Prediction, RelativeError, TensorPrediction } from './predict.ts';
import type { Quantized } from './quantizeModel.ts';

/** @param prediction null: none was asked for */
export function quantizeReport(
  { output, plan, seconds }: Quantized,
  prediction: Prediction | null = null,
): object {
  return {
    output,
    fileBytes: plan.fileBytes,
    bitsPerWeight: plan.bitsPerWeight,
    seconds,
    ...(prediction !== null && { predicted: predictedWhole(prediction) }),
    tensors: plan.tensors.map(({ name, from, to, reason, bytesBefore, bytesAfter }) => ({
      name,
      from: from.name,
      to: to.name,
      reason,
      bytesBefore,
      bytesAfter,
      ...(prediction !== null && { predicted: predictedTensor(prediction.tensors.get(name)) }),
    })),
  };
}

function predictedWhole({ whole, roles, cost, notes }: Prediction): object {
  const { seconds, memoryBytes, mappedBytes, threads } = cost;
  return {
    ...relative(whole),
    roles: roles.map((sum) => ({ role: sum.role, stack: sum.stack, ...relative(sum) })),
    ...{ seconds, threads, memoryBytes, mappedBytes, notes },
  };
}

/** A tensor that stays as it is loses nothing; of one that cannot be told there is null. */
function predictedTensor(prediction: TensorPrediction | undefined): object | null {
  if (prediction === undefined || prediction.kind === 'refused') return null;
  if (prediction.kind === 'kept')
    return { sqnr: null, relativeRmse: 0, sampledWeights: 0, isEstimate: false };
  const { error } = prediction;
  const { sqnrError, sampledWeights, isEstimate, largestError, weighted } = error;
  return {
    ...relative(error),
    ...{ sqnrError, sampledWeights, isEstimate, largestError },
    weighted: weighted === null ? null : relative(weighted),
  };
}

const relative = ({ sqnr, relativeRmse }: RelativeError): RelativeError => ({ sqnr, relativeRmse });
