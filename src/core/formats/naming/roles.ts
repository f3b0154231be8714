// What the tensors of a layer do: one row per role, in the order of the rows of the map. The ids are llama.cpp's tensor names
// (gguf-py/gguf/constants.py, TENSOR_NAMES); names of other origin are translated to them in hfNames.ts.
import type { Role, RoleSection } from './place.ts';

type Row = readonly [id: string, title: string, sentence: string];

/** Rows of one section in map order. Ids with a "*" before them are vectors: thin rows. */
const TABLE: readonly (readonly [RoleSection, readonly Row[]])[] = [
  [
    'input',
    [
      [
        'token_embd',
        'Token embedding',
        'Holds one vector per token of the vocabulary: the state a token enters the first layer with.',
      ],
      ['*token_embd_norm', 'Embedding norm', 'Normalizes the token embeddings before the first layer.'],
      [
        'token_types',
        'Segment embedding',
        'Adds a vector that says which segment of the input a token belongs to.',
      ],
      ['position_embd', 'Position embedding', 'Adds a vector that says where in the text a token stands.'],
      ['*position_embd_norm', 'Position embedding norm', 'Normalizes the position embeddings.'],
      [
        'per_layer_token_embd',
        'Per-layer token embedding',
        'Holds an extra small vector per token for every layer.',
      ],
      [
        'per_layer_model_proj',
        'Per-layer projection',
        "Projects the token's state to the per-layer inputs of all layers.",
      ],
      ['*per_layer_proj_norm', 'Per-layer projection norm', 'Normalizes the projected per-layer inputs.'],
      ['altup_proj', 'AltUp projection', 'Makes the parallel copies of the token state that AltUp works on.'],
      [
        'altup_unembd_proj',
        'AltUp output projection',
        'Brings the parallel copies of the token state back together after the last layer.',
      ],
      [
        '*rope_freqs',
        'Rotary frequencies',
        'Factors on the frequencies by which queries and keys are rotated with their position.',
      ],
      [
        '*rope_factors_long',
        'Rotary factors, long context',
        'Frequency factors of the rotary positions for long contexts.',
      ],
      [
        '*rope_factors_short',
        'Rotary factors, short context',
        'Frequency factors of the rotary positions for short contexts.',
      ],
      ['conv1d', 'Input convolution', 'Mixes neighbouring inputs before the first layer.'],
      ['patch_embd', 'Patch embedding', 'Turns each square patch of the image into a vector.'],
      ['class_embd', 'Class embedding', 'A learned vector that stands for the image as a whole.'],
      ['*pre_ln', 'Input norm', 'Normalizes the embeddings before the first layer of the encoder.'],
      ['*norm_embd', 'Embedding norm', 'Normalizes the patch embeddings.'],
    ],
  ],
  [
    'attention',
    [
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
      [
        'attn_kv_b',
        'Key and value expansion',
        'Makes keys and values of all heads from the compressed vector.',
      ],
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
      [
        'attn_rel_b',
        'Relative position bias',
        'Adds to attention scores by the distance between two tokens.',
      ],
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
      [
        '*attn_sub_norm',
        'Inner attention norm',
        'Normalizes the attention result before the output projection.',
      ],
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
      [
        'cross_attn_k',
        'Cross-attention key',
        "Turns the encoder's output into what the decoder can find it by.",
      ],
      [
        'cross_attn_v',
        'Cross-attention value',
        "Turns the encoder's output into what it hands to the decoder.",
      ],
      ['cross_attn_rel_b', 'Cross-attention position bias', 'Adds to cross-attention scores by distance.'],
      [
        'cross_attn_output',
        'Cross-attention output',
        'Mixes the results of the cross-attention heads and adds them to the state.',
      ],
    ],
  ],
  [
    'ssm',
    [
      ['ssm_in', 'State-space input', "Projects each token's state to the inputs of the state-space mixer."],
      [
        'ssm_qkvz',
        'Linear attention input',
        'Makes query, key, value and gate of the linear attention in one matrix.',
      ],
      [
        'ssm_ba',
        'Linear attention gates',
        'Makes how strongly each token writes to the memory (beta) and how fast it fades (alpha).',
      ],
      ['ssm_alpha', 'Memory decay', 'Decides per token how fast the memory fades.'],
      ['ssm_beta', 'Memory write strength', 'Decides per token how strongly it writes to the memory.'],
      ['ssm_conv1d', 'State-space convolution', 'Mixes each channel over the last few tokens.'],
      ['ssm_conv1d_q', 'Query convolution', 'Mixes each query channel over the last few tokens.'],
      ['ssm_conv1d_k', 'Key convolution', 'Mixes each key channel over the last few tokens.'],
      ['ssm_conv1d_v', 'Value convolution', 'Mixes each value channel over the last few tokens.'],
      [
        'ssm_x',
        'State-space parameters',
        'Makes the time step and the input and output vectors of the state from each token.',
      ],
      [
        'ssm_dt',
        'Time step projection',
        'Makes the time step of each channel: how much of the memory a token replaces.',
      ],
      ['*ssm_dt_norm', 'Time step norm', 'Normalizes the time step input.'],
      ['*ssm_a', 'State decay', 'How fast each state of the memory fades.'],
      ['*ssm_b_norm', 'State input norm', 'Normalizes the vector by which a token writes to the state.'],
      ['*ssm_c_norm', 'State output norm', 'Normalizes the vector by which a token reads from the state.'],
      ['*ssm_d', 'Skip weight', 'How much of the input passes by the memory, per channel.'],
      ['ssm_f_a', 'Decay compression', 'First of two small matrices that make the decay of the memory.'],
      ['ssm_f_b', 'Decay expansion', 'Second of two small matrices that make the decay of the memory.'],
      ['ssm_g_a', 'Gate compression', 'First of two small matrices that make the output gate.'],
      ['ssm_g_b', 'Gate expansion', 'Second of two small matrices that make the output gate.'],
      ['*ssm_norm', 'State-space norm', "Normalizes the mixer's result before its output projection."],
      ['ssm_out', 'State-space output', "Projects the mixer's result back and adds it to the token state."],
      [
        'shortconv.in_proj',
        'Short convolution input',
        "Projects each token's state to the input and the two gates of the convolution.",
      ],
      ['shortconv.conv', 'Short convolution', 'Mixes each channel over the last few tokens.'],
      [
        'shortconv.out_proj',
        'Short convolution output',
        'Projects the result of the convolution back to the token state.',
      ],
      ['*time_mix_lerp_x', 'Time mix blend', 'Blends each token with the one before it, per channel.'],
      [
        '*time_mix_lerp_fused',
        'Time mix blends',
        'Blends each token with the one before it, one row per use.',
      ],
      [
        '*time_mix_lerp_r',
        'Receptance blend',
        'Blends each token with the one before it, for the receptance.',
      ],
      ['*time_mix_lerp_k', 'Key blend', 'Blends each token with the one before it, for the key.'],
      ['*time_mix_lerp_v', 'Value blend', 'Blends each token with the one before it, for the value.'],
      ['*time_mix_lerp_w', 'Decay blend', 'Blends each token with the one before it, for the decay.'],
      ['*time_mix_lerp_g', 'Gate blend', 'Blends each token with the one before it, for the gate.'],
      [
        '*time_mix_first',
        'Current token bonus',
        'Extra weight of the current token in the memory, per channel.',
      ],
      ['*time_mix_decay', 'Memory decay', 'How fast each channel of the memory fades.'],
      [
        'time_mix_decay_w1',
        'Decay compression',
        'First of two small matrices that adapt the decay to the token.',
      ],
      [
        'time_mix_decay_w2',
        'Decay expansion',
        'Second of two small matrices that adapt the decay to the token.',
      ],
      ['*time_mix_w0', 'Decay base', 'Base of the decay, per channel.'],
      [
        'time_mix_w1',
        'Blend or decay compression',
        'First of two small matrices that adapt the blend (RWKV 6) or the decay (RWKV 7) to the token.',
      ],
      [
        'time_mix_w2',
        'Blend or decay expansion',
        'Second of two small matrices that adapt the blend (RWKV 6) or the decay (RWKV 7) to the token.',
      ],
      [
        '*time_mix_a0',
        'Learning rate base',
        'Base of how strongly a token rewrites the memory, per channel.',
      ],
      [
        'time_mix_a1',
        'Learning rate compression',
        'First of two small matrices that adapt how strongly a token rewrites the memory.',
      ],
      [
        'time_mix_a2',
        'Learning rate expansion',
        'Second of two small matrices that adapt how strongly a token rewrites the memory.',
      ],
      [
        '*time_mix_v0',
        'Value mix base',
        "Base of how much of the first layer's value is mixed in, per channel.",
      ],
      [
        'time_mix_v1',
        'Value mix compression',
        "First of two small matrices that adapt how much of the first layer's value is mixed in.",
      ],
      [
        'time_mix_v2',
        'Value mix expansion',
        "Second of two small matrices that adapt how much of the first layer's value is mixed in.",
      ],
      ['time_mix_g1', 'Gate compression', 'First of two small matrices that make the output gate.'],
      ['time_mix_g2', 'Gate expansion', 'Second of two small matrices that make the output gate.'],
      [
        '*time_mix_k_k',
        'Key scale for removal',
        'Scales the key by which old content of the memory is removed, per channel.',
      ],
      [
        '*time_mix_k_a',
        'Key scale by learning rate',
        'How much the learning rate scales the key, per channel.',
      ],
      ['*time_mix_r_k', 'Current token bonus', 'Extra weight of the current token, per head and channel.'],
      ['time_mix_receptance', 'Receptance', "Turns each token's state into what it reads from the memory."],
      ['time_mix_key', 'Time mix key', "Turns each token's state into where it writes in the memory."],
      ['time_mix_value', 'Time mix value', "Turns each token's state into what it writes to the memory."],
      ['time_mix_gate', 'Time mix gate', 'Decides how much of the memory read passes on.'],
      ['*time_mix_ln', 'Time mix norm', 'Normalizes what was read from the memory, per head.'],
      [
        'time_mix_output',
        'Time mix output',
        'Projects what was read from the memory back to the token state.',
      ],
    ],
  ],
  [
    'feedForward',
    [
      ['*ffn_norm', 'Feed-forward norm', "Normalizes each token's state before the feed-forward part."],
      [
        'ffn_gate',
        'Gate projection',
        'Decides for each hidden channel how much of the up projection passes.',
      ],
      [
        'ffn_up',
        'Up projection',
        "Spreads each token's state over the hidden channels of the feed-forward part.",
      ],
      [
        'ffn_gate_up',
        'Gate and up projection',
        'Gate and up projection of the feed-forward part in one matrix.',
      ],
      ['*ffn', 'Activation scale', 'Scales the hidden channels of the feed-forward part.'],
      [
        '*ffn_sub_norm',
        'Inner feed-forward norm',
        'Normalizes the hidden channels before the down projection.',
      ],
      [
        'ffn_down',
        'Down projection',
        'Brings the hidden channels back together and adds them to the token state.',
      ],
      ['*ls2', 'Feed-forward scale', 'Scales the feed-forward result per channel before it is added.'],
      [
        '*post_ffw_norm',
        'Post-feed-forward norm',
        'Normalizes the feed-forward result before it is added to the token state.',
      ],
      [
        '*ffn_norm_1',
        'Second feed-forward norm',
        'Normalizes the state before the second feed-forward part.',
      ],
      ['ffn_gate_1', 'Second gate projection', 'Gate projection of the second feed-forward part.'],
      ['ffn_up_1', 'Second up projection', 'Up projection of the second feed-forward part.'],
      ['ffn_down_1', 'Second down projection', 'Down projection of the second feed-forward part.'],
      [
        '*ffn_post_norm_1',
        'Second post-feed-forward norm',
        'Normalizes the result of the second feed-forward part.',
      ],
      [
        'vis_gate',
        'Gate projection for images',
        'Gate projection of the feed-forward part for image tokens.',
      ],
      ['vis_up', 'Up projection for images', 'Up projection of the feed-forward part for image tokens.'],
      [
        'vis_down',
        'Down projection for images',
        'Down projection of the feed-forward part for image tokens.',
      ],
      [
        '*channel_mix_lerp_k',
        'Channel mix key blend',
        'Blends each token with the one before it, for the channel mix key.',
      ],
      [
        '*channel_mix_lerp_r',
        'Channel mix receptance blend',
        'Blends each token with the one before it, for the channel mix gate.',
      ],
      ['channel_mix_receptance', 'Channel mix receptance', 'Decides how much of the channel mix passes on.'],
      ['channel_mix_key', 'Channel mix key', "Spreads each token's state over the hidden channels."],
      ['channel_mix_value', 'Channel mix value', 'Brings the hidden channels back to the token state.'],
    ],
  ],
  [
    'experts',
    [
      ['ffn_gate_inp', 'Router', 'Scores every expert for each token; the best few are used.'],
      [
        '*exp_probs_b',
        'Router bias',
        "Shifts the experts' scores so that all are used; it does not weigh their results.",
      ],
      ['*ffn_norm_exps', 'Expert norm', "Normalizes each token's state before the experts."],
      ['*pre_ffw_norm_2', 'Expert norm', "Normalizes each token's state before the experts."],
      ['ffn_latent_down', 'Expert input compression', "Compresses each token's state before the experts."],
      ['ffn_gate_exps', 'Expert gate projections', 'Gate projection of every expert.'],
      ['ffn_up_exps', 'Expert up projections', 'Up projection of every expert.'],
      [
        'ffn_gate_up_exps',
        'Expert gate and up projections',
        'Gate and up projection of every expert in one matrix.',
      ],
      ['ffn_down_exps', 'Expert down projections', 'Down projection of every expert.'],
      [
        'ffn_latent_up',
        'Expert output expansion',
        "Brings the experts' result back to the size of the token state.",
      ],
      [
        'ffn_gate_inp_shexp',
        'Shared expert gate',
        "Decides how much of the shared expert's result is added.",
      ],
      [
        'ffn_gate_shexp',
        'Shared expert gate projection',
        'Gate projection of the expert that every token uses.',
      ],
      ['ffn_up_shexp', 'Shared expert up projection', 'Up projection of the expert that every token uses.'],
      [
        'ffn_gate_up_shexp',
        'Shared expert gate and up projection',
        'Gate and up projection of the expert that every token uses, in one matrix.',
      ],
      [
        'ffn_down_shexp',
        'Shared expert down projection',
        'Down projection of the expert that every token uses.',
      ],
      ['ffn_gate_chexps', 'Chunk expert gate projections', 'Gate projection of the chunk experts.'],
      ['ffn_up_chexps', 'Chunk expert up projections', 'Up projection of the chunk experts.'],
      ['ffn_down_chexps', 'Chunk expert down projections', 'Down projection of the chunk experts.'],
      [
        '*post_ffw_norm_1',
        'Feed-forward result norm',
        'Normalizes the result of the dense feed-forward part.',
      ],
      ['*post_ffw_norm_2', 'Expert result norm', 'Normalizes the result of the experts.'],
    ],
  ],
  [
    'other',
    [
      ['*norm_conv', 'Convolution norm', "Normalizes each frame's state before the convolution."],
      [
        'conv_pw1',
        'Convolution input',
        "Spreads each frame's state over the channels of the convolution and their gates.",
      ],
      ['conv_dw', 'Depthwise convolution', 'Mixes each channel over neighbouring frames.'],
      ['*conv_norm', 'Inner convolution norm', 'Normalizes the result of the depthwise convolution.'],
      ['conv_pw2', 'Convolution output', "Brings the channels of the convolution back to the frame's state."],
      ['*layer_output_norm', 'Layer output norm', "Normalizes each token's state at the end of the layer."],
      ['*layer_output_scale', 'Layer output scale', "Scales each token's state at the end of the layer."],
      ['inp_gate', 'Per-layer input gate', 'Gates the per-layer embedding of the token.'],
      [
        'proj',
        'Per-layer input projection',
        'Projects the gated per-layer embedding back to the token state.',
      ],
      ['*post_norm', 'Per-layer input norm', 'Normalizes the projected per-layer embedding.'],
      [
        'altup_correct_coef',
        'AltUp correction',
        'Coefficients that correct the parallel copies after the layer.',
      ],
      ['*altup_correct_scale', 'AltUp correction scale', 'Scales the corrected copy.'],
      [
        'altup_predict_coef',
        'AltUp prediction',
        'Coefficients that predict the parallel copies before the layer.',
      ],
      ['altup_router', 'AltUp router', 'Makes the AltUp coefficients from the token state.'],
      ['*altup_router_norm', 'AltUp router norm', 'Normalizes the input of the AltUp router.'],
      ['laurel_l', 'Laurel compression', 'First of two small matrices beside the residual path.'],
      ['laurel_r', 'Laurel expansion', 'Second of two small matrices beside the residual path.'],
      ['*laurel_post_norm', 'Laurel norm', 'Normalizes the result of the two small matrices.'],
      [
        '*nextn.enorm',
        'Next-token embedding norm',
        'Normalizes the embedding of the next token for multi-token prediction.',
      ],
      ['*nextn.hnorm', 'Next-token state norm', 'Normalizes the state handed to multi-token prediction.'],
      [
        'nextn.eh_proj',
        'Next-token projection',
        'Joins state and next embedding for multi-token prediction.',
      ],
      ['nextn.embed_tokens', 'Next-token embedding', 'Token embedding of the multi-token prediction layer.'],
      [
        'nextn.shared_head_head',
        'Next-token head',
        'Turns the state of the prediction layer into scores of the vocabulary.',
      ],
      ['*nextn.shared_head_norm', 'Next-token head norm', 'Normalizes the state before the prediction head.'],
      ['mm_proj', 'Projector', "Translates the encoder's output into token states of the language model."],
      ['*mm_norm', 'Projector norm', 'Normalizes inside the projector between encoder and language model.'],
    ],
  ],
  [
    'output',
    [
      ['*output_norm', 'Output norm', "Normalizes each token's state after the last layer."],
      ['*post_ln', 'Encoder output norm', "Normalizes the encoder's output after its last layer."],
      ['output', 'Output head', "Turns a token's state into a score for every token of the vocabulary."],
      ['cls', 'Classifier', 'Turns the state of the text into the hidden layer of a classifier.'],
      ['cls.output', 'Classifier output', 'Turns the state of the text into a score per class.'],
      ['*cls.norm', 'Classifier norm', 'Normalizes the state before the classifier.'],
      ['dense_2', 'First embedding projection', 'First dense layer after pooling, for text embeddings.'],
      ['dense_3', 'Second embedding projection', 'Second dense layer after pooling, for text embeddings.'],
    ],
  ],
];

/** Every known role, in map order. */
export const ROLES: readonly Role[] = TABLE.flatMap(([section, rows]) =>
  rows.map(([mark, title, sentence]) => {
    const thin = mark.startsWith('*');
    return { id: thin ? mark.slice(1) : mark, section, thin, title, sentence };
  }),
);

const rankOf = new Map(ROLES.map((role, rank) => [role.id, rank]));

export function isKnownRole(id: string): boolean {
  return rankOf.has(id);
}

/** Where the row of a role stands; unknown roles come after all known ones, with one rank. */
export function roleRank(id: string): number {
  return rankOf.get(id) ?? ROLES.length;
}

/** The role of an id; for an unknown one, a row under "other" that says so. */
export function roleOf(id: string): Role {
  const known = ROLES[roleRank(id)];
  if (known !== undefined) return known;
  const sentence = 'What this tensor does is not known: its name is not in the table of roles.';
  return { id, section: 'other', thin: /(^|[._])(norm|ln)(_|\d|$)|norm$/.test(id), title: id, sentence };
}
