// More known models, whose rules differ again: a window in every second layer, delta nets, short convolutions, Mamba 2. Values of
// their published configurations; llama.cpp itself opens headers made of these.
import type { Spec } from './headers.ts';

type Tensors = [string, ...number[]][];

const attention = (embedding: number, queries: number, keys: number): Tensors => [
  ['attn_q.weight', embedding, queries],
  ['attn_k.weight', embedding, keys],
  ['attn_v.weight', embedding, keys],
];
const feedForward = (embedding: number, size: number): Tensors => [
  ['ffn_norm.weight', embedding],
  ['ffn_gate.weight', embedding, size],
  ['ffn_up.weight', embedding, size],
  ['ffn_down.weight', size, embedding],
];
const experts = (embedding: number, size: number, count: number, shared: number): Tensors => [
  ['ffn_gate_inp.weight', embedding, count],
  ['ffn_gate_exps.weight', embedding, size, count],
  ['ffn_up_exps.weight', embedding, size, count],
  ['ffn_down_exps.weight', size, embedding, count],
  ['ffn_gate_shexp.weight', embedding, shared],
  ['ffn_up_shexp.weight', embedding, shared],
  ['ffn_down_shexp.weight', shared, embedding],
];

export const OTHER_MODELS = {
  // google/gemma-2-9b.
  'Gemma-2-9B': {
    architecture: 'gemma2',
    layers: 42,
    embedding: 3584,
    vocabulary: 256000,
    context: 8192,
    hasOutput: false,
    keys: {
      feed_forward_length: 14336,
      'attention.head_count': 16,
      'attention.head_count_kv': 8,
      'attention.key_length': 256,
      'attention.value_length': 256,
      'attention.sliding_window': 4096,
      'attention.layer_norm_rms_epsilon': 1e-6,
    },
    layer: () => [
      ['attn_norm.weight', 3584],
      ...attention(3584, 4096, 2048),
      ['attn_output.weight', 4096, 3584],
      ['post_attention_norm.weight', 3584],
      ...feedForward(3584, 14336),
      ['post_ffw_norm.weight', 3584],
    ],
  },
  // Qwen/Qwen3-Next-80B-A3B-Instruct: a delta net in three of four layers.
  'Qwen3-Next-80B-A3B': {
    architecture: 'qwen3next',
    layers: 48,
    embedding: 2048,
    vocabulary: 151936,
    context: 262144,
    hasOutput: true,
    keys: {
      feed_forward_length: 5120,
      'attention.head_count': 16,
      'attention.head_count_kv': 2,
      'attention.key_length': 256,
      'attention.value_length': 256,
      'attention.layer_norm_rms_epsilon': 1e-6,
      'rope.dimension_count': 64,
      expert_count: 512,
      expert_used_count: 10,
      expert_feed_forward_length: 512,
      expert_shared_feed_forward_length: 512,
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 4096,
      'ssm.state_size': 128,
      'ssm.time_step_rank': 32,
      'ssm.group_count': 16,
    },
    layer: (index) => [
      ['attn_norm.weight', 2048],
      ['post_attention_norm.weight', 2048],
      ...(index % 4 === 3
        ? ([
            ...attention(2048, 8192, 512),
            ['attn_output.weight', 4096, 2048],
            ['attn_q_norm.weight', 256],
            ['attn_k_norm.weight', 256],
          ] as Tensors)
        : ([
            ['attn_qkv.weight', 2048, 8192],
            ['attn_gate.weight', 2048, 4096],
            ['ssm_conv1d.weight', 4, 8192],
            ['ssm_dt.bias', 32],
            ['ssm_a', 32],
            ['ssm_ba.weight', 2048, 64],
            ['ssm_norm.weight', 128],
            ['ssm_out.weight', 4096, 2048],
          ] as Tensors)),
      ['ffn_gate_inp_shexp.weight', 2048],
      ...experts(2048, 512, 512, 512),
    ],
  },
  // LiquidAI/LFM2-1.2B: attention in 6 of 16 layers, short convolutions in the others.
  'LFM2-1.2B': {
    architecture: 'lfm2',
    layers: 16,
    embedding: 2048,
    vocabulary: 65536,
    context: 128000,
    hasOutput: false,
    outputNorm: 'token_embd_norm',
    keys: {
      feed_forward_length: 8192,
      'attention.head_count': 32,
      'attention.head_count_kv': [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0],
      'attention.layer_norm_rms_epsilon': 1e-5,
      'shortconv.l_cache': 3,
    },
    layer: (index) => [
      ['attn_norm.weight', 2048],
      ...([2, 5, 8, 10, 12, 14].includes(index)
        ? ([
            ...attention(2048, 2048, 512),
            ['attn_output.weight', 2048, 2048],
            ['attn_q_norm.weight', 64],
            ['attn_k_norm.weight', 64],
          ] as Tensors)
        : ([
            ['shortconv.conv.weight', 3, 2048],
            ['shortconv.in_proj.weight', 2048, 6144],
            ['shortconv.out_proj.weight', 2048, 2048],
          ] as Tensors)),
      ...feedForward(2048, 8192),
    ],
  },
  // ibm-granite/granite-4.0-h-tiny: attention in layers 5, 15, 25 and 35, Mamba 2 in the others.
  'Granite-4.0-H-Tiny': {
    architecture: 'granitehybrid',
    layers: 40,
    embedding: 1536,
    vocabulary: 100352,
    context: 131072,
    hasOutput: false,
    keys: {
      feed_forward_length: 512,
      'attention.head_count': 12,
      'attention.head_count_kv': Array.from({ length: 40 }, (_, index) => (index % 10 === 5 ? 4 : 0)),
      'attention.layer_norm_rms_epsilon': 1e-5,
      expert_count: 64,
      expert_used_count: 6,
      expert_shared_feed_forward_length: 1024,
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 3072,
      'ssm.state_size': 128,
      'ssm.time_step_rank': 48,
      'ssm.group_count': 1,
    },
    layer: (index) => [
      ['attn_norm.weight', 1536],
      ...(index % 10 === 5
        ? ([...attention(1536, 1536, 512), ['attn_output.weight', 1536, 1536]] as Tensors)
        : ([
            ['ssm_in.weight', 1536, 2 * 3072 + 2 * 128 + 48],
            ['ssm_conv1d.weight', 4, 3072 + 2 * 128],
            ['ssm_conv1d.bias', 3072 + 2 * 128],
            ['ssm_dt.bias', 48],
            ['ssm_a', 1, 48],
            ['ssm_d', 1, 48],
            ['ssm_norm.weight', 3072, 1],
            ['ssm_out.weight', 3072, 1536],
          ] as Tensors)),
      ['ffn_norm.weight', 1536],
      ...experts(1536, 512, 64, 1024),
    ],
  },
} satisfies Record<string, Spec>;

export type OtherModel = keyof typeof OTHER_MODELS;
