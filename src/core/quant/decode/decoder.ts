// What a decoder is: blocks of bytes in, floats out.

export type Endianness = 'little' | 'big';

/**
 * Writes the weights of `blockCount` whole blocks that stand one after the other in `bytes` from `byteOffset` on to `target`
 * from `targetOffset` on. Plain numbers are blocks of one weight; those of less than a byte begin at a whole byte.
 * The caller owns both buffers; blocks that do not lie in `bytes` are a RangeError, weights outside of `target` are dropped.
 *
 * A file of the other byte order holds every multi-byte number of ggml's C structs in that order; bytes stay where they are.
 * gguf-py's gguf_convert_endian.py swaps the same fields for the types it handles; for the others this is what llama.cpp
 * would read on a machine of that order.
 */
export type Decoder = (
  bytes: Uint8Array,
  byteOffset: number,
  blockCount: number,
  target: Float32Array,
  targetOffset: number,
  endianness: Endianness,
) => void;

/**
 * The weights of one block. All arithmetic is in doubles and exact: a half has 11 significant bits, a sub-scale up to 8 and a
 * code up to 8, and the sum with a min spans fewer than 53. Storing into the Float32Array is therefore the only rounding,
 * which ggml, in single precision, also does just once (and contracting a·b + c cannot change it).
 *
 * @param at position of the block in `view`
 * @param target receives the weights from index `to` on
 * @param little byte order of the file, as DataView wants it
 */
export type BlockDecoder = (
  view: DataView,
  at: number,
  target: Float32Array,
  to: number,
  little: boolean,
) => void;

/** The decoder that does the same with every block. */
export function eachBlock(blockWeights: number, blockBytes: number, decodeBlock: BlockDecoder): Decoder {
  return (bytes, byteOffset, blockCount, target, targetOffset, endianness) => {
    const view = viewOf(bytes, byteOffset, blockCount * blockBytes);
    const little = endianness === 'little';
    for (let block = 0; block < blockCount; block++) {
      decodeBlock(view, block * blockBytes, target, targetOffset + block * blockWeights, little);
    }
  };
}

/** A view of a range of `bytes` and not of what else lies in its buffer. */
export function viewOf(bytes: Uint8Array, byteOffset: number, byteLength: number): DataView {
  if (byteOffset + byteLength > bytes.byteLength) {
    throw new RangeError(
      `Blocks of ${byteLength} bytes at ${byteOffset} do not lie in ${bytes.byteLength} bytes.`,
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset + byteOffset, byteLength);
}
