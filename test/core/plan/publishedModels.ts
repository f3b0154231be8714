// Known models: the values of their published configurations that memory depends on, and names, shapes and types of all their
// tensors. No weight of them is here. llama.cpp itself opens headers made of these.
import type { GgufSpec } from '../../support/ggufWriter.ts';
import { modelOf, MXFP4, Q4_K, type Spec, specOf } from './headers.ts';

interface Dense {
  readonly embedding: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

const attention = ({ embedding, heads, keyValueHeads, headSize }: Dense): [string, ...number[]][] => [
  ['attn_norm.weight', embedding],
  ['attn_q.weight', embedding, heads * headSize],
  ['attn_k.weight', embedding, keyValueHeads * headSize],
  ['attn_v.weight', embedding, keyValueHeads * headSize],
  ['attn_output.weight', heads * headSize, embedding],
];
const feedForward = (embedding: number, size: number): [string, ...number[]][] => [
  ['ffn_norm.weight', embedding],
  ['ffn_gate.weight', embedding, size],
  ['ffn_up.weight', embedding, size],
  ['ffn_down.weight', size, embedding],
];
const experts = (embedding: number, size: number, count: number): [string, ...number[]][] => [
  ['ffn_gate_inp.weight', embedding, count],
  ['ffn_gate_exps.weight', embedding, size, count],
  ['ffn_up_exps.weight', embedding, size, count],
  ['ffn_down_exps.weight', size, embedding, count],
];

const llama = (
  layers: number,
  dense: Dense,
  feedForwardSize: number,
  vocabulary: number,
  context: number,
): Spec => ({
  architecture: 'llama',
  layers,
  embedding: dense.embedding,
  vocabulary,
  context,
  type: Q4_K,
  hasOutput: true,
  keys: {
    feed_forward_length: feedForwardSize,
    'attention.head_count': dense.heads,
    'attention.head_count_kv': dense.keyValueHeads,
    'rope.dimension_count': dense.headSize,
    'attention.layer_norm_rms_epsilon': 1e-5,
  },
  layer: () => [...attention(dense), ...feedForward(dense.embedding, feedForwardSize)],
});

const GEMMA: Dense = { embedding: 5376, heads: 32, keyValueHeads: 16, headSize: 128 };
const QWEN: Dense = { embedding: 2048, heads: 32, keyValueHeads: 4, headSize: 128 };
const OSS: Dense = { embedding: 2880, heads: 64, keyValueHeads: 8, headSize: 64 };
const JAMBA: Dense = { embedding: 4096, heads: 32, keyValueHeads: 8, headSize: 128 };

const SPECS = {
  // meta-llama/Meta-Llama-3-8B and -70B, config.json.
  'Llama-3-8B': llama(
    32,
    { embedding: 4096, heads: 32, keyValueHeads: 8, headSize: 128 },
    14336,
    128256,
    8192,
  ),
  'Llama-3-70B': llama(
    80,
    { embedding: 8192, heads: 64, keyValueHeads: 8, headSize: 128 },
    28672,
    128256,
    8192,
  ),
  // mistralai/Mistral-7B-v0.1: its window of 4096 has no key in GGUF; llama.cpp reads it as a llama.
  'Mistral-7B': llama(
    32,
    { embedding: 4096, heads: 32, keyValueHeads: 8, headSize: 128 },
    14336,
    32000,
    32768,
  ),
  // google/gemma-3-27b-it, text_config.
  'Gemma-3-27B': {
    architecture: 'gemma3',
    layers: 62,
    embedding: 5376,
    vocabulary: 262208,
    context: 131072,
    hasOutput: false,
    type: Q4_K,
    keys: {
      feed_forward_length: 21504,
      'attention.head_count': 32,
      'attention.head_count_kv': 16,
      'attention.key_length': 128,
      'attention.value_length': 128,
      'attention.sliding_window': 1024,
      'attention.layer_norm_rms_epsilon': 1e-6,
    },
    layer: () => [
      ...attention(GEMMA),
      ['attn_q_norm.weight', 128],
      ['attn_k_norm.weight', 128],
      ['post_attention_norm.weight', 5376],
      ...feedForward(5376, 21504),
      ['post_ffw_norm.weight', 5376],
    ],
  },
  // Qwen/Qwen3-30B-A3B.
  'Qwen3-30B-A3B': {
    architecture: 'qwen3moe',
    layers: 48,
    embedding: 2048,
    vocabulary: 151936,
    context: 40960,
    hasOutput: true,
    type: Q4_K,
    keys: {
      feed_forward_length: 6144,
      'attention.head_count': 32,
      'attention.head_count_kv': 4,
      'attention.key_length': 128,
      'attention.value_length': 128,
      'attention.layer_norm_rms_epsilon': 1e-6,
      expert_count: 128,
      expert_used_count: 8,
      expert_feed_forward_length: 768,
    },
    layer: () => [
      ...attention(QWEN),
      ['attn_q_norm.weight', 128],
      ['attn_k_norm.weight', 128],
      ['ffn_norm.weight', 2048],
      ...experts(2048, 768, 128),
    ],
  },
  // deepseek-ai/DeepSeek-V3, as convert_hf_to_gguf.py writes it: attention over one head of 512 + 64.
  'DeepSeek-V3': {
    architecture: 'deepseek2',
    layers: 61,
    embedding: 7168,
    vocabulary: 129280,
    context: 163840,
    hasOutput: true,
    keys: {
      feed_forward_length: 18432,
      'attention.head_count': 128,
      'attention.head_count_kv': 1,
      'attention.key_length': 576,
      'attention.value_length': 512,
      'attention.key_length_mla': 192,
      'attention.value_length_mla': 128,
      'attention.q_lora_rank': 1536,
      'attention.kv_lora_rank': 512,
      'rope.dimension_count': 64,
      'attention.layer_norm_rms_epsilon': 1e-6,
      leading_dense_block_count: 3,
      expert_count: 256,
      expert_used_count: 8,
      expert_shared_count: 1,
      expert_feed_forward_length: 2048,
      expert_group_count: 8,
      expert_group_used_count: 4,
      expert_weights_scale: 2.5,
      expert_gating_func: 2,
    },
    layer: (index) => [
      ['attn_norm.weight', 7168],
      ['attn_q_a.weight', 7168, 1536],
      ['attn_q_a_norm.weight', 1536],
      ['attn_q_b.weight', 1536, 128 * 192],
      ['attn_kv_a_mqa.weight', 7168, 576],
      ['attn_kv_a_norm.weight', 512],
      ['attn_k_b.weight', 128, 512, 128],
      ['attn_v_b.weight', 512, 128, 128],
      ['attn_output.weight', 128 * 128, 7168],
      ...(index < 3
        ? feedForward(7168, 18432)
        : [
            ['ffn_norm.weight', 7168] as [string, number],
            ...experts(7168, 2048, 256),
            ['ffn_gate_shexp.weight', 7168, 2048] as [string, ...number[]],
            ['ffn_up_shexp.weight', 7168, 2048] as [string, ...number[]],
            ['ffn_down_shexp.weight', 2048, 7168] as [string, ...number[]],
          ]),
    ],
  },
  // openai/gpt-oss-20b.
  'gpt-oss-20b': {
    architecture: 'gpt-oss',
    layers: 24,
    embedding: 2880,
    vocabulary: 201088,
    context: 131072,
    hasOutput: true,
    type: MXFP4,
    keys: {
      feed_forward_length: 2880,
      'attention.head_count': 64,
      'attention.head_count_kv': 8,
      'attention.key_length': 64,
      'attention.value_length': 64,
      'attention.sliding_window': 128,
      'attention.layer_norm_rms_epsilon': 1e-5,
      'rope.dimension_count': 64,
      expert_count: 32,
      expert_used_count: 4,
      expert_feed_forward_length: 2880,
    },
    layer: () => [
      ...attention(OSS),
      ['attn_q.bias', 4096],
      ['attn_k.bias', 512],
      ['attn_v.bias', 512],
      ['attn_output.bias', 2880],
      ['attn_sinks.weight', 64],
      ['post_attention_norm.weight', 2880],
      ...experts(2880, 2880, 32),
      ['ffn_gate_inp.bias', 32],
      ['ffn_gate_exps.bias', 2880, 32],
      ['ffn_up_exps.bias', 2880, 32],
      ['ffn_down_exps.bias', 2880, 32],
    ],
  },
  // tiiuae/falcon-mamba-7b.
  'Falcon-Mamba-7B': {
    architecture: 'mamba',
    layers: 64,
    embedding: 4096,
    vocabulary: 65024,
    context: 1048576,
    hasOutput: true,
    keys: {
      feed_forward_length: 0,
      'attention.head_count': 0,
      'attention.layer_norm_rms_epsilon': 1e-5,
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 8192,
      'ssm.state_size': 16,
      'ssm.time_step_rank': 256,
    },
    layer: () => [['attn_norm.weight', 4096], ...stateSpace(4096)],
  },
  // ai21labs/Jamba-v0.1: attention in layers 4, 12, 20 and 28, experts in every second layer.
  'Jamba-v0.1': {
    architecture: 'jamba',
    layers: 32,
    embedding: 4096,
    vocabulary: 65536,
    context: 262144,
    hasOutput: true,
    keys: {
      feed_forward_length: 14336,
      'attention.head_count': 32,
      'attention.head_count_kv': Array.from({ length: 32 }, (_, index) => (index % 8 === 4 ? 8 : 0)),
      'attention.layer_norm_rms_epsilon': 1e-6,
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 8192,
      'ssm.state_size': 16,
      'ssm.time_step_rank': 256,
      expert_count: 16,
      expert_used_count: 2,
    },
    layer: (index) => [
      ...(index % 8 === 4
        ? attention(JAMBA)
        : ([
            ['attn_norm.weight', 4096],
            ...stateSpace(4096),
            ['ssm_dt_norm.weight', 256],
            ['ssm_b_norm.weight', 16],
            ['ssm_c_norm.weight', 16],
          ] as [string, ...number[]][])),
      ...(index % 2 === 1
        ? [['ffn_norm.weight', 4096] as [string, number], ...experts(4096, 14336, 16)]
        : feedForward(4096, 14336)),
    ],
  },
} satisfies Record<string, Spec>;

function stateSpace(embedding: number): [string, ...number[]][] {
  const inner = 2 * embedding;
  return [
    ['ssm_in.weight', embedding, 2 * inner],
    ['ssm_conv1d.weight', 4, inner],
    ['ssm_conv1d.bias', inner],
    ['ssm_x.weight', inner, 256 + 2 * 16],
    ['ssm_dt.weight', 256, inner],
    ['ssm_dt.bias', inner],
    ['ssm_a', 16, inner],
    ['ssm_d', inner],
    ['ssm_out.weight', inner, embedding],
  ];
}

export type PublishedModel = keyof typeof SPECS;

export const PUBLISHED_MODELS = Object.keys(SPECS) as PublishedModel[];

export const publishedSpec = (name: PublishedModel): GgufSpec => specOf(SPECS[name]);

/** The model as the reader returns it, and what reads the numbers of an array of its header. */
export const publishedModel = (name: PublishedModel): ReturnType<typeof modelOf> =>
  modelOf(publishedSpec(name));
