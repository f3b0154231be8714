// Roles of attention: of a model's own layers, of its compressed kind (MLA), and of attention to an encoder.
import type { RoleRow } from './roleRow.ts';

export const ATTENTION_ROLES: readonly RoleRow[] = [
  ['*attn_norm', 'Attention norm', "Normalizes each token's state before attention."],
  [
    '*attn_norm_2',
    'Second attention norm',
    "A second normalization of each token's state before attention or feed-forward.",
  ],
  [
    'attn_qkv',
    'Query, key and value projection',
    'Makes queries, keys and values in one matrix: their rows lie one after the other.',
  ],
  ['attn_q', 'Query projection', "Turns each token's state into what it looks for in other tokens."],
  ['attn_k', 'Key projection', "Turns each token's state into what other tokens can find it by."],
  [
    'attn_v',
    'Value projection',
    "Turns each token's state into what it hands to the tokens that attend to it.",
  ],
  [
    'attn_q_a',
    'Query compression',
    "Compresses each token's state to a short vector from which all queries are made.",
  ],
  ['*attn_q_a_norm', 'Compressed query norm', 'Normalizes the compressed query vector.'],
  ['attn_q_b', 'Query expansion', 'Makes the queries of all heads from the compressed vector.'],
  [
    'attn_kv_a_mqa',
    'Key and value compression',
    "Compresses each token's state to the short vector that the cache keeps, and makes the rotary key that all heads share.",
  ],
  ['*attn_kv_a_norm', 'Compressed key and value norm', 'Normalizes the compressed key and value vector.'],
  ['attn_kv_b', 'Key and value expansion', 'Makes keys and values of all heads from the compressed vector.'],
  [
    'attn_k_b',
    'Key expansion',
    'Makes the keys of all heads from the compressed vector, or absorbs that step into the queries.',
  ],
  ['attn_v_b', 'Value expansion', 'Makes the values of all heads from the compressed vector.'],
  ['*attn_q_norm', 'Query norm', 'Normalizes the query of each head.'],
  ['*attn_k_norm', 'Key norm', 'Normalizes the key of each head.'],
  [
    '*attn_sinks',
    'Attention sinks',
    'One learned score per head that attention may spend on no token at all.',
  ],
  ['attn_gate', 'Attention gate', 'Decides how much of the attention result passes on.'],
  ['attn_rel_b', 'Relative position bias', 'Adds to attention scores by the distance between two tokens.'],
  [
    '*attn_rot_embd',
    'Rotary frequencies',
    'Frequencies by which queries and keys are rotated with their position.',
  ],
  [
    'indexer.attn_q_b',
    'Indexer query',
    'Makes the queries of the small indexer that picks which tokens attention reads.',
  ],
  [
    'indexer.attn_k',
    'Indexer key',
    'Makes the keys of the small indexer that picks which tokens attention reads.',
  ],
  ['*indexer.k_norm', 'Indexer key norm', 'Normalizes the keys of the indexer.'],
  ['indexer.proj', 'Indexer head weights', 'Weighs the heads of the indexer against each other.'],
  ['*attn_sub_norm', 'Inner attention norm', 'Normalizes the attention result before the output projection.'],
  ['attn_output', 'Attention output', 'Mixes the results of all heads and adds them to the token state.'],
  ['*attn_output_norm', 'Attention output norm', "Normalizes each token's state after attention."],
  [
    '*post_attention_norm',
    'Post-attention norm',
    'Normalizes the attention result before it is added to the token state.',
  ],
  ['*ls1', 'Attention scale', 'Scales the attention result per channel before it is added.'],
  [
    'vis_attn_qkv',
    'Query, key and value projection for images',
    'Makes queries, keys and values of image tokens in one matrix.',
  ],
  ['vis_attn_output', 'Attention output for images', 'Mixes the results of all heads for image tokens.'],
  [
    '*cross_attn_norm',
    'Cross-attention norm',
    "Normalizes the decoder's state before it attends to the encoder.",
  ],
  [
    'cross_attn_q',
    'Cross-attention query',
    "Turns the decoder's state into what it looks for in the encoder's output.",
  ],
  ['cross_attn_k', 'Cross-attention key', "Turns the encoder's output into what the decoder can find it by."],
  ['cross_attn_v', 'Cross-attention value', "Turns the encoder's output into what it hands to the decoder."],
  ['cross_attn_rel_b', 'Cross-attention position bias', 'Adds to cross-attention scores by distance.'],
  [
    'cross_attn_output',
    'Cross-attention output',
    'Mixes the results of the cross-attention heads and adds them to the state.',
  ],
];
