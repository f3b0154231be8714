// A model whose tensors show what the panel has to show: experts, weights converted up, constants, broken scales.
import { createRandom } from '../support/random.ts';
import { ggufBytes, text, uint32, type TensorSpec } from '../support/ggufWriter.ts';

const ALIGNMENT = 32;
const F32 = 0;
const F16 = 1;
const Q8_0 = 8;
const IQ4_XS = 23;

interface FilledTensor extends TensorSpec {
  readonly data: Uint8Array;
}

const BROKEN_SCALES = 3;

/** The bytes of the file. */
export function panelModel(): Uint8Array {
  const tensors = [
    experts('blk.0.ffn_gate_exps.weight', 8),
    { name: 'blk.0.attn_norm.weight', dims: [256], type: F32, data: floats(bellCurve(256, 1, 1, 0.05)) },
    { name: 'blk.0.ffn_norm.weight', dims: [256], type: F32, data: floats(new Float32Array(256).fill(1)) },
    { name: 'blk.0.attn_q.weight', dims: [256, 64], type: F16, data: upConverted(256 * 64) },
    { name: 'blk.0.attn_k.weight', dims: [256, 64], type: Q8_0, data: brokenBlocks((256 * 64) / 32) },
    { name: 'blk.0.attn_v.weight', dims: [256, 64], type: IQ4_XS, data: gridBlocks((256 * 64) / 256) },
  ];
  const metadata = [
    { key: 'general.architecture', value: text('llama') },
    { key: 'llama.block_count', value: uint32(1) },
  ];
  const bytes = ggufBytes({ metadata, tensors });
  const sizes = tensors.map(({ data }) => Math.ceil(data.length / ALIGNMENT) * ALIGNMENT);
  let at = bytes.length - sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, { data }] of tensors.entries()) {
    bytes.set(data, at);
    at += sizes[index] ?? 0;
  }
  return bytes;
}

const LARGE_WEIGHTS = 2 ** 23;

/** A model of one tensor that is large enough to be estimated first. */
export function largeModel(): Uint8Array {
  const tensors = [{ name: 'blk.0.ffn_down.weight', dims: [4096, LARGE_WEIGHTS / 4096], type: F16 }];
  const bytes = ggufBytes({ metadata: [{ key: 'general.architecture', value: text('llama') }], tensors });
  const pattern = upConverted(2 ** 16);
  for (let at = bytes.length - LARGE_WEIGHTS * 2; at < bytes.length; at += pattern.length)
    bytes.set(pattern, at);
  return bytes;
}

/** Expert 5 spreads four times as far as the others. */
function experts(name: string, count: number): FilledTensor {
  const [columns, rows] = [64, 32];
  const each = Array.from({ length: count }, (_item, expert) =>
    bellCurve(columns * rows, expert, 0, expert === 5 ? 0.08 : 0.02),
  );
  const all = new Float32Array(count * columns * rows);
  for (const [expert, weights] of each.entries()) all.set(weights, expert * columns * rows);
  return { name, dims: [columns, rows, count], type: F32, data: floats(all) };
}

function bellCurve(count: number, seed: number, mean: number, std: number): Float32Array {
  const random = createRandom(seed + 1);
  const share = (): number => (random.below(1_000_000) + 1) / 1_000_001;
  return Float32Array.from(
    { length: count },
    () => mean + std * Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share()),
  );
}

const floats = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);

/** Weights d · (q − 8) of blocks of 32, as Q4_0 has them, written as F16. */
function upConverted(count: number): Uint8Array {
  const random = createRandom(40);
  const data = new DataView(new ArrayBuffer(count * 2));
  let scale = 0;
  for (let weight = 0; weight < count; weight++) {
    if (weight % 32 === 0) scale = 2 ** -8 * (1 + random.below(8) / 8);
    const code = random.below(8) + random.below(9);
    data.setUint16(weight * 2, halfBits(scale * (code - 8)), true);
  }
  return new Uint8Array(data.buffer);
}

/** Q8_0 blocks of random codes, a few of them with a scale that is no number. */
function brokenBlocks(count: number): Uint8Array {
  const random = createRandom(8);
  const data = new Uint8Array(count * 34);
  const view = new DataView(data.buffer);
  for (let block = 0; block < count; block++) {
    view.setUint16(
      block * 34,
      block < BROKEN_SCALES ? 0x7e00 : halfBits(2 ** -9 * (1 + random.below(64) / 64)),
      true,
    );
    for (let code = 2; code < 34; code++) data[block * 34 + code] = random.below(128) + random.below(129);
  }
  return data;
}

/** IQ4_XS blocks of random codes. */
function gridBlocks(count: number): Uint8Array {
  const random = createRandom(23);
  const data = Uint8Array.from({ length: count * 136 }, () => random.below(256));
  const view = new DataView(data.buffer);
  for (let block = 0; block < count; block++) view.setUint16(block * 136, halfBits(2 ** -12), true);
  return data;
}

/** Bits of a half float that a normal number fits without rounding. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}
