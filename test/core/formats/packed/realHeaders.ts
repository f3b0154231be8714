// Headers of four published models, written down as patterns: the names are those of their indexes, the shapes follow from their
// configurations, and the sums of their bytes are what the indexes say. There is no data behind them.
import type { Stored } from './checkpoints.ts';

export interface RealModel {
  readonly title: string;
  readonly config: object;
  readonly tensors: readonly Stored[];
  /** metadata.total_size of the index; null: it has none. */
  readonly totalSize: number | null;
  /** Weights that are stored, biases of zeros included. */
  readonly parameterCount: number;
  readonly types: Readonly<Record<string, number>>;
}

/** "name dtype shape", one a line. "{32}" is a number from 0 to 31. */
function header(text: string): Stored[] {
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [pattern = '', dtype = '', ...shape] = line.trim().split(' ');
      const [mark, count] = /\{(\d+)\}/.exec(pattern) ?? ['', '1'];
      return Array.from({ length: Number(count) }, (_none, at) => ({
        name: mark === '' ? pattern : pattern.replace(mark, String(at)),
        dtype,
        shape: shape.map(Number),
      }));
    });
}

/** A GPTQ matrix of 4 bits. */
const gptq = (name: string, inputs: number, outputs: number, groups: number, isBiased: boolean): string =>
  [
    `${name}.qweight I32 ${inputs / 8} ${outputs}`,
    `${name}.qzeros I32 ${groups} ${outputs / 8}`,
    `${name}.scales F16 ${groups} ${outputs}`,
    `${name}.g_idx I32 ${inputs}`,
    ...(isBiased ? [`${name}.bias F16 ${outputs}`] : []),
  ].join('\n');

const QWEN_VL: RealModel = {
  title: 'Qwen-VL-Chat, GPTQ',
  config: {
    model_type: 'qwen',
    hidden_size: 4096,
    intermediate_size: 22016,
    num_hidden_layers: 32,
    quantization_config: {
      bits: 4,
      group_size: 128,
      damp_percent: 0.01,
      desc_act: false,
      static_groups: false,
      sym: true,
      quant_method: 'gptq',
    },
  },
  tensors: header(`
    transformer.wte.weight F16 151936 4096
    ${gptq('transformer.h.{32}.attn.c_attn', 4096, 12288, 32, true)}
    ${gptq('transformer.h.{32}.attn.c_proj', 4096, 4096, 32, true)}
    ${gptq('transformer.h.{32}.mlp.w1', 4096, 11008, 32, true)}
    ${gptq('transformer.h.{32}.mlp.w2', 4096, 11008, 32, true)}
    ${gptq('transformer.h.{32}.mlp.c_proj', 11008, 4096, 86, true)}
    transformer.h.{32}.ln_1.weight F16 4096
    transformer.h.{32}.ln_2.weight F16 4096
    transformer.ln_f.weight F16 4096
    lm_head.weight F16 151936 4096
    transformer.visual.positional_embedding F16 256 1664
    transformer.visual.proj F16 4096 4096
    transformer.visual.conv1.weight F16 1664 3 14 14
    transformer.visual.ln_pre.weight F16 1664
    transformer.visual.ln_pre.bias F16 1664
    transformer.visual.ln_post.weight F16 4096
    transformer.visual.ln_post.bias F16 4096
    transformer.visual.attn_pool.pos_embed F16 256 4096
    transformer.visual.attn_pool.query F16 256 4096
    transformer.visual.attn_pool.kv_proj.weight F16 4096 1664
    transformer.visual.attn_pool.attn.in_proj_weight F16 12288 4096
    transformer.visual.attn_pool.attn.in_proj_bias F16 12288
    transformer.visual.attn_pool.attn.out_proj.weight F16 4096 4096
    transformer.visual.attn_pool.attn.out_proj.bias F16 4096
    transformer.visual.attn_pool.ln_q.weight F16 4096
    transformer.visual.attn_pool.ln_q.bias F16 4096
    transformer.visual.attn_pool.ln_kv.weight F16 4096
    transformer.visual.attn_pool.ln_kv.bias F16 4096
    transformer.visual.transformer.resblocks.{48}.ln_1.weight F16 1664
    transformer.visual.transformer.resblocks.{48}.ln_1.bias F16 1664
    transformer.visual.transformer.resblocks.{48}.ln_2.weight F16 1664
    transformer.visual.transformer.resblocks.{48}.ln_2.bias F16 1664
    transformer.visual.transformer.resblocks.{48}.attn.in_proj.weight F16 4992 1664
    transformer.visual.transformer.resblocks.{48}.attn.in_proj.bias F16 4992
    transformer.visual.transformer.resblocks.{48}.attn.out_proj.weight F16 1664 1664
    transformer.visual.transformer.resblocks.{48}.attn.out_proj.bias F16 1664
    transformer.visual.transformer.resblocks.{48}.mlp.c_fc.weight F16 8192 1664
    transformer.visual.transformer.resblocks.{48}.mlp.c_fc.bias F16 8192
    transformer.visual.transformer.resblocks.{48}.mlp.c_proj.weight F16 1664 8192
    transformer.visual.transformer.resblocks.{48}.mlp.c_proj.bias F16 1664`),
  totalSize: 9_731_786_240,
  // 9,656,935,168 of the model, and biases of zeros that AutoGPTQ wrote where the model has none: 32 × (4,096 + 2 × 11,008 + 4,096).
  parameterCount: 9_656_935_168 + 966_656,
  types: { 'GPTQ 4-bit g128': 160 },
};

const WIZARD: RealModel = {
  title: 'Wizard-Vicuna-30B, GPTQ with one group',
  config: {
    model_type: 'llama',
    hidden_size: 6656,
    intermediate_size: 17920,
    num_hidden_layers: 60,
    quantization_config: {
      bits: 4,
      group_size: -1,
      damp_percent: 0.01,
      desc_act: true,
      sym: true,
      true_sequential: true,
      quant_method: 'gptq',
    },
  },
  tensors: header(`
    model.embed_tokens.weight F16 32000 6656
    ${['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => gptq(`model.layers.{60}.self_attn.${name}`, 6656, 6656, 1, false)).join('\n')}
    ${gptq('model.layers.{60}.mlp.gate_proj', 6656, 17920, 1, false)}
    ${gptq('model.layers.{60}.mlp.up_proj', 6656, 17920, 1, false)}
    ${gptq('model.layers.{60}.mlp.down_proj', 17920, 6656, 1, false)}
    model.layers.{60}.input_layernorm.weight F16 6656
    model.layers.{60}.post_attention_layernorm.weight F16 6656
    model.norm.weight F16 6656
    lm_head.weight F16 32000 6656`),
  totalSize: null,
  parameterCount: 32_528_943_616,
  types: { 'GPTQ 4-bit channel': 420 },
};

/** A matrix of NF4 in blocks of 64 with float scales; the JSON of its quant_state has so many bytes. */
const nf4 = (name: string, weights: number, stateBytes: number): string =>
  [
    `${name}.weight U8 ${weights / 2} 1`,
    `${name}.weight.absmax F32 ${weights / 64}`,
    `${name}.weight.quant_map F32 16`,
    `${name}.weight.quant_state.bitsandbytes__nf4 U8 ${stateBytes}`,
  ].join('\n');

const VIT = 'model.vision_backbone.image_vit';
const POOL = 'model.vision_backbone.image_pooling_2d';
const MOLMO: RealModel = {
  title: 'Molmo-7B, NF4',
  config: {
    model_type: 'molmo',
    hidden_size: 3584,
    intermediate_size: 37888,
    num_hidden_layers: 28,
    quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' },
  },
  tensors: header(`
    model.transformer.wte.embedding F16 152064 3584
    model.transformer.wte.new_embedding F16 128 3584
    ${nf4('model.transformer.blocks.{28}.att_proj', 4608 * 3584, 81)}
    model.transformer.blocks.{28}.att_proj.bias F16 4608
    ${nf4('model.transformer.blocks.{28}.attn_out', 3584 * 3584, 81)}
    ${nf4('model.transformer.blocks.{28}.ff_proj', 37888 * 3584, 82)}
    ${nf4('model.transformer.blocks.{28}.ff_out', 3584 * 18944, 82)}
    model.transformer.blocks.{28}.attn_norm.weight F16 3584
    model.transformer.blocks.{28}.ff_norm.weight F16 3584
    model.transformer.ln_f.weight F16 3584
    model.transformer.ff_out.weight F16 152064 3584
    ${['wq', 'wk', 'wv'].map((name) => `${POOL}.${name}.weight F16 1024 2048\n${POOL}.${name}.bias F16 1024`).join('\n')}
    ${POOL}.wo.weight F16 1024 1024
    ${POOL}.wo.bias F16 1024
    model.vision_backbone.image_projector.w1.weight F16 18944 1024
    model.vision_backbone.image_projector.w2.weight F16 3584 18944
    model.vision_backbone.image_projector.w3.weight F16 18944 1024
    model.vision_backbone.pad_embed F16 2 2048
    ${VIT}.class_embedding F16 1024
    ${VIT}.patch_embedding.weight F16 1024 588
    ${VIT}.positional_embedding F16 577 1024
    ${VIT}.pre_ln.weight F16 1024
    ${VIT}.pre_ln.bias F16 1024
    ${['wq', 'wk', 'wv', 'wo'].map((name) => `${VIT}.transformer.resblocks.{23}.attention.${name}.weight F16 1024 1024\n${VIT}.transformer.resblocks.{23}.attention.${name}.bias F16 1024`).join('\n')}
    ${VIT}.transformer.resblocks.{23}.attention_norm.weight F16 1024
    ${VIT}.transformer.resblocks.{23}.attention_norm.bias F16 1024
    ${VIT}.transformer.resblocks.{23}.ffn_norm.weight F16 1024
    ${VIT}.transformer.resblocks.{23}.ffn_norm.bias F16 1024
    ${VIT}.transformer.resblocks.{23}.feed_forward.w1.weight F16 4096 1024
    ${VIT}.transformer.resblocks.{23}.feed_forward.w1.bias F16 4096
    ${VIT}.transformer.resblocks.{23}.feed_forward.w2.weight F16 1024 4096
    ${VIT}.transformer.resblocks.{23}.feed_forward.w2.bias F16 1024`),
  totalSize: 6_661_964_712,
  parameterCount: 8_021_025_280,
  types: { 'NF4 g64': 112 },
};

const mlx = (name: string, rows: number, columns: number): string =>
  [
    `${name}.weight U32 ${rows} ${columns / 8}`,
    `${name}.scales BF16 ${rows} ${columns / 64}`,
    `${name}.biases BF16 ${rows} ${columns / 64}`,
  ].join('\n');

const LAYER = 'model.layers.{40}';
const QWEN3: RealModel = {
  title: 'Qwen3-14B, MLX',
  config: {
    model_type: 'qwen3',
    hidden_size: 5120,
    intermediate_size: 17408,
    num_hidden_layers: 40,
    quantization: { group_size: 64, bits: 4 },
    quantization_config: { group_size: 64, bits: 4 },
  },
  tensors: header(`
    ${mlx('model.embed_tokens', 151936, 5120)}
    ${mlx('lm_head', 151936, 5120)}
    ${mlx(`${LAYER}.self_attn.q_proj`, 5120, 5120)}
    ${mlx(`${LAYER}.self_attn.k_proj`, 1024, 5120)}
    ${mlx(`${LAYER}.self_attn.v_proj`, 1024, 5120)}
    ${mlx(`${LAYER}.self_attn.o_proj`, 5120, 5120)}
    ${mlx(`${LAYER}.mlp.gate_proj`, 17408, 5120)}
    ${mlx(`${LAYER}.mlp.up_proj`, 17408, 5120)}
    ${mlx(`${LAYER}.mlp.down_proj`, 5120, 17408)}
    ${LAYER}.self_attn.q_norm.weight BF16 128
    ${LAYER}.self_attn.k_norm.weight BF16 128
    ${LAYER}.input_layernorm.weight BF16 5120
    ${LAYER}.post_attention_layernorm.weight BF16 5120
    model.norm.weight BF16 5120`),
  totalSize: 8_307_783_680,
  parameterCount: 14_768_307_200,
  types: { 'MLX 4-bit g64': 282 },
};

export const REAL_MODELS: readonly RealModel[] = [QWEN_VL, WIZARD, MOLMO, QWEN3];
