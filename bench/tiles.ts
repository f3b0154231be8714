// Weights of every type for measurements: quantized by ggml where it can, else codes by chance that are no NaN.
import { decoderOf } from '../src/core/quant/decode/decoders.ts';
import { GGML_SCHEMES } from '../src/core/quant/ggmlTypes.ts';
import { SAFETENSORS_SCHEMES } from '../src/core/quant/safetensorsTypes.ts';
import type { Scheme } from '../src/core/quant/scheme.ts';
import { blockBytes, randomBytes, randomWeights } from '../test/core/decode/blocks.ts';
import { type Ggml, GGML_MISSING, loadGgml } from '../test/oracle/ggml.ts';

const SEED = 20_261_121;
const ggml: Ggml | null = GGML_MISSING === null ? loadGgml() : null;
const weights = new Map<number, Float32Array>();

/** All types that the kernel decodes: not floats of 4 and 6 bits, which it leaves to the reference. */
export const KERNEL_SCHEMES: readonly Scheme[] = [
  ...new Set([...GGML_SCHEMES, ...SAFETENSORS_SCHEMES]),
].filter((scheme) => decoderOf(scheme) !== null && Number.isInteger(scheme.blockBytes));

/** @param count of weights, in rows of `rowWeights` */
export function tileOf(scheme: Scheme, count: number, rowWeights: number): Uint8Array {
  const floats = weights.get(count) ?? randomWeights(count, SEED);
  weights.set(count, floats);
  if (scheme.name === 'F32') return new Uint8Array(floats.buffer);
  if (scheme.name === 'F64') return new Uint8Array(new Float64Array(floats).buffer);
  const isGgmls = scheme.kind === 'block' || scheme.name === 'F16' || scheme.name === 'BF16';
  if (ggml !== null && isGgmls) return ggml.quantize(scheme, floats, rowWeights);
  const bytes = randomBytes(blockBytes(scheme, count / scheme.blockWeights), SEED);
  // Without its second bit no float of 8 bits is NaN or infinite, and with its last no FNUZ.
  if (scheme.kind === 'float') bytes.forEach((byte, index) => (bytes[index] = (byte & 0xbf) | 1));
  return bytes;
}
