// The data of a tensor as an analysis needs it: which rows, in which order of bytes, or why it cannot be had.
import { visibleText } from '../../core/base/visibleText.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { Endianness } from '../../core/quant/decode/decoder.ts';
import { decoderOf } from '../../core/quant/decode/decoders.ts';
import { whyNotDecoded } from '../../core/quant/packed/decoder.ts';

export interface TensorData {
  readonly tensor: Tensor;
  readonly endianness: Endianness;
  /** Weights of a row, the number of input channels. */
  readonly rowWeights: number;
}

export function tensorData(model: Model, tensor: Tensor): TensorData {
  const { shape } = tensor;
  const rowWeights = (model.container === 'gguf' ? shape[0] : shape.at(-1)) ?? 1;
  return { tensor, endianness: model.endianness, rowWeights };
}

/** Why there are no numbers, as a sentence; null when the data can be read. */
export function whyUnavailable({ scheme, state, elementCount, byteLength, packed }: Tensor): string | null {
  if (state === 'cut') return 'Its data is cut off: the file ends inside it.';
  if (state === 'missing') return 'Its data is not there: the file ends before it, or its shard is missing.';
  if (state === 'invalid') return 'Its declaration contradicts itself, so its bytes mean nothing.';
  if (packed !== null) {
    const why = whyNotDecoded(packed.matrix);
    if (why !== null) return `Its weights cannot be decoded: ${why}.`;
    return elementCount === 0 ? 'It has no weights.' : null;
  }
  if (decoderOf(scheme) === null)
    return `Weights of the type ${visibleText(scheme.name)} cannot be decoded: its layout is not known.`;
  if (elementCount === 0) return 'It has no weights.';
  if (byteLength !== (elementCount / scheme.blockWeights) * (scheme.blockBytes ?? NaN))
    return 'Its bytes are not what its type and its shape ask for.';
  return null;
}
