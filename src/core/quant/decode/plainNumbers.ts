// Decoders of weights stored one by one. Integers and F64 become the nearest F32.
import type { Scheme } from '../scheme.ts';
import { type BlockDecoder, type Decoder, eachBlock, viewOf } from './decoder.ts';
import { E2M1, E2M3, E3M2, E4M3, E4M3_FNUZ, E5M2, E5M2_FNUZ, E8M0, half } from './floats.ts';

const number =
  (read: (view: DataView, at: number, little: boolean) => number): BlockDecoder =>
  (view, at, target, to, little) => {
    target[to] = read(view, at, little);
  };

const integer8 = number((view, at) => view.getUint8(at));
/** Every code of a byte has its value in the table. */
const table8 = (values: Float64Array): BlockDecoder => number((view, at) => values[view.getUint8(at)] ?? NaN);

const VIEW_OF_BITS = new DataView(new ArrayBuffer(4));
/** A BF16 is the upper half of an F32. */
export function bfloat(code: number): number {
  VIEW_OF_BITS.setUint32(0, code << 16);
  return VIEW_OF_BITS.getFloat32(0);
}

const WHOLE_BYTES: Readonly<Partial<Record<string, BlockDecoder>>> = {
  F64: number((view, at, little) => view.getFloat64(at, little)),
  F32: number((view, at, little) => view.getFloat32(at, little)),
  F16: number(half),
  BF16: number((view, at, little) => bfloat(view.getUint16(at, little))),
  I8: number((view, at) => view.getInt8(at)),
  I16: number((view, at, little) => view.getInt16(at, little)),
  I32: number((view, at, little) => view.getInt32(at, little)),
  // Beyond 2^53 an integer of 64 bits is rounded twice: to a double, then to an F32.
  I64: number((view, at, little) => Number(view.getBigInt64(at, little))),
  BOOL: integer8,
  U8: integer8,
  U16: number((view, at, little) => view.getUint16(at, little)),
  U32: number((view, at, little) => view.getUint32(at, little)),
  U64: number((view, at, little) => Number(view.getBigUint64(at, little))),
  F8_E4M3: table8(E4M3),
  F8_E5M2: table8(E5M2),
  F8_E4M3FNUZ: table8(E4M3_FNUZ),
  F8_E5M2FNUZ: table8(E5M2_FNUZ),
  F8_E8M0: table8(E8M0),
};

/** Codes of a few bits as one stream, the lowest bits of a byte first. The format leaves the order to whoever writes; this is
 * the order of PyTorch's float4_e2m1fn_x2 and of the packed FP6 of CUDA. */
function bitStream(bits: number, values: Float64Array): Decoder {
  const mask = (1 << bits) - 1;
  return (bytes, byteOffset, blockCount, target, targetOffset) => {
    const view = viewOf(bytes, byteOffset, Math.ceil((blockCount * bits) / 8));
    const last = view.byteLength - 1;
    for (let weight = 0; weight < blockCount; weight++) {
      const bit = weight * bits;
      const at = bit >> 3;
      const pair = view.getUint8(at) | (view.getUint8(Math.min(at + 1, last)) << 8);
      target[targetOffset + weight] = values[(pair >> (bit & 7)) & mask] ?? NaN;
    }
  };
}

const PARTS_OF_BYTES: Readonly<Partial<Record<string, Decoder>>> = {
  F4: bitStream(4, E2M1),
  F6_E2M3: bitStream(6, E2M3),
  F6_E3M2: bitStream(6, E3M2),
};

/** The decoder of a scheme of kind float or integer; complex numbers have none. */
export function plainDecoder({ name, blockBytes }: Scheme): Decoder | null {
  const decodeNumber = WHOLE_BYTES[name];
  if (decodeNumber !== undefined && blockBytes !== null) return eachBlock(1, blockBytes, decodeNumber);
  return PARTS_OF_BYTES[name] ?? null;
}
