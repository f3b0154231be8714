// Models as large as they come, made of nothing: the same bytes on every machine and in every run.
import { arrayOf, text, uint32, type EntrySpec, type GgufSpec, type TensorSpec } from './ggufWriter.ts';
import { createRandom } from './random.ts';

/** Words that tokens are made of, with spaces and characters beyond ASCII as in real vocabularies. */
const PIECES = [
  '▁',
  'the',
  'ing',
  'er',
  'on',
  'ю',
  '語',
  'qu',
  'é',
  'st',
  'un',
  '0',
  'x',
  'ство',
  'tion',
  '한',
];

/** A vocabulary like Gemma's: 262,144 tokens with scores and types, and nearly twice as many merges; about 15 MB. */
export function gemmaLikeVocabulary(tokenCount = 262_144): EntrySpec[] {
  const random = createRandom(262_144);
  const piece = (): string => random.pick(PIECES);
  const tokens = Array.from({ length: tokenCount }, (_item, id) => `${piece()}${piece()}${id.toString(36)}`);
  const merges = Array.from(
    { length: Math.floor(tokenCount * 1.5) },
    () => `${piece()}${piece()} ${piece()}${piece()}`,
  );
  return [
    { key: 'general.architecture', value: text('gemma4') },
    { key: 'general.name', value: text('A vocabulary like that of Gemma') },
    { key: 'gemma4.block_count', value: uint32(0) },
    { key: 'tokenizer.ggml.model', value: text('gpt2') },
    { key: 'tokenizer.ggml.tokens', value: arrayOf('string', tokens) },
    {
      key: 'tokenizer.ggml.scores',
      value: arrayOf(
        'float32',
        tokens.map((_token, id) => -id),
      ),
    },
    {
      key: 'tokenizer.ggml.token_type',
      value: arrayOf(
        'int32',
        tokens.map((_token, id) => (id < 4 ? 3 : 1)),
      ),
    },
    { key: 'tokenizer.ggml.merges', value: arrayOf('string', merges) },
  ];
}

/** Tensors of a mixture of experts with one matrix per expert, so that a few layers have very many. */
function manyTensors(count: number): TensorSpec[] {
  const tensors: TensorSpec[] = [];
  for (let layer = 0; tensors.length < count; layer += 1)
    for (const role of [
      'attn_norm',
      'attn_q',
      'attn_k',
      'attn_v',
      'attn_output',
      'ffn_norm',
      'ffn_gate',
      'ffn_up',
      'ffn_down',
    ])
      tensors.push(
        role.endsWith('norm')
          ? { name: `blk.${layer}.${role}.weight`, dims: [256], type: 0 }
          : { name: `blk.${layer}.${role}.weight`, dims: [256, 256], type: role === 'ffn_down' ? 14 : 12 },
      );
  return tensors.slice(0, count);
}

export const withTensors = (count: number): GgufSpec => ({
  metadata: [
    { key: 'general.architecture', value: text('llama') },
    { key: 'llama.block_count', value: uint32(Math.ceil(count / 9)) },
  ],
  tensors: manyTensors(count),
});
