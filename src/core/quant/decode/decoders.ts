// The reference decoder of every scheme. These are the definition of a weight's value; faster ones must agree bit for bit.
import type { Scheme } from '../scheme.ts';
import { type BlockDecoder, type Decoder, eachBlock } from './decoder.ts';
import { GRID_QUANT_DECODERS } from './gridQuants.ts';
import { K_QUANT_DECODERS } from './kQuants.ts';
import { PLAIN_BLOCK_DECODERS } from './plainBlocks.ts';
import { plainDecoder } from './plainNumbers.ts';
import { SMALL_FLOAT_DECODERS } from './smallFloats.ts';

const BLOCK_DECODERS: ReadonlyMap<string, BlockDecoder> = new Map(
  [PLAIN_BLOCK_DECODERS, K_QUANT_DECODERS, GRID_QUANT_DECODERS, SMALL_FLOAT_DECODERS].flatMap((decoders) =>
    Object.entries(decoders),
  ),
);

/** The decoder of a scheme; null for one without layout and for complex numbers. Make it once, not per block. */
export function decoderOf(scheme: Scheme): Decoder | null {
  if (scheme.kind === 'unknown' || scheme.blockBytes === null) return null; // whatever its name is
  if (scheme.kind !== 'block') return plainDecoder(scheme);
  const decodeBlock = BLOCK_DECODERS.get(scheme.name);
  if (decodeBlock === undefined) return null;
  return eachBlock(scheme.blockWeights, scheme.blockBytes, decodeBlock);
}
