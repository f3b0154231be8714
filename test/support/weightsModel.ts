// Writes models shaped like a llama, with quantized weights that are made up but plausible: random codes, scales of one
// magnitude, here and there a block of outliers. The same bytes every time.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { NEVER_CANCELLED } from '../../src/core/base/cancel.ts';
import type { Tensor } from '../../src/core/formats/model.ts';
import { openModel } from '../../src/core/formats/openModel.ts';
import { ggmlScheme } from '../../src/core/quant/ggmlTypes.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { text, uint32, writeGguf, type TensorSpec } from './ggufWriter.ts';
import { createRandom, type Random } from './random.ts';

export interface ModelShape {
  readonly layers: number;
  readonly width: number;
  readonly feedForward: number;
  readonly vocabulary: number;
}

/** 7.2 billion weights in 291 tensors: 4.4 GB in the mix of Q4_K_M. */
export const SHAPE_OF_7B: ModelShape = { layers: 32, width: 4096, feedForward: 14_336, vocabulary: 32_000 };
/** The same in 291 tensors of a quarter of their size: 1.8 billion weights, 1.1 GB. */
export const QUARTER_OF_7B: ModelShape = { layers: 32, width: 2048, feedForward: 7168, vocabulary: 32_000 };

const [F32, Q4_K, Q6_K] = [0, 12, 14];
/** Blocks that are written again and again: about 4 MB. */
const TILE_BLOCKS = 2 ** 14;
/** A block in this many has weights 16 times as large as the others: some weights beyond 6 σ in every fourth span. */
const OUTLIER_BLOCKS = 256;

export function writeWeightsModel(path: string, shape: ModelShape): void {
  const { header, fileSize } = writeGguf({
    metadata: [
      { key: 'general.architecture', value: text('llama') },
      { key: 'general.file_type', value: uint32(15) },
      { key: 'llama.block_count', value: uint32(shape.layers) },
    ],
    tensors: tensorsOf(shape),
  });
  const file = openSync(path, 'w');
  try {
    writeSync(file, header);
    ftruncateSync(file, fileSize);
    const { model } = diskAccess.withFolder(path, (folder) =>
      openModel(folder, basename(path), NEVER_CANCELLED),
    );
    const tiles = new Map([F32, Q4_K, Q6_K].map((type) => [ggmlScheme(type).name, tileOf(type)]));
    for (const tensor of model?.tensors ?? []) fill(file, tensor, tiles.get(tensor.scheme.name));
  } finally {
    closeSync(file);
  }
}

/** Q4_K_M: the more sensitive half of attn_v and ffn_down has more bits. */
function tensorsOf({ layers, width, feedForward, vocabulary }: ModelShape): TensorSpec[] {
  const tensor = (name: string, type: number, ...dims: number[]): TensorSpec => ({
    name: `${name}.weight`,
    type,
    dims,
  });
  const inner = Array.from({ length: layers }, (_item, layer) => {
    const mixed = layer % 2 === 0 ? Q6_K : Q4_K;
    const keys = Math.max(256, width / 4);
    return [
      tensor('attn_norm', F32, width),
      tensor('attn_q', Q4_K, width, width),
      tensor('attn_k', Q4_K, width, keys),
      tensor('attn_v', mixed, width, keys),
      tensor('attn_output', Q4_K, width, width),
      tensor('ffn_norm', F32, width),
      tensor('ffn_gate', Q4_K, width, feedForward),
      tensor('ffn_up', Q4_K, width, feedForward),
      tensor('ffn_down', mixed, feedForward, width),
    ].map((spec): TensorSpec => ({ ...spec, name: `blk.${layer}.${String(spec.name)}` }));
  });
  return [
    tensor('token_embd', Q4_K, width, vocabulary),
    ...inner.flat(),
    tensor('output_norm', F32, width),
    tensor('output', Q6_K, width, vocabulary),
  ];
}

function fill(file: number, { byteOffset, byteLength }: Tensor, tile: Uint8Array | undefined): void {
  if (tile === undefined || byteLength === null) throw new Error('A tensor of a type without tile.');
  for (let done = 0; done < byteLength; done += tile.length) {
    writeSync(file, tile, 0, Math.min(tile.length, byteLength - done), byteOffset + done);
  }
}

/** Blocks of random bytes, but for their scales. */
function tileOf(type: number): Uint8Array {
  const { blockBytes, blockWeights } = ggmlScheme(type);
  const random = createRandom(type);
  if (blockBytes === null) throw new Error('A type without blocks.');
  const blocks = blockWeights === 1 ? TILE_BLOCKS * 64 : TILE_BLOCKS;
  const tile = new Uint8Array(blocks * blockBytes);
  const words = new Uint32Array(tile.buffer, 0, tile.length >> 2);
  for (let index = 0; index < words.length; index++) words[index] = random.below(2 ** 32);
  const view = new DataView(tile.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes;
    if (type === F32) view.setFloat32(at, 0.5 + random.below(1000) / 1000, true);
    if (type === Q4_K) {
      view.setUint16(at, scaleOf(random), true);
      view.setUint16(at + 2, scaleOf(random), true);
    }
    if (type === Q6_K) view.setUint16(at + 208, scaleOf(random), true);
  }
  return tile;
}

/** An F16 between 2^-13 and 2^-12; of a block of outliers 16 times that. */
const scaleOf = (random: Random): number =>
  (random.once(OUTLIER_BLOCKS) ? 0x1800 : 0x0800) + random.below(0x400);
