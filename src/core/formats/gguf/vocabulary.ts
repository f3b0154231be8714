// What the values of well-known GGUF keys mean. The one file that takes names from @huggingface/gguf.
import { GGMLFileQuantizationType } from '@huggingface/gguf';
import type { ArrayRef, MetadataEntry } from '../model.ts';

type Value = Exclude<MetadataEntry['value'], ArrayRef>;

/** The name or meaning of a value under a key: (general.file_type, 15) → "MOSTLY_Q4_K_M"; '' where there is nothing to add. */
export function meaningOf(key: string, value: Value): string {
  if (key === 'general.file_type') return fileType(value);
  const meanings = MEANINGS.get(key) ?? MEANINGS_IN_ARCHITECTURE.get(key.slice(key.indexOf('.') + 1));
  return (typeof value === 'boolean' ? undefined : meanings?.get(String(value))) ?? '';
}

/** LLAMA_FTYPE_GUESSED of llama.h: the loader guessed the type from the tensors. */
const GUESSED = 1024;
/** Numbers from here on are names of model publishers that never stand in a file. */
const FIRST_UNOFFICIAL = 1000;

/** enum llama_ftype: 0 is ALL_F32, all others MOSTLY_…: norms and other vectors keep more bits. */
function fileType(value: Value): string {
  if (typeof value !== 'number') return '';
  const isGuessed = value >= GUESSED && value < 2 * GUESSED;
  const type = isGuessed ? value - GUESSED : value;
  const name = type < FIRST_UNOFFICIAL ? GGMLFileQuantizationType[type] : undefined;
  if (name === undefined) return '';
  return `${type === 0 ? 'ALL' : 'MOSTLY'}_${name}${isGuessed ? ' (guessed)' : ''}`;
}

type Meanings = ReadonlyMap<string, string>;
/** Maps, because keys and values come from strangers: in an object "constructor" would be found. */
const meaningsByKey = (
  keys: Readonly<Record<string, Readonly<Record<string, string>>>>,
): ReadonlyMap<string, Meanings> =>
  new Map(Object.entries(keys).map(([key, names]) => [key, new Map(Object.entries(names))]));

/** By whole key. Names in capitals are those of llama.h. */
const MEANINGS = meaningsByKey({
  'general.type': {
    model: 'a whole model',
    adapter: 'a LoRA adapter to load onto a model',
    imatrix: 'an importance matrix to quantize a model with',
    mmproj: 'the vision or audio part that goes with a language model',
    vocab: 'a tokenizer without a model',
  },
  'general.quantization_version': { 2: 'the block layouts of ggml since May 2023' },
  'tokenizer.ggml.model': {
    llama: 'SentencePiece: byte pairs with spaces as ▁',
    gpt2: 'byte pairs over bytes',
    bert: 'WordPiece',
    t5: 'SentencePiece: unigrams',
    rwkv: 'greedy longest match',
    plamo2: 'unigrams with suffix search',
    none: 'no vocabulary',
    no_vocab: 'no vocabulary',
  },
  'tokenizer.ggml.token_type': {
    0: 'UNDEFINED',
    1: 'NORMAL',
    2: 'UNKNOWN',
    3: 'CONTROL',
    4: 'USER_DEFINED',
    5: 'UNUSED',
    6: 'BYTE',
  },
});

/** By what follows the architecture: "llama.rope.scaling.type". */
const MEANINGS_IN_ARCHITECTURE = meaningsByKey({
  pooling_type: { [-1]: 'UNSPECIFIED', 0: 'NONE', 1: 'MEAN', 2: 'CLS', 3: 'LAST', 4: 'RANK' },
  expert_gating_func: { 0: 'NONE', 1: 'SOFTMAX', 2: 'SIGMOID', 3: 'SOFTMAX_WEIGHT' },
  'rope.scaling.type': {
    none: 'positions as they are',
    linear: 'positions divided by the factor',
    yarn: 'YaRN: only slow frequencies are stretched',
    longrope: 'LongRoPE: one factor per frequency',
  },
});
