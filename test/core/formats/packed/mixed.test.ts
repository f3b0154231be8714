// Checkpoints in which modules differ: overrides, lists of what stays as it is, experts, several systems in one file.
import { describe, expect, test } from 'vitest';
import {
  complaints,
  configured,
  described,
  int64,
  open,
  packedOf,
  parts,
  withData,
  type Stored,
} from './checkpoints.ts';

const gptq = (module: string, bits: number): Stored[] =>
  parts(module, `qweight I32 ${8 * bits} 64`, `qzeros I32 2 ${2 * bits}`, 'scales F16 2 64', 'g_idx I32 256');
const types = (opened: ReturnType<typeof open>): Record<string, string> =>
  Object.fromEntries((opened.model?.tensors ?? []).map(({ name, scheme }) => [name, scheme.name]));

describe('settings of single modules', () => {
  test('of GPTQModel are patterns of names', () => {
    const quantization = {
      quant_method: 'gptq',
      bits: 4,
      group_size: 128,
      sym: true,
      desc_act: false,
      dynamic: {
        '+:.*\\.1\\..*down.*': { bits: 8 },
        '-:.*o_proj': {},
      },
    };
    const opened = open(
      [
        ...gptq('model.layers.0.mlp.down_proj', 4),
        ...gptq('model.layers.1.mlp.down_proj', 8),
        ...parts('model.layers.0.self_attn.o_proj', 'weight F16 64 64'),
      ],
      configured(quantization),
    );
    expect(complaints(opened)).toEqual([]);
    expect(types(opened)).toEqual({
      'model.layers.0.mlp.down_proj.weight': 'GPTQ 4-bit g128',
      'model.layers.1.mlp.down_proj.weight': 'GPTQ 8-bit g128',
      'model.layers.0.self_attn.o_proj.weight': 'F16',
    });
  });

  test('of MLX stand under their names', () => {
    const mlx = (module: string, words: number): Stored[] =>
      parts(module, `weight U32 64 ${words}`, 'scales BF16 64 4', 'biases BF16 64 4');
    const opened = open(
      [...mlx('model.embed_tokens', 32), ...mlx('lm_head', 48), ...parts('model.norm', 'weight BF16 256')],
      {
        'config.json': {
          quantization: { group_size: 64, bits: 4, 'lm_head.x': false, 'model.lm_head': false },
        },
      },
    );
    expect(types(opened)).toEqual({
      'model.embed_tokens.weight': 'MLX 4-bit g64',
      'lm_head.weight': 'MLX 6-bit g64',
      'model.norm.weight': 'BF16',
    });
    const said = { group_size: 64, bits: 4, 'language_model.lm_head': { group_size: 64, bits: 6 } };
    const right = open(mlx('language_model.lm_head', 48), { 'config.json': { quantization: said } });
    expect(complaints(right)).toEqual([]);
  });

  test('of compressed-tensors are groups with targets', () => {
    const packed = (module: string, words: number): Stored[] => [
      ...parts(module, `weight_packed I32 64 ${words}`, 'weight_scale BF16 64 2'),
      withData(parts(module, 'weight_shape I64 2')[0] as Stored, int64(64, 256)),
    ];
    const opened = open(
      [
        ...packed('model.layers.0.mlp.up_proj', 32),
        ...packed('model.layers.0.mlp.down_proj', 64),
        ...parts('lm_head', 'weight BF16 64 256'),
      ],
      configured({
        quant_method: 'compressed-tensors',
        ignore: ['lm_head'],
        config_groups: {
          group_0: { targets: ['re:.*down_proj$'], weights: { num_bits: 8, group_size: 128 } },
          group_1: { targets: ['Linear'], weights: { num_bits: 4, group_size: 128 } },
        },
      }),
    );
    expect(complaints(opened)).toEqual([]);
    expect(described(opened)).toEqual([
      `model.layers.0.mlp.up_proj.weight: compressed-tensors 4-bit g128, 64 × 256, ${((8192 + 256 + 16) * 8) / 16384}`,
      `model.layers.0.mlp.down_proj.weight: compressed-tensors 8-bit g128, 64 × 256, ${((16384 + 256 + 16) * 8) / 16384}`,
    ]);
  });

  test('of ModelOpt are a list of layers; scales of the KV cache belong to the projections', () => {
    const attention = 'model.layers.0.self_attn';
    const opened = open(
      [
        ...parts(`${attention}.k_proj`, 'weight F8_E4M3 64 256', 'weight_scale F32', 'k_scale F32'),
        ...parts(`${attention}.v_proj`, 'weight F8_E4M3 64 256', 'weight_scale F32'),
        ...parts(attention, 'v_scale F32'),
        ...parts(
          'model.layers.0.mlp.up_proj',
          'weight U8 64 128',
          'weight_scale F8_E4M3 64 16',
          'weight_scale_2 F32',
        ),
      ],
      {
        'hf_quant_config.json': {
          producer: { name: 'modelopt' },
          quantization: {
            quant_algo: 'MIXED_PRECISION',
            kv_cache_quant_algo: 'FP8',
            quantized_layers: {
              [`${attention}.k_proj`]: { quant_algo: 'FP8' },
              'model.layers.0.mlp.up_proj': { quant_algo: 'NVFP4', group_size: 16 },
            },
          },
        },
      },
    );
    expect(complaints(opened)).toEqual([]);
    expect(types(opened)).toEqual({
      [`${attention}.k_proj.weight`]: 'FP8 tensor',
      [`${attention}.v_proj.weight`]: 'FP8 tensor',
      'model.layers.0.mlp.up_proj.weight': 'NVFP4',
    });
    const uses = packedOf(opened).map(({ packed }) => packed?.parts.map(({ use }) => use));
    expect(uses[0]).toEqual(['codes', 'scales', 'activation']);
    expect(uses[1]).toEqual(['codes', 'scales', 'activation']);
    expect(opened.model?.tensors.length).toBe(3);
  });
});

describe('experts', () => {
  test('that are stacked are one tensor with their number first', () => {
    const experts = 'model.layers.0.mlp.experts';
    const opened = open([
      ...parts(`${experts}.down_proj`, '_blocks U8 3 64 8 16', '_scales U8 3 64 8'),
      { name: `${experts}.down_proj_bias`, dtype: 'BF16', shape: [3, 64] },
      { name: `${experts}.gate_up_proj`, dtype: 'F8_E4M3', shape: [3, 256, 256] },
      { name: `${experts}.gate_up_proj_scale_inv`, dtype: 'F32', shape: [3, 2, 2] },
      ...parts(
        'model.layers.0.mlp.switch_mlp.up_proj',
        'weight U32 3 64 32',
        'scales BF16 3 64 4',
        'biases BF16 3 64 4',
      ),
    ]);
    expect(described(opened)).toEqual([
      `${experts}.down_proj: MXFP4, 3 × 64 × 256, 4.25`,
      `${experts}.gate_up_proj: FP8 128×128, 3 × 256 × 256, ${8 + 32 / (128 * 128)}`,
      'model.layers.0.mlp.switch_mlp.up_proj.weight: MLX 4-bit g64, 3 × 64 × 256, 4.5',
    ]);
    expect(packedOf(opened).map(({ place }) => place.role)).toEqual([
      'ffn_down_exps',
      'ffn_gate_up_exps',
      'ffn_up_exps',
    ]);
  });

  test('of DeepSeek-V4 are floats of 4 bits in bytes that are called integers', () => {
    const opened = open(
      parts('layers.0.ffn.experts.1.w1', 'weight I8 64 128', 'scale F8_E8M0 64 8'),
      configured({ quant_method: 'fp8', weight_block_size: [128, 128] }),
    );
    expect(described(opened)).toEqual(['layers.0.ffn.experts.1.w1.weight: MXFP4, 64 × 256, 4.25']);
  });
});

test('shards may hold the parts of one matrix', () => {
  const opened = open([...gptq('model.layers.0.mlp.up_proj', 4)].toReversed());
  expect(packedOf(opened)[0]?.packed?.parts.map(({ use }) => use)).toEqual([
    'codes',
    'scales',
    'zeros',
    'order',
  ]);
});

test('several systems may stand in one file', () => {
  const opened = open([
    ...gptq('model.layers.0.mlp.up_proj', 4),
    ...parts('model.layers.0.mlp.down_proj', 'weight I8 64 256', 'SCB F32 64'),
    ...parts('model.layers.0.self_attn.q_proj', 'weight F8_E4M3 64 256', 'weight_scale F32'),
    ...parts('lm_head', 'weight F16 64 256', 'bias F16 64'),
  ]);
  expect(types(opened)).toEqual({
    'model.layers.0.mlp.up_proj.weight': 'GPTQ 4-bit g128',
    'model.layers.0.mlp.down_proj.weight': 'LLM.int8()',
    'model.layers.0.self_attn.q_proj.weight': 'FP8 tensor',
    'lm_head.weight': 'F16',
    'lm_head.bias': 'F16',
  });
});
