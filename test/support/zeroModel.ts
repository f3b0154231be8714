// A model of 0.8 billion floats that are all zero: it takes no room on the disk, and quantizing it takes as long as any. For tests
// that must meet a run at work, on however many cores.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { type EntrySpec, text, type TensorSpec, uint32, writeGguf } from './ggufWriter.ts';

const LAYERS = 12;
const WIDTH = 2048;
const FEED_FORWARD = 7168;
const VOCABULARY = 32_000;
const [F32, F16] = [0, 1] as const;

export function writeZeroModel(path: string): void {
  const metadata: EntrySpec[] = Object.entries({
    'general.architecture': text('llama'),
    'general.file_type': uint32(1),
    'llama.context_length': uint32(4096),
    'llama.embedding_length': uint32(WIDTH),
    'llama.block_count': uint32(LAYERS),
    'llama.feed_forward_length': uint32(FEED_FORWARD),
    'llama.attention.head_count': uint32(16),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 } as const,
    'llama.vocab_size': uint32(VOCABULARY),
    'tokenizer.ggml.model': text('no_vocab'),
  }).map(([key, value]) => ({ key, value }));
  const { header, fileSize } = writeGguf({ metadata, tensors: tensorsOf() });
  const file = openSync(path, 'w');
  try {
    writeSync(file, header);
    ftruncateSync(file, fileSize);
  } finally {
    closeSync(file);
  }
}

function tensorsOf(): TensorSpec[] {
  const tensor = (name: string, ...dims: number[]): TensorSpec => ({
    name: `${name}.weight`,
    type: dims.length === 1 ? F32 : F16,
    dims,
  });
  const layer = (index: number): TensorSpec[] => [
    tensor(`blk.${index}.attn_norm`, WIDTH),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((role) =>
      tensor(`blk.${index}.${role}`, WIDTH, WIDTH),
    ),
    tensor(`blk.${index}.ffn_norm`, WIDTH),
    tensor(`blk.${index}.ffn_gate`, WIDTH, FEED_FORWARD),
    tensor(`blk.${index}.ffn_up`, WIDTH, FEED_FORWARD),
    tensor(`blk.${index}.ffn_down`, FEED_FORWARD, WIDTH),
  ];
  return [
    tensor('token_embd', WIDTH, VOCABULARY),
    ...Array.from({ length: LAYERS }, (_item, index) => layer(index)).flat(),
    tensor('output_norm', WIDTH),
    tensor('output', WIDTH, VOCABULARY),
  ];
}
