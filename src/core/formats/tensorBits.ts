// True bits per weight of one tensor, with everything that is stored for it.
import { bitsPerWeight } from '../quant/scheme.ts';
import type { Tensor } from './model.ts';

/** From the layout of the type; of a packed matrix from the bytes of its parts. null: not known, or contradicted by its declaration. */
export function tensorBits({ scheme, packed, byteLength, elementCount, state }: Tensor): number | null {
  if (state === 'invalid') return null;
  if (packed === null) return bitsPerWeight(scheme);
  return byteLength === null || elementCount === 0 ? null : (byteLength * 8) / elementCount;
}
