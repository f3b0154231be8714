// The keys of config.json under their GGUF names, as llama.cpp's converter (convert_hf_to_gguf.py) would write them.
import type { MetadataEntry, Model } from '../formats/model.ts';
import { architectureOf } from './architectures.ts';
import { type Config, hasUntoldLayers, layerCount, listed } from './configLayers.ts';
import { MAX_LAYERS, type ShapeKeys, wholeNumber } from './shapeKeys.ts';

const CONFIG = 'config.json';
/** Where models with more than one part describe the part that speaks. */
const NESTS = ['', 'text_config.', 'language_config.', 'llm_config.'];

const NAMES: Readonly<Record<string, readonly string[]>> = {
  embedding_length: ['hidden_size', 'n_embd', 'd_model'],
  context_length: ['max_position_embeddings', 'n_positions', 'max_sequence_length', 'n_ctx'],
  vocab_size: ['vocab_size'],
  feed_forward_length: ['intermediate_size', 'n_inner', 'ffn_dim', 'block_ff_dim'],
  expert_count: ['num_local_experts', 'num_experts', 'n_routed_experts'],
  expert_used_count: ['num_experts_per_tok', 'num_experts_per_token', 'moe_topk'],
  expert_feed_forward_length: ['moe_intermediate_size'],
  nextn_predict_layers: [],
  full_attention_interval: ['full_attention_interval'],
  token_shift_count: [],
  'attention.head_count': ['num_attention_heads', 'n_head', 'n_heads'],
  'attention.head_count_kv': [
    ...['num_key_value_heads', 'n_head_kv', 'num_kv_heads', 'multi_query_group_num'],
    'num_attention_groups',
  ],
  'attention.key_length': ['head_dim', 'attention_head_dim'],
  'attention.value_length': ['head_dim', 'attention_head_dim'],
  'attention.key_length_swa': ['swa_head_dim'],
  'attention.sliding_window': ['sliding_window', 'attention_chunk_size'],
  'attention.sliding_window_pattern': ['sliding_window_pattern'],
  'attention.shared_kv_layers': ['num_kv_shared_layers'],
  'ssm.conv_kernel': [
    ...['mamba_d_conv', 'conv_kernel', 'd_conv', 'linear_conv_kernel_dim'],
    'linear_attn_config.short_conv_kernel_size',
  ],
  'ssm.state_size': ['mamba_d_state', 'ssm_state_size', 'state_size', 'd_state', 'linear_key_head_dim'],
  'ssm.group_count': ['mamba_n_groups', 'n_groups', 'linear_num_key_heads'],
  'shortconv.l_cache': ['conv_L_cache'],
  'kda.head_dim': ['linear_attn_config.head_dim'],
  'wkv.head_size': ['head_size'],
};

export function configKeys(model: Model): ShapeKeys {
  const entries = new Map(
    model.metadata.filter(({ source }) => source === CONFIG).map((entry) => [entry.key, entry]),
  );
  const entry = (name: string): MetadataEntry | undefined =>
    NESTS.map((nest) => entries.get(`${nest}${name}`)).find((found) => found !== undefined);
  const number = (...names: readonly string[]): number | null =>
    names.map((name) => wholeNumber(entry(name))).find((found) => found !== null) ?? null;
  const modelType = ['text_config.', 'language_config.', 'llm_config.', '']
    .map((nest) => entries.get(`${nest}model_type`)?.value)
    .find((value) => typeof value === 'string');
  const architecture = architectureOf(typeof modelType === 'string' ? modelType : '');
  const config: Config = {
    architecture,
    number,
    list: (name) => listOf(entry(name)?.value),
    text: (name) => (typeof entry(name)?.value === 'string' ? String(entry(name)?.value) : null),
  };
  return {
    architecture,
    notes: notesOf(config),
    number: (key) =>
      special(config, key) ?? number(...(NAMES[key] ?? [])) ?? DEFAULTS.get(architecture)?.[key] ?? null,
    numbers: (key) => (layerCount(config) > MAX_LAYERS ? null : listed(config, key)),
  };
}

/** MLA: keys and values of all heads are made of one latent vector, and converted so that only that is kept. */
const LATENT = /^(deepseek2|deepseek32|glm-dsa|kimi-linear|kimi-k3|bailingmoe3|mistral4)$/;
/** Their keys have a part that is rotated and one that is not, and all are kept. */
const IN_PARTS = /^(minicpm3|plm)$/;
/** They have no attention, and what stands in their configuration about heads is for something else. */
const WITHOUT_HEADS = /^(mamba2?|rwkv[67]|rwkv6qwen2|arwkv7)$/;

/** What the converter computes from several entries, or names otherwise in this architecture. */
function special(config: Config, key: string): number | null {
  const { architecture } = config;
  const of = (name: string): number => config.number(name) ?? 0;
  const latent = LATENT.test(architecture) ? of('kv_lora_rank') : 0;
  const rotated = of('qk_rope_head_dim');
  const whole = of('qk_nope_head_dim') + rotated;
  const isGemma4 = architecture === 'gemma4';
  switch (key) {
    case 'block_count':
      return layerCount(config);
    case 'attention.head_count':
      return WITHOUT_HEADS.test(architecture) ? 0 : null;
    case 'attention.head_count_kv':
      return latent > 0 || architecture === 'starcoder' ? 1 : null;
    case 'attention.key_length':
      if (isGemma4) return config.number('global_head_dim');
      return latent > 0 ? latent + rotated : IN_PARTS.test(architecture) ? whole : null;
    case 'attention.value_length':
      if (isGemma4) return config.number('global_head_dim');
      return latent > 0 ? latent : /^(plm|mimo2)$/.test(architecture) ? config.number('v_head_dim') : null;
    case 'attention.key_length_swa':
    case 'attention.value_length_swa':
      return isGemma4 ? config.number('head_dim') : null;
    case 'attention.key_length_mla':
      return latent > 0 ? whole : null;
    case 'attention.value_length_mla':
      return latent > 0 ? of('v_head_dim') : null;
    case 'kda.head_dim':
      return architecture === 'bailingmoe3' ? config.number('head_dim') : null;
    case 'wkv.head_size':
      return WITHOUT_HEADS.test(architecture) && !architecture.startsWith('mamba')
        ? config.number('head_size', 'head_dim')
        : null;
    case 'token_shift_count':
      return architecture === 'rwkv6qwen2' || architecture === 'arwkv7' ? 1 : null;
    case 'ssm.inner_size':
      return innerSize(config);
    default:
      return null;
  }
}

const NO_LIMIT = { context_length: 2 ** 20 };

/** Where the configuration is silent (conversion/mamba.py, rwkv.py). */
const DEFAULTS: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map<
  string,
  Readonly<Record<string, number>>
>([
  ['mamba', { ...NO_LIMIT, 'ssm.conv_kernel': 4, 'ssm.state_size': 16 }],
  ['mamba2', { ...NO_LIMIT, 'ssm.conv_kernel': 4, 'ssm.state_size': 128, 'ssm.group_count': 1 }],
  ...['rwkv6', 'rwkv6qwen2', 'rwkv7', 'arwkv7'].map((name) => [name, NO_LIMIT] as const),
]);

function innerSize(config: Config): number | null {
  const linear = config.number('linear_num_value_heads');
  if (linear !== null) return linear * (config.number('linear_value_head_dim') ?? 0);
  const own = config.number('mamba_d_ssm', 'd_inner');
  if (own !== null) return own;
  const width = config.number('hidden_size', 'd_model');
  if (config.architecture === 'mamba')
    return config.number('intermediate_size') ?? (width === null ? null : 2 * width);
  const heads = config.number('mamba_num_heads', 'mamba_n_heads');
  if (heads !== null) return heads * (config.number('mamba_head_dim', 'mamba_d_head') ?? 0);
  const expand = config.number('mamba_expand', 'expand') ?? (config.architecture === 'mamba2' ? 2 : null);
  return expand === null || width === null ? null : expand * width;
}

/** Lists stand in the metadata as JSON. */
function listOf(value: MetadataEntry['value'] | undefined): readonly unknown[] | null {
  if (typeof value !== 'string' || !value.startsWith('[')) return null;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.length <= MAX_LAYERS ? (list as unknown[]) : null;
  } catch {
    return null; // a text that begins with a bracket
  }
}

function notesOf(config: Config): string[] {
  if (layerCount(config) === 0) return [];
  return [
    'Counted as llama.cpp would run it after conversion to GGUF.',
    ...(hasUntoldLayers(config)
      ? [
          'Which of its layers have attention is not found in config.json: every layer is counted as one with attention.',
        ]
      : []),
  ];
}
