// The weights that tell where a tensor comes from: some pieces of its rows, up to 64 KiB.
import { notReadable } from '../../core/base/failure.ts';
import { MIN_WEIGHTS, type Origin, type OriginSample, quantizedOrigin } from '../../core/analysis/origin.ts';
import type { ByteSource } from '../../core/formats/byteSource.ts';
import { decoderOf } from '../../core/quant/decode/decoders.ts';
import type { TensorData } from './tensorData.ts';

/** Pieces that are read. */
const MAX_PIECES = 64;
/** Weights of a piece, the most that divide a row: types whose blocks are longer cannot have made the tensor. */
const PIECE_WEIGHTS = [256, 128, 64] as const;
/** Fractions of its multiples lie evenly, and in no step with rows. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Null for tensors that are no plain floats, that have one dimension or few weights: types in blocks are for matrices.
 * @throws Failure not-readable when the file ends before the data does
 */
export function originOf(data: TensorData, source: Pick<ByteSource, 'read'>): Origin | null {
  const sample = readSample(data, source);
  return sample === null ? null : quantizedOrigin(sample);
}

function readSample(
  { tensor, endianness, rowWeights }: TensorData,
  source: Pick<ByteSource, 'read'>,
): OriginSample | null {
  const { scheme, elementCount, byteOffset } = tensor;
  const container = (['F32', 'F16', 'BF16'] as const).find((name) => name === scheme.name);
  const pieceWeights = PIECE_WEIGHTS.find((weights) => rowWeights % weights === 0);
  const decode = decoderOf(scheme);
  if (container === undefined || pieceWeights === undefined || decode === null) return null;
  if (elementCount < MIN_WEIGHTS || elementCount === rowWeights) return null;
  const bytesPerPiece = pieceWeights * (scheme.blockBytes ?? NaN);
  const pieceCount = elementCount / pieceWeights;
  const count = Math.min(MAX_PIECES, pieceCount);
  const weights = new Float32Array(count * pieceWeights);
  const bytes = new Uint8Array(bytesPerPiece);
  for (let piece = 0; piece < count; piece++) {
    // One in each of `count` equal parts of the tensor.
    const place = Math.floor(((piece + ((piece * GOLDEN_RATIO) % 1)) / count) * pieceCount);
    if (source.read(byteOffset + place * bytesPerPiece, bytes) < bytesPerPiece)
      throw notReadable(tensor.name, 'the file ends inside its data');
    decode(bytes, 0, pieceWeights, weights, piece * pieceWeights, endianness);
  }
  return { weights, pieceWeights, container };
}
