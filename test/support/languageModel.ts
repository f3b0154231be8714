// A language model that llama.cpp loads: llama architecture, one block, weights by chance, and a vocabulary as large as wanted
// whose tokens are single characters.
import { writeFileSync } from 'node:fs';
import { arrayOf, type EntrySpec, text, type TensorSpec, uint32, writeGguf } from './ggufWriter.ts';
import { createRandom } from './random.ts';

const WIDTH = 64;
const FIRST_CHARACTER = 0x20000;
/** Unknown, beginning and end of a text. */
const SPECIAL = ['<unk>', '<s>', '</s>'];
const BYTES = Array.from(
  { length: 256 },
  (_item, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);
/** Kinds of tokens by llama.cpp's numbers. */
const [NORMAL, UNKNOWN, CONTROL, BYTE] = [1, 2, 3, 6] as const;
const [F32, F16] = [0, 1] as const;

/** @param vocabulary number of tokens, from 300 on @param experts of which two work for each token; 0: none */
export function writeLanguageModel(path: string, vocabulary: number, seed: number, experts = 0): void {
  const characters = Array.from({ length: vocabulary - SPECIAL.length - BYTES.length }, (_item, index) =>
    String.fromCodePoint(FIRST_CHARACTER + index),
  );
  const tokens = [...SPECIAL, ...BYTES, ...characters];
  const kinds = tokens.map((_token, id) =>
    id === 0 ? UNKNOWN : id < SPECIAL.length ? CONTROL : id < SPECIAL.length + BYTES.length ? BYTE : NORMAL,
  );
  const float32 = (value: number) => ({ type: 'float32', value }) as const;
  const metadata: EntrySpec[] = Object.entries({
    'general.architecture': text('llama'),
    'llama.context_length': uint32(4096),
    'llama.embedding_length': uint32(WIDTH),
    'llama.block_count': uint32(1),
    'llama.feed_forward_length': uint32(WIDTH),
    'llama.attention.head_count': uint32(2),
    ...(experts > 0 && { 'llama.expert_count': uint32(experts), 'llama.expert_used_count': uint32(2) }),
    'llama.attention.layer_norm_rms_epsilon': float32(1e-5),
    'llama.rope.dimension_count': uint32(WIDTH / 2),
    'tokenizer.ggml.model': text('llama'),
    'tokenizer.ggml.tokens': arrayOf('string', tokens),
    'tokenizer.ggml.scores': arrayOf(
      'float32',
      tokens.map((_token, id) => -id),
    ),
    'tokenizer.ggml.token_type': arrayOf('int32', kinds),
    'tokenizer.ggml.bos_token_id': uint32(1),
    'tokenizer.ggml.eos_token_id': uint32(2),
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
  } as const).map(([key, value]) => ({ key, value }));
  const matrix = (name: string, rows: number): TensorSpec => ({ name, dims: [WIDTH, rows], type: F16 });
  const vector = (name: string): TensorSpec => ({ name, dims: [WIDTH], type: F32 });
  const tensors = [
    matrix('token_embd.weight', vocabulary),
    vector('output_norm.weight'),
    vector('blk.0.attn_norm.weight'),
    vector('blk.0.ffn_norm.weight'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((part) => matrix(`blk.0.${part}.weight`, WIDTH)),
    ...['ffn_gate', 'ffn_up', 'ffn_down'].map((part) =>
      experts === 0
        ? matrix(`blk.0.${part}.weight`, WIDTH)
        : { name: `blk.0.${part}_exps.weight`, dims: [WIDTH, WIDTH, experts], type: F16 },
    ),
    ...(experts === 0 ? [] : [{ name: 'blk.0.ffn_gate_inp.weight', dims: [WIDTH, experts], type: F16 }]),
  ];
  const { header, fileSize } = writeGguf({ metadata, tensors });
  const bytes = new Uint8Array(fileSize);
  bytes.set(header);
  fillWeights(bytes, aligned(header.length), tensors, seed);
  writeFileSync(path, bytes);
}

/** GGUF's, of the data and of every tensor. */
const ALIGNMENT = 32;
const aligned = (position: number): number => Math.ceil(position / ALIGNMENT) * ALIGNMENT;

/** Matrices with numbers from −0.125 to 0.125, vectors with ones. */
function fillWeights(bytes: Uint8Array, start: number, tensors: readonly TensorSpec[], seed: number): void {
  const random = createRandom(seed);
  const view = new DataView(bytes.buffer);
  let at = start;
  for (const { dims, type } of tensors) {
    const count = dims.reduce<number>((product, dim) => product * Number(dim), 1);
    for (let index = 0; index < count; index++) {
      // A float16 with a sign and ten bits by chance, and an exponent of −4.
      if (type === F16)
        view.setUint16(at + 2 * index, (random.below(2) << 15) | (11 << 10) | random.below(1024), true);
      else view.setFloat32(at + 4 * index, 1, true);
    }
    at += aligned(count * (type === F16 ? 2 : 4));
  }
}

/** A text of so many tokens of such a model, by chance. */
export function textOfCharacters(count: number, vocabulary: number, seed: number): string {
  const random = createRandom(seed);
  const characters = vocabulary - SPECIAL.length - BYTES.length;
  return Array.from({ length: count }, () =>
    String.fromCodePoint(FIRST_CHARACTER + random.below(characters)),
  ).join('');
}
