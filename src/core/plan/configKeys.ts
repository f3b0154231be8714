// The keys of config.json under their GGUF names, as llama.cpp's converter (convert_hf_to_gguf.py) would write them.
import type { MetadataEntry, Model } from '../formats/model.ts';
import { architectureOf } from './architectures.ts';
import { MAX_LAYERS, type ShapeKeys, wholeNumber } from './shapeKeys.ts';

const CONFIG = 'config.json';
/** Where models with more than one part describe the part that speaks. */
const NESTS = ['', 'text_config.', 'language_config.', 'llm_config.'];

const NAMES: Readonly<Record<string, readonly string[]>> = {
  block_count: ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'],
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
  'attention.head_count_kv': ['num_key_value_heads', 'n_head_kv', 'num_kv_heads', 'multi_query_group_num'],
  'attention.key_length': ['head_dim', 'attention_head_dim'],
  'attention.value_length': ['head_dim', 'attention_head_dim'],
  'attention.key_length_swa': ['swa_head_dim'],
  'attention.sliding_window': ['sliding_window', 'attention_chunk_size'],
  'attention.sliding_window_pattern': ['sliding_window_pattern'],
  'attention.shared_kv_layers': ['num_kv_shared_layers'],
  'ssm.conv_kernel': ['mamba_d_conv', 'conv_kernel', 'd_conv', 'linear_conv_kernel_dim'],
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
    layers: number(...(NAMES.block_count ?? [])) ?? 0,
    number,
    list: (name) => listOf(entry(name)?.value),
    text: (name) => (typeof entry(name)?.value === 'string' ? String(entry(name)?.value) : null),
  };
  return {
    architecture,
    notes: notesOf(config, modelType),
    number: (key) => special(config, key) ?? number(...(NAMES[key] ?? [])),
    numbers: (key) => (config.layers > MAX_LAYERS ? null : listed(config, key)),
  };
}

interface Config {
  readonly architecture: string;
  readonly layers: number;
  number(...names: readonly string[]): number | null;
  list(name: string): readonly unknown[] | null;
  text(name: string): string | null;
}

/** What the converter computes from several entries. */
function special(config: Config, key: string): number | null {
  const of = (name: string): number => config.number(name) ?? 0;
  const latent = of('kv_lora_rank');
  const isLatent = latent > 0 && /^(deepseek2|deepseek32|glm-dsa|kimi-linear)$/.test(config.architecture);
  switch (key) {
    case 'attention.head_count':
      return config.architecture === 'mamba' || config.architecture === 'mamba2' ? 0 : null;
    case 'attention.head_count_kv':
      return isLatent ? 1 : null;
    case 'attention.key_length':
      return isLatent ? latent + of('qk_rope_head_dim') : null;
    case 'attention.value_length':
      return isLatent ? latent : null;
    case 'attention.key_length_mla':
      return isLatent ? of('qk_nope_head_dim') + of('qk_rope_head_dim') : null;
    case 'attention.value_length_mla':
      return isLatent ? of('v_head_dim') : null;
    case 'ssm.inner_size':
      return innerSize(config);
    default:
      return null;
  }
}

function innerSize(config: Config): number | null {
  const linear = config.number('linear_num_value_heads');
  if (linear !== null) return linear * (config.number('linear_value_head_dim') ?? 0);
  const own = config.number('mamba_d_ssm', 'd_inner');
  if (own !== null) return own;
  if (config.architecture === 'mamba') return config.number('intermediate_size');
  const heads = config.number('mamba_num_heads', 'mamba_n_heads');
  if (heads !== null) return heads * (config.number('mamba_head_dim', 'mamba_d_head') ?? 0);
  const expand = config.number('mamba_expand', 'expand');
  const width = config.number('hidden_size', 'd_model');
  return expand === null || width === null ? null : expand * width;
}

const SLIDING = /^(sliding_attention|chunked_attention|local)$/;
const ATTENTION = /^(attention|full_attention|sliding_attention|\*)$/;

function listed(config: Config, key: string): number[] | null {
  const types = layerTypes(config);
  switch (key) {
    case 'attention.sliding_window_pattern':
      return types?.some((type) => SLIDING.test(type)) === true
        ? types.map((type) => Number(SLIDING.test(type)))
        : null;
    case 'attention.recurrent_layers':
      return types?.includes('linear_attention') === true
        ? types.map((type) => Number(type === 'linear_attention'))
        : null;
    case 'attention.head_count_kv': {
      const hybrid = types?.some((type) => /^(mamba2?|conv|recurrent|M|-)$/.test(type)) === true;
      const heads = config.number('num_key_value_heads') ?? config.number('num_attention_heads') ?? 0;
      return types === null || !hybrid
        ? numbersOf(config, 'num_key_value_heads')
        : types.map((type) => (ATTENTION.test(type) ? heads : 0));
    }
    case 'feed_forward_length': {
      const width = config.number('intermediate_size') ?? 0;
      const pattern = config.text('hybrid_override_pattern');
      return pattern === null
        ? numbersOf(config, 'intermediate_size')
        : [...pattern.slice(0, MAX_LAYERS)].map((letter) => (letter === 'M' || letter === '*' ? 0 : width));
    }
    default:
      return null;
  }
}

/** What each layer is, where the configuration lists it or gives a rule. */
function layerTypes(config: Config): string[] | null {
  const types = config.list('layer_types') ?? config.list('layers_block_type');
  if (types !== null) return types.map(String);
  const pattern = config.text('hybrid_override_pattern');
  if (pattern !== null) return [...pattern.slice(0, MAX_LAYERS)];
  const [period, offset] = [config.number('attn_layer_period'), config.number('attn_layer_offset')];
  if (period === null || period === 0 || config.layers > MAX_LAYERS) return null;
  return Array.from({ length: config.layers }, (_, index) =>
    index % period === (offset ?? 0) ? 'attention' : 'mamba',
  );
}

function numbersOf(config: Config, name: string): number[] | null {
  const items = config.list(name);
  return items?.every((item): item is number => Number.isSafeInteger(item)) === true
    ? [...(items as number[])]
    : null;
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

function notesOf(config: Config, modelType: unknown): string[] {
  if (config.number('num_hidden_layers', 'n_layer', 'num_layers', 'n_layers') === null) return [];
  const notes = ['Counted as llama.cpp would run it after conversion to GGUF.'];
  if (
    config.architecture === 'llama' &&
    modelType === 'mistral' &&
    (config.number('sliding_window') ?? 0) > 0
  )
    notes.push('llama.cpp does not use the sliding window of this model: it keeps the whole context.');
  return notes;
}
