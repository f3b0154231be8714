// What of a model decides how much memory a run of it takes: layer by layer, from the keys of its header or config.json.
import { formatCount } from '../base/units.ts';
import type { Model } from '../formats/model.ts';
import { configKeys } from './configKeys.ts';
import { isLlamaArchitecture } from './architectures.ts';
import { ggufKeys, MAX_LAYERS, type ReadNumbers, type ShapeKeys } from './shapeKeys.ts';
import { stateLayers } from './states.ts';
import { windowedLayers } from './windows.ts';

export interface MemoryShape {
  /** As llama.cpp calls it; '' when the model does not say. */
  readonly architecture: string;
  readonly layers: readonly LayerShape[];
  /** How many of the last layers only draft tokens (MTP). */
  readonly draftLayers: number;
  readonly embedding: number;
  readonly vocabulary: number;
  /** Tokens the model was trained for; null when not known. */
  readonly contextTrained: number | null;
  readonly compute: ComputeShape;
  readonly experts: { readonly count: number; readonly used: number } | null;
  /** Sentences: which rule was taken, what is left out. */
  readonly notes: readonly string[];
}

export interface LayerShape {
  /** What the cache keeps of one token; null where a layer has no cache of its own. */
  readonly cache: LayerCache | null;
  /** F32 numbers kept for each sequence, whatever its length; null where there is no state. */
  readonly state: { readonly convolutionElements: number; readonly stateElements: number } | null;
}

export interface LayerCache {
  readonly keyValueHeads: number;
  readonly keyLength: number;
  /** 0 where the values are made of what the keys hold (MLA). */
  readonly valueLength: number;
  /** Tokens it looks back, at most; null: all. */
  readonly windowTokens: number | null;
}

/** The largest widths of the graph, in numbers a token. */
export interface ComputeShape {
  readonly feedForward: number;
  readonly expertFeedForward: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Inner width of a layer with a state; 0 where there is none. */
  readonly stateInner: number;
  /** Queries against the compressed keys of MLA, and values out of it; 0 where there is no MLA. */
  readonly latent: number;
}

/** Why no memory can be told of a model, in a sentence. */
export interface NoShape {
  readonly unavailable: string;
}

/** @param readNumbers reads an array that stayed in the header; of a safetensors model nothing needs it */
export function memoryShape(model: Model, readNumbers: ReadNumbers): MemoryShape | NoShape {
  return shapeOf(
    model.container === 'gguf' ? ggufKeys(model, readNumbers) : configKeys(model),
    vocabularyOf(model),
  );
}

/** What llama.cpp makes no cache for (create_memory in src/llama-model.cpp): they read a text at once. */
const WITHOUT_CACHE =
  /^(bert|jina-bert-v[23]|nomic-bert(-moe)?|neo-bert|eurobert|wavtokenizer-dec|modern-bert|gemma-embedding|dream|llada(-moe)?|rnd1)$/;
/** Layers that draft tokens (MTP) have no cache in the main context of these. */
const WITHOUT_DRAFT_CACHE =
  /^(step35|hy_v3|glm-dsa|mimo2|deepseek32|qwen3next|qwen35|qwen35moe|qwen4exp|minimax-01)$/;
/** What is not counted here of what these keep. */
const NOT_COUNTED: readonly (readonly [architectures: RegExp, sentence: string])[] = [
  [
    /^(deepseek32|deepseek4|glm-dsa|dots3note|minimax-m3|qwen4exp)$/,
    'What this architecture keeps besides keys and values (an indexer, compressed keys) is not counted.',
  ],
  [
    /^nanbeige$/,
    'This architecture may run through its layers several times, with a cache for each time: one is counted.',
  ],
  [
    /^deci$/,
    'Without flash attention llama.cpp keeps values for layers without attention too: they are not counted.',
  ],
  [/^graniteswitch$/, 'The cache of the router of this architecture is not counted.'],
  [
    /^(gemma4-assistant|eagle3|dflash)$/,
    'This model drafts for another one, with some of its memory: it is counted as if it ran alone.',
  ],
];
/** llama.cpp switches flash attention off for these, whatever it is told (llama_init_from_model). */
const WITHOUT_FLASH_ATTENTION = /^grok$/;
/** These were trained with a window that llama.cpp has no use for: it keeps the whole context. */
const WINDOW_UNUSED = /^(llama|mistral3|phi3|phimoe)$/;

export const takesFlashAttention = ({ architecture }: Pick<MemoryShape, 'architecture'>): boolean =>
  !WITHOUT_FLASH_ATTENTION.test(architecture);

function shapeOf(keys: ShapeKeys, vocabulary: number): MemoryShape | NoShape {
  const count = keys.number('block_count');
  const embedding = keys.number('embedding_length');
  if (count === null || count === 0 || embedding === null || embedding === 0)
    return { unavailable: 'The model does not say how many layers it has, or how wide they are.' };
  if (count > MAX_LAYERS)
    return { unavailable: `${formatCount(count)} layers are more than llama.cpp reads (${MAX_LAYERS}).` };
  const trunk = Math.max(0, count - (keys.number('nextn_predict_layers') ?? 0));
  const perLayer = (key: string, missing: number): number[] => {
    const listed = keys.numbers(key);
    const same = keys.number(key) ?? missing;
    return Array.from({ length: count }, (_, index) => (listed === null ? same : (listed[index] ?? 0)));
  };
  const heads = perLayer('attention.head_count', 0);
  const someHeads = Math.max(...heads);
  const keyValueHeads =
    keys.numbers('attention.head_count_kv') === null && keys.number('attention.head_count_kv') === null
      ? heads
      : perLayer('attention.head_count_kv', 0);
  const feedForward = perLayer('feed_forward_length', 0);
  const headLength = someHeads === 0 ? 0 : Math.floor(embedding / (heads[0] || someHeads));
  const keyLength = keys.number('attention.key_length') ?? headLength;
  const valueLength = keys.number('attention.value_length') ?? headLength;
  const isLatent =
    (keys.number('attention.key_length_mla') ?? 0) > 0 &&
    (keys.number('attention.value_length_mla') ?? 0) > 0;

  const windows = windowedLayers(keys, trunk);
  const states = stateLayers(keys, { embedding, heads, keyValueHeads, feedForward });
  const cached = cachedLayers(keys, count, trunk);
  const layers = Array.from({ length: count }, (_, index): LayerShape => {
    const isWindowed = windows?.isWindowed[index] ?? false;
    const hasState = index < trunk && (states?.hasState[index] ?? false);
    const hasCache =
      cached(index) &&
      (!hasState || states?.cacheToo === true) &&
      (keyValueHeads[index] ?? 0) > 0 &&
      keyLength > 0;
    return {
      cache: hasCache
        ? {
            keyValueHeads: keyValueHeads[index] ?? 0,
            keyLength: (isWindowed ? keys.number('attention.key_length_swa') : null) ?? keyLength,
            valueLength: isLatent
              ? 0
              : ((isWindowed ? keys.number('attention.value_length_swa') : null) ?? valueLength),
            windowTokens: isWindowed ? (windows?.windowTokens ?? null) : null,
          }
        : null,
      state:
        hasState && states !== null
          ? { convolutionElements: states.convolutionElements, stateElements: states.stateElements }
          : null,
    };
  });
  const expertCount = keys.number('expert_count') ?? 0;
  const used = Math.max(...perLayer('expert_used_count', 0));
  const shape: MemoryShape = {
    architecture: keys.architecture,
    layers,
    draftLayers: count - trunk,
    embedding,
    vocabulary: vocabulary > 0 ? vocabulary : (keys.number('vocab_size') ?? 0),
    contextTrained: keys.number('context_length'),
    compute: {
      feedForward: Math.max(...feedForward),
      expertFeedForward:
        Math.max(...perLayer('expert_feed_forward_length', 0)) ||
        (expertCount > 0 ? Math.max(...feedForward) : 0),
      heads: someHeads,
      queries: someHeads * keyLength,
      keys: Math.max(...keyValueHeads) * keyLength,
      stateInner: states === null ? 0 : (keys.number('ssm.inner_size') ?? 2 * embedding),
      latent: isLatent ? someHeads * (keyLength + 2 * valueLength) : 0,
    },
    experts: expertCount > 0 && used > 0 ? { count: expertCount, used: Math.min(used, expertCount) } : null,
    notes: notesOf(keys),
  };
  return isSane(shape) ? shape : { unavailable: 'The numbers of the header are too large to be true.' };
}

/** Which layers may have a cache: those that use another layer's have none, nor have all that only draft tokens. */
function cachedLayers(keys: ShapeKeys, count: number, trunk: number): (index: number) => boolean {
  const { architecture } = keys;
  if (WITHOUT_CACHE.test(architecture)) return () => false;
  // gemma3n.cpp: the first 20 layers, whatever the file says.
  if (architecture === 'gemma3n') return (index) => index < 20;
  if (architecture === 'gemma4') {
    const own = count - (keys.number('attention.shared_kv_layers') ?? 0);
    return (index) => index < own;
  }
  return WITHOUT_DRAFT_CACHE.test(architecture) ? (index) => index < trunk : () => true;
}

function notesOf(keys: ShapeKeys): string[] {
  const { architecture } = keys;
  const notes = [...keys.notes];
  if (!isLlamaArchitecture(architecture))
    notes.push(
      `The architecture ${architecture === '' ? 'of this model is not known' : `${architecture} is not one of llama.cpp v0.4.0`}: every layer is counted as one with attention over the whole context.`,
    );
  if (WITHOUT_CACHE.test(architecture))
    notes.push('A model of this architecture has no KV cache: it reads a text at once.');
  const window = keys.number('attention.sliding_window') ?? 0;
  if (WINDOW_UNUSED.test(architecture) && window > 0 && window < (keys.number('context_length') ?? Infinity))
    notes.push('llama.cpp does not use the sliding window of this model: it keeps the whole context.');
  if (!takesFlashAttention({ architecture }))
    notes.push('llama.cpp runs this architecture without flash attention.');
  notes.push(
    ...NOT_COUNTED.filter(([architectures]) => architectures.test(architecture)).map(([, text]) => text),
  );
  return notes;
}

/** A product of hostile numbers must not become Infinity, nor lose its last digit. */
function isSane({ layers, embedding, vocabulary, compute }: MemoryShape): boolean {
  const widths = layers.flatMap(({ cache, state }) => [
    cache === null ? 0 : cache.keyValueHeads * (cache.keyLength + cache.valueLength),
    cache?.windowTokens ?? 0,
    state === null ? 0 : state.convolutionElements + state.stateElements,
  ]);
  return [...widths, embedding, vocabulary, ...Object.values(compute)].every(
    (value) => Number.isFinite(value) && value <= MAX_WIDTH,
  );
}

/** The widest tensors of today have 2^24 numbers a token; a state of a large model has 2^20. */
const MAX_WIDTH = 2 ** 28;

/** Rows of the embedding, which is what llama.cpp computes logits for. */
function vocabularyOf(model: Model): number {
  const tensor = model.tensors.find(
    ({ place }) => place.stack === '' && place.role === 'token_embd' && place.part === 'weight',
  );
  const rows = model.container === 'gguf' ? tensor?.shape[1] : tensor?.shape[0];
  return tensor?.shape.length === 2 ? (rows ?? 0) : 0;
}
