// What config.json says of each layer: attention, a window, a state; in the many ways of saying it that the converter knows.
import { MAX_LAYERS } from './shapeKeys.ts';
import { isToldByHeads } from './states.ts';

/** A configuration with its nested parts laid open. */
export interface Config {
  /** As llama.cpp calls it. */
  readonly architecture: string;
  /** The first of these names under which a whole number stands. */
  number(...names: readonly string[]): number | null;
  list(name: string): readonly unknown[] | null;
  text(name: string): string | null;
}

/** 0 where it does not say. */
export const layerCount = (config: Config): number =>
  config.number('num_hidden_layers', 'n_layer', 'num_layers', 'n_layers') ??
  config.list('layers_block_type')?.length ??
  0;

const SLIDING = /^(sliding_attention|chunked_attention|local)$/;
const ATTENTION = /^(attention|full_attention|sliding_attention|\*)$/;
const STATE = /^(mamba2?|conv|recurrent|linear_attention|M)$/;

/** The list that the converter would write under this GGUF key, one number a layer; null: none. */
export function listed(config: Config, key: string): number[] | null {
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
    case 'attention.head_count_kv':
      return keyValueHeads(config, types);
    case 'feed_forward_length':
      return isNemotron(config) && types !== null
        ? feedForward(config, types)
        : numbersOf(config, 'intermediate_size');
    default:
      return null;
  }
}

/** Hybrid by its architecture, but the configuration says it in a way that is not understood. */
export const hasUntoldLayers = (config: Config): boolean =>
  isToldByHeads(config.architecture) && layerTypes(config) === null;

const isNemotron = ({ architecture }: Config): boolean => architecture.startsWith('nemotron_h');

function keyValueHeads(config: Config, types: readonly string[] | null): number[] | null {
  const { architecture } = config;
  const isLatent = config.number('kv_lora_rank') !== null;
  const heads = isLatent
    ? 1
    : (config.number('num_key_value_heads', 'num_attention_groups', 'num_attention_heads') ?? 0);
  if (types === null) return numbersOf(config, 'num_key_value_heads');
  if (isToldByHeads(architecture) && types.some((type) => STATE.test(type)))
    return types.map((type) => (ATTENTION.test(type) ? heads : 0));
  // Windowed layers with another number of heads than the others.
  const [whole, windowed] =
    architecture === 'gemma4'
      ? [config.number('num_global_key_value_heads'), heads]
      : [heads, config.number('swa_num_key_value_heads', 'attention_other_setting.num_attention_groups')];
  return whole === null || windowed === null
    ? numbersOf(config, 'num_key_value_heads')
    : types.map((type) => (SLIDING.test(type) ? windowed : whole));
}

/** A layer of Nemotron-H is one thing: attention, a state, or a feed-forward network. */
function feedForward(config: Config, types: readonly string[]): number[] {
  const width = config.number('moe_intermediate_size', 'intermediate_size') ?? 0;
  return types.map((type) => (STATE.test(type) || ATTENTION.test(type) ? 0 : width));
}

/** What each layer is, where the configuration lists it or gives a rule. */
function layerTypes(config: Config): string[] | null {
  const types = config.list('layer_types') ?? config.list('layers_block_type');
  if (types !== null) return types.map(String);
  const pattern = config.text('hybrid_override_pattern');
  if (pattern !== null) return [...pattern.slice(0, MAX_LAYERS)];
  const layers = layerCount(config);
  if (layers > MAX_LAYERS) return null;
  const windows = config.list('hybrid_layer_pattern'); // MiMo
  if (windows !== null)
    return windows.map((isWindowed) => (isWindowed === 1 ? 'sliding_attention' : 'attention'));
  const isAttention = attentionRule(config);
  return isAttention === null
    ? null
    : Array.from({ length: layers }, (_, index) => (isAttention(index) ? 'attention' : 'mamba'));
}

function attentionRule(config: Config): ((index: number) => boolean) | null {
  const numbered = config.list('linear_attn_config.full_attn_layers'); // from one
  if (numbered !== null) return (index) => numbered.includes(index + 1);
  const indices = config.list('attn_layer_indices') ?? config.list('full_attn_idxs');
  if (indices !== null) return (index) => indices.includes(index);
  const group = config.architecture === 'bailingmoe3' ? (config.number('layer_group_size') ?? 0) : 0;
  const grouped = layerCount(config) - (layerCount(config) % group);
  if (group > 0) return (index) => (index + 1) % group === 0 || index >= grouped;
  const [period, offset] = [config.number('attn_layer_period'), config.number('attn_layer_offset')];
  return period === null || period === 0 ? null : (index) => index % period === (offset ?? 0);
}

function numbersOf(config: Config, name: string): number[] | null {
  const items = config.list(name);
  return items?.every((item): item is number => Number.isSafeInteger(item)) === true
    ? [...(items as number[])]
    : null;
}
