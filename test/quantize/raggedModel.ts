// A model whose rows do not fit the blocks of most types. Its weights are zeros: only what becomes of them is looked at.
import { writeFileSync } from 'node:fs';
import { ggufBytes, text, type TensorSpec, uint32 } from '../support/ggufWriter.ts';

const [F32, F16] = [0, 1] as const;
/** A multiple of 32 and none of 256, and one of neither. */
const [WIDTH, INNER] = [96, 100] as const;

/** @returns the path */
export function writeRaggedModel(path: string): string {
  const matrix = (name: string, columns: number, rows: number): TensorSpec => ({
    name,
    dims: [columns, rows],
    type: F16,
  });
  const metadata = Object.entries({
    'general.architecture': text('llama'),
    'llama.context_length': uint32(128),
    'llama.embedding_length': uint32(WIDTH),
    'llama.block_count': uint32(1),
    'llama.feed_forward_length': uint32(INNER),
    'llama.attention.head_count': uint32(2),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'llama.vocab_size': uint32(64),
  } as const).map(([key, value]) => ({ key, value }));
  const tensors = [
    matrix('token_embd.weight', WIDTH, 64),
    { name: 'blk.0.attn_norm.weight', dims: [WIDTH], type: F32 },
    matrix('blk.0.attn_q.weight', WIDTH, WIDTH),
    matrix('blk.0.ffn_up.weight', WIDTH, INNER),
    matrix('blk.0.ffn_down.weight', INNER, WIDTH),
  ];
  writeFileSync(path, ggufBytes({ metadata, tensors }));
  return path;
}
