import { describe, expect, it } from 'vitest';
import { createProblemList } from '../../../src/core/base/problemList.ts';
import { memorySource } from '../../../src/core/formats/byteSource.ts';
import { readSidecars } from '../../../src/core/formats/safetensors/sidecars.ts';
import { cacheByLayer, type CacheRequest } from '../../../src/core/plan/kvCache.ts';
import { memoryShape } from '../../../src/core/plan/shape.ts';
import { aModel } from '../../app/aModel.ts';
import { publishedModel, type PublishedModel } from './publishedModels.ts';
import { known, letters } from './shapes.ts';

const REQUEST: CacheRequest = {
  contextTokens: 131_072,
  sequences: 1,
  unified: false,
  keyType: 'f16',
  valueType: 'f16',
  batchTokens: 512,
  flashAttention: true,
};

/** What config.json of these models says, of the entries that matter and some that must not. */
const CONFIGS: readonly (readonly [PublishedModel, object])[] = [
  [
    'Llama-3-8B',
    {
      model_type: 'llama',
      hidden_size: 4096,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14336,
      max_position_embeddings: 8192,
      vocab_size: 128256,
    },
  ],
  [
    'Mistral-7B',
    {
      model_type: 'mistral',
      hidden_size: 4096,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14336,
      max_position_embeddings: 32768,
      sliding_window: 4096,
      vocab_size: 32000,
    },
  ],
  [
    'Gemma-3-27B',
    {
      model_type: 'gemma3',
      text_config: {
        model_type: 'gemma3_text',
        head_dim: 128,
        hidden_size: 5376,
        intermediate_size: 21504,
        num_attention_heads: 32,
        num_hidden_layers: 62,
        num_key_value_heads: 16,
        sliding_window: 1024,
        max_position_embeddings: 131072,
        vocab_size: 262208,
      },
      vision_config: { hidden_size: 1152, num_hidden_layers: 27, num_attention_heads: 16 },
    },
  ],
  [
    'Qwen3-30B-A3B',
    {
      model_type: 'qwen3_moe',
      head_dim: 128,
      hidden_size: 2048,
      intermediate_size: 6144,
      moe_intermediate_size: 768,
      num_attention_heads: 32,
      num_experts: 128,
      num_experts_per_tok: 8,
      num_hidden_layers: 48,
      num_key_value_heads: 4,
      max_position_embeddings: 40960,
      sliding_window: null,
      vocab_size: 151936,
    },
  ],
  [
    'DeepSeek-V3',
    {
      model_type: 'deepseek_v3',
      hidden_size: 7168,
      intermediate_size: 18432,
      kv_lora_rank: 512,
      q_lora_rank: 1536,
      qk_nope_head_dim: 128,
      qk_rope_head_dim: 64,
      v_head_dim: 128,
      moe_intermediate_size: 2048,
      n_routed_experts: 256,
      num_experts_per_tok: 8,
      num_attention_heads: 128,
      num_hidden_layers: 61,
      num_key_value_heads: 128,
      num_nextn_predict_layers: 1,
      max_position_embeddings: 163840,
      vocab_size: 129280,
    },
  ],
  [
    'gpt-oss-20b',
    {
      model_type: 'gpt_oss',
      head_dim: 64,
      hidden_size: 2880,
      intermediate_size: 2880,
      layer_types: Array.from({ length: 24 }, (_, index) =>
        index % 2 === 0 ? 'sliding_attention' : 'full_attention',
      ),
      num_attention_heads: 64,
      num_experts_per_tok: 4,
      num_hidden_layers: 24,
      num_key_value_heads: 8,
      num_local_experts: 32,
      sliding_window: 128,
      max_position_embeddings: 131072,
      vocab_size: 201088,
    },
  ],
  [
    'Falcon-Mamba-7B',
    {
      model_type: 'falcon_mamba',
      conv_kernel: 4,
      expand: 16,
      hidden_size: 4096,
      intermediate_size: 8192,
      num_hidden_layers: 64,
      state_size: 16,
      time_step_rank: 256,
      vocab_size: 65024,
    },
  ],
  [
    'Jamba-v0.1',
    {
      model_type: 'jamba',
      attn_layer_offset: 4,
      attn_layer_period: 8,
      hidden_size: 4096,
      intermediate_size: 14336,
      mamba_d_conv: 4,
      mamba_d_state: 16,
      mamba_expand: 2,
      num_attention_heads: 32,
      num_experts: 16,
      num_experts_per_tok: 2,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      max_position_embeddings: 262144,
      vocab_size: 65536,
    },
  ],
];

describe('config.json', () => {
  it.each(CONFIGS)('of %s gives the layers that its GGUF header gives', (name, config) => {
    const { model, readNumbers } = publishedModel(name);
    const ofGguf = known(memoryShape(model, readNumbers));
    const ofConfig = known(memoryShape(withConfig(config), () => null));
    expect(ofConfig.architecture).toBe(ofGguf.architecture);
    expect(ofConfig.layers).toEqual(ofGguf.layers);
    expect(ofConfig.experts).toEqual(ofGguf.experts);
    expect(ofConfig.vocabulary).toBe(ofGguf.vocabulary);
    expect(cacheByLayer(ofConfig, REQUEST)).toEqual(cacheByLayer(ofGguf, REQUEST));
    expect(ofConfig.compute).toEqual({
      ...ofGguf.compute,
      // The header has 0 where the configuration has no such layer at all.
      feedForward: ofConfig.compute.feedForward,
    });
    expect(ofConfig.notes[0]).toContain('after conversion to GGUF');
  });

  it('of Mistral says that its window is not used', () => {
    expect(known(memoryShape(withConfig(CONFIGS[1]![1]), () => null)).notes.join()).toContain(
      'sliding window',
    );
  });

  it('that lists its layers is followed', () => {
    const hybrid = {
      hidden_size: 512,
      num_attention_heads: 8,
      num_key_value_heads: 2,
      num_hidden_layers: 4,
      mamba_d_conv: 4,
      mamba_d_state: 128,
      mamba_expand: 2,
      mamba_n_groups: 1,
    };
    const list = (model_type: string, layer_types: string[]): string =>
      letters(memoryShape(withConfig({ ...hybrid, model_type, layer_types }), () => null));
    expect(list('granitemoehybrid', ['mamba', 'attention', 'mamba', 'mamba'])).toBe('sCss');
    expect(list('lfm2', ['conv', 'conv', 'full_attention', 'conv'])).toBe('ssCs');
    expect(
      list('qwen3_next', ['linear_attention', 'linear_attention', 'linear_attention', 'full_attention']),
    ).toBe('sssC');
    const nemotron = {
      ...hybrid,
      model_type: 'nemotron_h',
      hybrid_override_pattern: 'M-*M',
      intermediate_size: 2048,
    };
    expect(letters(memoryShape(withConfig(nemotron), () => null))).toBe('s-Cs');
  });

  it('of a layer that is another thing in each place is followed too', () => {
    const nemotron = {
      ...{ model_type: 'nemotron_h', hidden_size: 512, num_attention_heads: 8, num_key_value_heads: 2 },
      ...{ head_dim: 64, intermediate_size: 2048, n_groups: 1, ssm_state_size: 16, conv_kernel: 4 },
      ...{ mamba_num_heads: 8, mamba_head_dim: 64 },
      layers_block_type: ['mamba', 'mlp', 'attention', 'moe'],
    };
    expect(letters(memoryShape(withConfig(nemotron), () => null))).toBe('s-C-');
  });

  // moonshotai/Kimi-Linear-48B-A3B: MLA in layers 4, 8 … 24 and 27, counted from one; delta nets in the others.
  it('of Kimi Linear numbers its layers from one', () => {
    const kimi = {
      ...{ model_type: 'kimi_linear', hidden_size: 2304, num_hidden_layers: 27 },
      ...{ num_attention_heads: 32, num_key_value_heads: 32, head_dim: 72 },
      ...{ kv_lora_rank: 512, qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128 },
      linear_attn_config: {
        ...{ head_dim: 128, num_heads: 32, short_conv_kernel_size: 4 },
        full_attn_layers: [4, 8, 12, 16, 20, 24, 27],
      },
    };
    const shape = known(memoryShape(withConfig(kimi), () => null));
    expect(letters(shape)).toBe('sssCsssCsssCsssCsssCsssCssC');
    expect(shape.layers[3]!.cache).toEqual({
      ...{ keyValueHeads: 1, keyLength: 576, valueLength: 0, windowTokens: null },
    });
    // 3 × 3 inputs of 32 × 128 numbers; 128 × 128 for each of 32 heads.
    expect(shape.layers[0]!.state).toEqual({ convolutionElements: 36_864, stateElements: 524_288 });
  });

  it('of Gemma 4 has other heads in layers without a window', () => {
    const gemma = {
      ...{ model_type: 'gemma4_text', hidden_size: 512, num_hidden_layers: 3, num_attention_heads: 8 },
      ...{ num_key_value_heads: 4, num_global_key_value_heads: 1, head_dim: 256, global_head_dim: 512 },
      ...{ sliding_window: 1024, num_kv_shared_layers: 1 },
      layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],
    };
    const { layers } = known(memoryShape(withConfig(gemma), () => null));
    expect(layers.map(({ cache }) => cache)).toEqual([
      { keyValueHeads: 4, keyLength: 256, valueLength: 256, windowTokens: 1024 },
      { keyValueHeads: 1, keyLength: 512, valueLength: 512, windowTokens: null },
      null,
    ]);
  });

  it('of MiMo has other heads in layers with a window, and values of another length', () => {
    const mimo = {
      ...{ model_type: 'mimo_v2_flash', hidden_size: 512, num_hidden_layers: 2, num_attention_heads: 8 },
      ...{ num_key_value_heads: 4, swa_num_key_value_heads: 8, head_dim: 192, v_head_dim: 128 },
      ...{ sliding_window: 128, hybrid_layer_pattern: [0, 1] },
    };
    const { layers } = known(memoryShape(withConfig(mimo), () => null));
    expect(layers.map(({ cache }) => cache)).toEqual([
      { keyValueHeads: 4, keyLength: 192, valueLength: 128, windowTokens: null },
      { keyValueHeads: 8, keyLength: 192, valueLength: 128, windowTokens: 128 },
    ]);
  });

  it.each([
    // zai-org/GLM-4.7-Flash: MLA under a name of its own.
    [
      {
        ...{ model_type: 'glm4_moe_lite', num_attention_heads: 20, num_key_value_heads: 20 },
        ...{ kv_lora_rank: 512, qk_nope_head_dim: 192, qk_rope_head_dim: 64, v_head_dim: 256 },
      },
      [1, 576, 0],
    ],
    // No MLA: its entries stand there with zeros.
    [
      {
        ...{ model_type: 'deepseek_v2', num_attention_heads: 10, kv_lora_rank: null },
        ...{ qk_nope_head_dim: 0, qk_rope_head_dim: 0, v_head_dim: 0 },
      },
      [10, 51, 51],
    ],
    [
      {
        ...{ model_type: 'minicpm3', num_attention_heads: 8, qk_nope_head_dim: 64, qk_rope_head_dim: 32 },
        ...{ v_head_dim: 64, kv_lora_rank: 256 },
      },
      [8, 96, 64],
    ],
    [{ model_type: 'gpt_bigcode', n_head: 8, multi_query: true }, [1, 64, 64]],
  ])('%o keeps heads, keys and values of %o', (config, [keyValueHeads, keyLength, valueLength]) => {
    const all = { hidden_size: 512, num_hidden_layers: 1, ...config };
    const { layers } = known(memoryShape(withConfig(all), () => null));
    expect(layers[0]!.cache).toEqual({ keyValueHeads, keyLength, valueLength, windowTokens: null });
  });

  it.each([
    // state-spaces/mamba-130m-hf and mamba2 say only how wide they are.
    [{ model_type: 'mamba', d_model: 768, n_layer: 2 }, 3 * 1536, 16 * 1536],
    [{ model_type: 'mamba2', d_model: 768, n_layer: 2 }, 3 * (1536 + 2 * 128), 128 * 1536],
    [{ model_type: 'rwkv7', hidden_size: 512, num_hidden_layers: 2, head_dim: 64 }, 2 * 512, 512 * 64],
  ])('%o has states of %i and %i numbers, and no limit', (config, convolutionElements, stateElements) => {
    const shape = known(memoryShape(withConfig(config), () => null));
    expect(shape.layers[0]).toEqual({ cache: null, state: { convolutionElements, stateElements } });
    expect(shape.contextTrained).toBe(2 ** 20);
  });

  it('that says in no known way which layers have attention is said to', () => {
    const plamo = {
      ...{ model_type: 'plamo2', hidden_size: 512, num_hidden_layers: 2, num_attention_heads: 8 },
      mamba_step: 2,
    };
    const shape = known(memoryShape(withConfig(plamo), () => null));
    expect(letters(shape)).toBe('CC');
    expect(shape.notes.join()).toContain('Which of its layers have attention is not found');
  });

  it('that is missing leaves no plan', () => {
    expect(memoryShape({ ...withConfig({}), metadata: [] }, () => null)).toHaveProperty('unavailable');
  });
});

/** A safetensors model as the reader returns it, with this configuration beside it. */
function withConfig(config: object): ReturnType<typeof aModel> {
  const bytes = new TextEncoder().encode(JSON.stringify(config));
  const folder = { open: (name: string) => (name === 'config.json' ? memorySource(bytes) : null) };
  return {
    ...aModel([]),
    container: 'safetensors',
    metadata: readSidecars(folder, createProblemList()).entries,
  };
}
