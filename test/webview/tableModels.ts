// Small models as the page has them, for the tests of table, filter and map.
import { present } from '../../src/app/present/modelView.ts';
import type { Model } from '../../src/core/formats/model.ts';
import { placeHf } from '../../src/core/formats/naming/hfNames.ts';
import type { ModelView } from '../../src/protocol/modelView.ts';
import { STATS_KNOWN } from '../../src/protocol/analysis.ts';
import { rowsOf, type Rows } from '../../webview/shared/tensors/rows.ts';
import {
  emptyStats,
  STATS_NUMBERS,
  type Stats,
  type StatsKnown,
  type StatsNumber,
} from '../../webview/inspector/stats.ts';
import { aModel, type TensorSpec } from '../app/aModel.ts';

export interface Loaded {
  readonly model: ModelView;
  readonly rows: Rows;
}

export function loaded(model: Model): Loaded {
  const { snapshot } = present('model.gguf', null, { model, problems: [] });
  if (snapshot.kind !== 'model') throw new Error('Not a model.');
  return { model: snapshot, rows: rowsOf([snapshot.tensors], snapshot.tensorCount) };
}

const F32 = 0;
const Q4_K = 12;
const Q6_K = 14;
export const UNKNOWN_TYPE = 139;

/** A llama of two layers: Q4_K, with Q6_K in the second layer's attn_v and in the head, and F32 norms. */
export function llama(change: (tensor: TensorSpec) => TensorSpec = (tensor) => tensor): Loaded {
  const layer = (number: number): TensorSpec[] => [
    { name: `blk.${number}.attn_norm.weight`, type: F32, shape: [256] },
    { name: `blk.${number}.attn_q.weight`, type: Q4_K, shape: [256, 256] },
    { name: `blk.${number}.attn_v.weight`, type: number === 1 ? Q6_K : Q4_K, shape: [256, 128] },
    { name: `blk.${number}.attn_v.bias`, type: F32, shape: [128] },
    { name: `blk.${number}.ffn_norm.weight`, type: F32, shape: [256] },
    { name: `blk.${number}.ffn_down.weight`, type: Q4_K, shape: [768, 256] },
  ];
  const tensors: TensorSpec[] = [
    { name: 'token_embd.weight', type: Q4_K, shape: [256, 1024] },
    ...layer(0),
    ...layer(1),
    { name: 'output_norm.weight', type: F32, shape: [256] },
    { name: 'output.weight', type: Q6_K, shape: [256, 1024] },
  ];
  return loaded(aModel(tensors.map(change)));
}

/** The same tensors under their names and in the order of dimensions of safetensors, in two files. */
export function shardedSafetensors(): Loaded {
  const shapes: readonly (readonly [name: string, shape: readonly number[]])[] = [
    ['model.embed_tokens.weight', [1024, 256]],
    ['model.layers.0.self_attn.q_proj.weight', [256, 256]],
    ['model.layers.0.mlp.down_proj.weight', [256, 768]],
    ['lm_head.weight', [1024, 256]],
  ];
  const model = aModel(shapes.map(([name, shape]) => ({ name, type: 1, shape })));
  const file = {
    name: 'model-00001-of-00002.safetensors',
    size: 1_000_000,
    dataOffset: 8,
    expectedSize: 1_000_000,
  };
  return loaded({
    ...model,
    container: 'safetensors',
    version: null,
    files: [file, { ...file, name: 'model-00002-of-00002.safetensors' }],
    tensors: model.tensors.map((tensor, index) => ({
      ...tensor,
      place: placeHf(tensor.name),
      file: index % 2,
    })),
  });
}

/** A language model of two layers with a vision tower of three, a projector, and tensors nobody knows. */
export function withVision(): Loaded {
  const text = ['attn_norm', 'attn_q', 'ffn_up'];
  const vision = ['ln1', 'attn_q', 'ffn_up'];
  return loaded(
    aModel([
      'token_embd.weight',
      'rope_freqs.weight',
      ...[0, 1].flatMap((layer) => text.map((role) => `blk.${layer}.${role}.weight`)),
      'v.patch_embd.weight',
      ...[0, 1, 2].flatMap((layer) => vision.map((role) => `v.blk.${layer}.${role}.weight`)),
      'mm.0.weight',
      'mm.2.weight',
      'something.else',
    ]),
  );
}

/** What the analysis said of some tensors, by name; of the others nothing. */
export type Findings = Readonly<
  Record<string, { readonly known?: StatsKnown } & Readonly<Partial<Record<StatsNumber, number>>>>
>;

export function statsOf({ rows }: Loaded, findings: Findings): Stats {
  const stats = emptyStats(rows.count);
  for (const [name, { known = 'exact', ...numbers }] of Object.entries(findings)) {
    const row = rows.names.indexOf(name);
    if (row < 0) throw new Error(`There is no tensor ${name}.`);
    stats.known[row] = STATS_KNOWN.indexOf(known);
    for (const number of STATS_NUMBERS) stats[number][row] = numbers[number] ?? NaN;
  }
  return stats;
}
