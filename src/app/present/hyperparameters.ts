// The numbers of a model's architecture, from GGUF keys (`llama.block_count`) or config.json (`num_hidden_layers`).
import { isArrayRef, type MetadataEntry, type Model } from '../../core/formats/model.ts';

export type Hyperparameter =
  | 'layers'
  | 'context'
  | 'vocabulary'
  | 'heads'
  | 'keyValueHeads'
  | 'headSize'
  | 'experts'
  | 'expertsUsed'
  | 'embedding';

/** GGUF keys stand behind the architecture's name; config.json keys may stand under text_config. */
const KEYS: Record<Hyperparameter, { readonly gguf: string; readonly config: readonly string[] }> = {
  layers: { gguf: 'block_count', config: ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'] },
  context: {
    gguf: 'context_length',
    config: ['max_position_embeddings', 'n_positions', 'max_sequence_length'],
  },
  vocabulary: { gguf: 'vocab_size', config: ['vocab_size'] },
  heads: { gguf: 'attention.head_count', config: ['num_attention_heads', 'n_head'] },
  keyValueHeads: { gguf: 'attention.head_count_kv', config: ['num_key_value_heads'] },
  headSize: { gguf: 'attention.key_length', config: ['head_dim'] },
  experts: { gguf: 'expert_count', config: ['num_local_experts', 'num_experts', 'n_routed_experts'] },
  expertsUsed: { gguf: 'expert_used_count', config: ['num_experts_per_tok'] },
  embedding: { gguf: 'embedding_length', config: ['hidden_size', 'n_embd'] },
};

export interface Known {
  readonly value: number;
  /** The key it was read from, and the file when that is not the header: "llama.block_count", "num_hidden_layers in config.json". */
  readonly source: string;
}

export type Hyperparameters = Readonly<Partial<Record<Hyperparameter, Known>>>;

export function hyperparametersOf(model: Model): Hyperparameters {
  const entries = new Map(model.metadata.map((entry) => [entry.key, entry]));
  const found: Partial<Record<Hyperparameter, Known>> = {};
  for (const [name, { gguf, config }] of Object.entries(KEYS) as [
    Hyperparameter,
    (typeof KEYS)[Hyperparameter],
  ][]) {
    const keys =
      model.container === 'gguf'
        ? [`${model.architecture ?? ''}.${gguf}`]
        : config.flatMap((key) => [key, `text_config.${key}`]);
    const known = keys.map((key) => numberOf(entries.get(key))).find((value) => value !== null);
    if (known !== undefined) found[name] = known;
  }
  const tokens = entries.get('tokenizer.ggml.tokens');
  if (tokens !== undefined && isArrayRef(tokens.value)) {
    found.vocabulary = { value: tokens.value.count, source: tokens.key };
  }
  return found;
}

function numberOf(entry: MetadataEntry | undefined): Known | null {
  if (entry === undefined || typeof entry.value !== 'number' || !Number.isSafeInteger(entry.value))
    return null;
  return {
    value: entry.value,
    source: entry.source === 'header' ? entry.key : `${entry.key} in ${entry.source}`,
  };
}
