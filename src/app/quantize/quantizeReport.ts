// A quantization as the object that `quantscope quantize --json` prints.
import type { Quantized } from './quantizeModel.ts';

export function quantizeReport({ output, plan, seconds }: Quantized): object {
  return {
    output,
    fileBytes: plan.fileBytes,
    bitsPerWeight: plan.bitsPerWeight,
    seconds,
    tensors: plan.tensors.map(({ name, from, to, reason, bytesBefore, bytesAfter }) => ({
      name,
      from: from.name,
      to: to.name,
      reason,
      bytesBefore,
      bytesAfter,
    })),
  };
}
