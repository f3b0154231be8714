// What Hugging Face checkpoints call the roles: role id → endings of module paths. The longest ending that fits decides, so
// 'experts.up_proj' wins over 'up_proj'; an ending that begins with ^ must be the whole path. Collected from llama.cpp's gguf-py/gguf/tensor_mapping.py and from real checkpoints.

/** Modules inside a layer: what stands behind "layers.N.", numbers of experts left out. */
export const IN_LAYER = {
  attn_norm:
    'input_layernorm ln_1 norm_1 ln_mlp ln1 pre_norm attention_norm attn_norm operator_norm pre_mixer_norm pre_attn_norm norm1 layer_norm1 layernorm_before attention_layernorm pre_attention_layernorm self_attn_layer_norm layer.0.layer_norm temporal_block.norm temporal_pre_norm norm_self_att attention.pre_attn_norm ^ln ^norm ^rms_norm ^norm0 norm_pre_attn',
  attn_norm_2: 'ln_attn',
  attn_qkv:
    'query_key_value c_attn Wqkv qkv_proj att_proj attn.in_proj self_attn.in_proj self_attn.qkv self_attn.W_pack language_expert_query_key_value linear_attn.in_proj_qkv ^qkv ^wqkv attention.wqkv attn.qkv attention.qkv self_attention.qkv img_attn.qkv txt_attn.qkv',
  attn_q:
    'q_proj q_proj_no_perm attention.wq attn.wq attn.wq_du attn.to_q attn.q q_lin self.query attention.query attention.attention.query self_attn.query multi_head_attention.query SelfAttention.q self_attn.linear_q attn.q_proj.linear ^wq q_proj.linear',
  attn_k:
    'k_proj k_proj_no_perm attention.wk attn.wk attn.wk_dv attn.to_k attn.k k_lin self.key attention.attention.key self_attn.key multi_head_attention.key SelfAttention.k self_attn.linear_k ^wk k_proj.linear',
  attn_v:
    'v_proj attention.wv attn.wv attn.wv_dv attn.to_v attn.v v_lin self.value attention.attention.value self_attn.value multi_head_attention.value SelfAttention.v self_attn.linear_v ^wv v_proj.linear',
  attn_q_a: 'q_a_proj attention.wq_a attn.wq_a',
  attn_q_a_norm: 'q_a_layernorm attention.q_a_norm attn.q_norm.a',
  attn_q_b: 'q_b_proj attention.wq_b attn.wq_b',
  attn_kv_a_mqa: 'kv_a_proj_with_mqa attention.wkv_a_with_mqa attn.wkv_a',
  attn_kv_a_norm: 'kv_a_layernorm attention.kv_a_norm attn.kv_norm',
  attn_kv_b: 'kv_b_proj attn.wkv_b',
  attn_k_b: 'k_b_proj',
  attn_v_b: 'v_b_proj',
  attn_q_norm: 'q_norm q_layernorm query_layernorm q_ln layer_norm_q mixer.q query_norm',
  attn_k_norm: 'k_norm k_layernorm key_layernorm k_ln layer_norm_k mixer.k key_norm',
  attn_sinks: 'sinks attention_sink',
  attn_gate: 'self_attn.gate_proj linear_attn.in_proj_z self_attn.g_proj',
  attn_rel_b: 'SelfAttention.relative_attention_bias',
  attn_rot_embd: 'rotary_emb.inv_freq attention.inner_attention.rope.freqs rotary_pos_emb.inv_freq',
  'indexer.attn_q_b': 'indexer.wq_b',
  'indexer.attn_k': 'indexer.wk',
  'indexer.k_norm': 'indexer.k_norm',
  'indexer.proj': 'indexer.weights_proj',
  attn_sub_norm: 'inner_attn_ln attn_sub_norm',
  attn_output:
    'o_proj self_attn.out_proj attn.out_proj mixer.o_proj self_attention.dense attention.dense self_attn.dense attn.c_proj self_attn.linear_attn attention.wo attn.wo attn.wo_ud attn.Wo attention.output.dense out_lin attn.attention.out_proj multi_head_attention.linear attn_out attn.proj attn.projection attn.to_out attn.to_out.0 SelfAttention.o self_attn.linear_out self_attn.projection_layer self_attn.post attention.post language_expert_dense ^wo img_attn.proj txt_attn.proj attention.projection_layer o_proj.linear',
  attn_output_norm:
    'attention.output.LayerNorm sa_layer_norm rms_norm_1 post_attn_norm norm_attn_norm.norm_2',
  post_attention_norm: 'post_self_attn_layernorm post_mixer_norm norm_post_attn attention.post_norm',
  ls1: 'ls1 ls_1 lambda_1 layer_scale1',
  vis_attn_qkv: 'vision_expert_query_key_value',
  vis_attn_output: 'vision_expert_dense',
  cross_attn_norm: 'encoder_attn_layer_norm layer.1.layer_norm crossattention.output.LayerNorm',
  cross_attn_q: 'encoder_attn.q_proj EncDecAttention.q cross_attn.q_proj crossattention.attention.query',
  cross_attn_k: 'encoder_attn.k_proj EncDecAttention.k cross_attn.k_proj crossattention.attention.key',
  cross_attn_v: 'encoder_attn.v_proj EncDecAttention.v cross_attn.v_proj crossattention.attention.value',
  cross_attn_output: 'encoder_attn.out_proj EncDecAttention.o cross_attn.o_proj crossattention.output.dense',
  cross_attn_rel_b: 'EncDecAttention.relative_attention_bias',

  ssm_in: 'in_proj mixer.in_proj mamba.in_proj ssm.in_proj',
  ssm_qkvz: 'linear_attn.in_proj_qkvz',
  ssm_ba: 'linear_attn.in_proj_ba',
  ssm_alpha: 'linear_attn.in_proj_a',
  ssm_beta: 'linear_attn.in_proj_b self_attn.b_proj',
  ssm_conv1d: 'conv1d',
  ssm_conv1d_q: 'q_conv1d',
  ssm_conv1d_k: 'k_conv1d',
  ssm_conv1d_v: 'v_conv1d',
  ssm_x: 'x_proj bcdt_proj',
  ssm_dt: 'dt_proj mixer.dt linear_attn.dt mamba.dt self_attn.dt',
  ssm_dt_norm: 'mixer.dt_norm mamba.dt_layernorm',
  ssm_a: 'A_log',
  ssm_b_norm: 'b_layernorm B_layernorm mixer.B_norm',
  ssm_c_norm: 'c_layernorm C_layernorm mixer.C_norm',
  ssm_d: 'D',
  ssm_f_a: 'f_a_proj',
  ssm_f_b: 'f_b_proj',
  ssm_g_a: 'g_a_proj',
  ssm_g_b: 'g_b_proj',
  ssm_norm: 'mamba.norm linear_attn.norm mixer.norm self_attn.o_norm',
  ssm_out: 'out_proj mixer.out_proj mamba.out_proj linear_attn.out_proj',
  'shortconv.in_proj': 'conv.in_proj',
  'shortconv.conv': 'conv.conv',
  'shortconv.out_proj': 'conv.out_proj',
  time_mix_w0: 'attention.w0',
  time_mix_w1: 'time_maa_w1 attention.w1',
  time_mix_w2: 'time_maa_w2 attention.w2',
  time_mix_a0: 'attention.a0',
  time_mix_a1: 'attention.a1',
  time_mix_a2: 'attention.a2',
  time_mix_v0: 'attention.v0',
  time_mix_v1: 'attention.v1',
  time_mix_v2: 'attention.v2',
  time_mix_g1: 'attention.g1',
  time_mix_g2: 'attention.g2',
  time_mix_k_k: 'attention.k_k',
  time_mix_k_a: 'attention.k_a',
  time_mix_r_k: 'attention.r_k',
  time_mix_lerp_x: 'attention.time_maa_x self_attn.time_maa_x',
  time_mix_lerp_r: 'attention.time_maa_r self_attn.time_maa_r',
  time_mix_lerp_k: 'attention.time_maa_k self_attn.time_maa_k',
  time_mix_lerp_v: 'attention.time_maa_v self_attn.time_maa_v',
  time_mix_lerp_w: 'attention.time_maa_w self_attn.time_maa_w',
  time_mix_lerp_g: 'attention.time_maa_g self_attn.time_maa_g',
  time_mix_first: 'attention.time_faaaa',
  time_mix_decay: 'time_decay',
  time_mix_decay_w1: 'time_decay_w1',
  time_mix_decay_w2: 'time_decay_w2',
  time_mix_receptance: 'attention.receptance attention.r_proj',
  time_mix_key: 'attention.key',
  time_mix_value: 'attention.value',
  time_mix_gate: 'attention.gate self_attn.gate',
  time_mix_ln: 'attention.ln_x',
  time_mix_output: 'attention.output',

  ffn_norm:
    'post_attention_layernorm ln_2 norm_2 ffn_norm ff_norm ln2 rms_norm_2 pre_moe_norm pre_ff_layernorm pre_moe_layernorm pre_mlp_norm pre_mlp_layernorm feedforward_layernorm pre_feedforward_layernorm mlp_norm norm2 layer_norm2 layernorm_after final_layer_norm layer.2.layer_norm channel_pre_norm norm_feed_forward1 ffw_layer_start.pre_layer_norm feed_forward1.pre_layer_norm output_query.LayerNorm',
  ffn_gate:
    'gate_proj feed_forward.w1 mlp.w2 c_fc2 fc12 gated_layers_w linear_1 residual_mlp.w1 c_fc_0 wi_0 mlp.language_mlp.gate_proj gate_proj.linear ffn.w1 DenseReluDense.wi_0',
  ffn_up:
    'up_proj dense_h_to_4h c_fc feed_forward.w3 intermediate.dense mlp.Wi ffn.lin1 fc_in linear_3 mlp.w1 fc1 fc11 gated_layers_v gated_layers up_gated_layer residual_mlp.w3 c_fc_1 block_sparse_moe.up wi_1 mlp.linear_fc1 mlp.language_mlp.up_proj mlp.lin1 feed_forward1.linear1 ffw_layer_start.ffw_layer_1 feed_forward1.ffw_layer_1 ff1.up_proj intermediate_query.dense up_proj.linear ffn.w3 ^wi DenseReluDense.wi DenseReluDense.wi_1',
  ffn_gate_up: 'gate_up_proj ffn.w12 ff_proj mlp.w13_dn',
  ffn: 'ffn.act',
  ffn_sub_norm: 'ffn_layernorm ffn_sub_norm',
  ffn_down:
    'down_proj dense_4h_to_h mlp.c_proj feed_forward.w2 output.dense mlp.Wo ffn.lin2 fc_out fc2 proj_2 residual_mlp.w2 mlp.wo DenseReluDense.wo ff_out down_layer mlp.linear_fc2 mlp.w2_md mlp.language_mlp.down_proj mlp.lin2 feed_forward1.linear2 ffw_layer_start.ffw_layer_2 feed_forward1.ffw_layer_2 ff1.down_proj output_query.dense down_proj.linear ffn.w2 block_sparse_moe.down',
  ls2: 'ls2 ls_2 lambda_2 layer_scale2',
  post_ffw_norm:
    'post_feedforward_layernorm post_mlp_layernorm post_mlp_norm post_moe_norm ffw_layer_start.post_layer_norm feed_forward1.post_layer_norm',
  ffn_norm_1: 'norm_feed_forward2 ffw_layer_end.pre_layer_norm feed_forward2.pre_layer_norm ff2.pre_norm',
  ffn_up_1: 'feed_forward2.linear1 ffw_layer_end.ffw_layer_1 feed_forward2.ffw_layer_1 ff2.up_proj',
  ffn_down_1: 'feed_forward2.linear2 ffw_layer_end.ffw_layer_2 feed_forward2.ffw_layer_2 ff2.down_proj',
  ffn_post_norm_1: 'ffw_layer_end.post_layer_norm feed_forward2.post_layer_norm',
  norm_conv: 'norm_conv lconv1d.conv_norm encoder.conv.norm',
  conv_pw1: 'conv.pointwise_conv1 lconv1d.linear_start conv.up_conv',
  conv_dw: 'conv.depthwise_conv lconv1d.depthwise_conv1d conv.depth_conv.conv',
  conv_norm: 'conv.batch_norm lconv1d.pre_layer_norm',
  conv_pw2: 'conv.pointwise_conv2 lconv1d.linear_end conv.down_conv',
  vis_gate: 'vision_mlp.gate_proj',
  vis_up: 'vision_mlp.up_proj',
  vis_down: 'vision_mlp.down_proj',
  channel_mix_lerp_k: 'feed_forward.time_maa_k feed_forward.x_k',
  channel_mix_lerp_r: 'feed_forward.time_maa_r',
  channel_mix_key: 'feed_forward.key',
  channel_mix_receptance: 'feed_forward.receptance',
  channel_mix_value: 'feed_forward.value',

  ffn_gate_inp:
    'mlp.gate feed_forward.gate block_sparse_moe.gate router.layer feed_forward.router mlp.router mlp.gate.wg primary_router router.gate mixer.gate moe.gate router.proj ffn.gate ^router ^gate',
  exp_probs_b:
    'e_score_correction gate.expert_bias mlp.expert_bias feed_forward.expert_bias moe.router_bias expert_bias',
  pre_ffw_norm_2: 'pre_feedforward_layernorm_2',
  ffn_latent_down: 'fc1_latent_proj',
  ffn_latent_up: 'fc2_latent_proj',
  ffn_gate_exps:
    'experts.gate_proj experts.w1 experts.gate moe.gate_proj experts.mlp.w1 experts.linear moe.linear switch_mlp.gate_proj',
  ffn_up_exps:
    'experts.up_proj experts.w3 experts.up moe.up_proj experts.mlp.v1 experts.linear_v moe.linear_v switch_mlp.up_proj',
  ffn_gate_up_exps: 'experts.gate_up_proj experts.w13 block_sparse_moe.input_linear',
  ffn_down_exps:
    'experts.down_proj experts.w2 experts.down moe.down_proj experts.mlp.w2 experts.linear_1 moe.linear_1 block_sparse_moe.output_linear switch_mlp.down_proj',
  ffn_gate_inp_shexp: 'shared_expert_gate',
  ffn_gate_shexp:
    'shared_expert.gate_proj shared_experts.gate_proj shared_mlp.gate_proj share_expert.gate_proj shared_experts.w1 shared_expert.w1',
  ffn_up_shexp:
    'shared_expert.up_proj shared_experts.up_proj shared_mlp.up_proj share_expert.up_proj shared_experts.w3 shared_expert.w3',
  ffn_gate_up_shexp:
    'shared_expert.gate_up_proj shared_experts.gate_up_proj shared_mlp.input_linear shared_experts.shared_w13',
  ffn_down_shexp:
    'shared_expert.down_proj shared_experts.down_proj shared_mlp.output_linear shared_mlp.down_proj share_expert.down_proj shared_experts.w2 shared_expert.w2 shared_experts.shared_w2',
  ffn_gate_chexps: 'chunk_experts.gate_proj',
  ffn_up_chexps: 'chunk_experts.up_proj',
  ffn_down_chexps: 'chunk_experts.down_proj',
  post_ffw_norm_1: 'post_feedforward_layernorm_1',
  post_ffw_norm_2: 'post_feedforward_layernorm_2',

  layer_output_norm:
    'output.LayerNorm output_layer_norm rms_norm_3 mlp.layernorm layer_norm_2 final_layernorm norm_out',
  layer_output_scale: 'layer_scalar',
  inp_gate: 'per_layer_input_gate',
  proj: 'per_layer_projection',
  post_norm: 'post_per_layer_input_norm',
  altup_correct_coef: 'altup.correction_coefs',
  altup_correct_scale: 'altup.correct_output_scale',
  altup_predict_coef: 'altup.prediction_coefs',
  altup_router: 'altup.modality_router',
  altup_router_norm: 'altup.router_norm',
  laurel_l: 'laurel.linear_left',
  laurel_r: 'laurel.linear_right',
  laurel_post_norm: 'laurel.post_laurel_norm',
  'nextn.eh_proj': 'eh_proj',
  'nextn.embed_tokens': 'embed_tokens',
  'nextn.enorm': 'enorm',
  'nextn.hnorm': 'hnorm',
  'nextn.shared_head_head': 'shared_head.head',
  'nextn.shared_head_norm': 'shared_head.norm',
};

/** Modules of no layer, without the prefix of their stack. */
export const ALONE = {
  token_embd:
    'embed_in wte wte.embedding wte.new_embedding word_embeddings embed_tokens tok_embeddings embd.wte in_out_embed token_embeddings token_embedding embeddings.token_embedding ^shared ^embeddings ^embedding',
  token_embd_norm:
    'word_embeddings_layernorm embeddings.LayerNorm embeddings.norm emb_ln embedding_norm ^pre_ln',
  token_types: 'token_type_embeddings',
  position_embd:
    'wpe position_embeddings position_embedding embed_positions positional_embedding pos_embed pos_embedding position_embedding_table patch_embed.pos_emb positional_embedding_vlm',
  per_layer_token_embd: 'embed_tokens_per_layer',
  per_layer_model_proj: 'per_layer_model_projection',
  per_layer_proj_norm: 'per_layer_projection_norm',
  altup_proj: 'altup_projections',
  altup_unembd_proj: 'altup_unembed_projections',
  rope_freqs: 'rope.freqs rotary_pos_emb.inv_freq rotary_emb.inv_freq',
  patch_embd:
    'patch_embedding patch_embed.proj patch_embeddings.projection patch_embedder ^patch_embed ^patch_conv patch_embedding.linear patch_embedding.proj patch_embedder.input_proj patchifier.proj',
  conv1d: '^conv1 ^conv2',
  norm_embd: 'post_conv_layernorm patchifier.norm',
  class_embd: 'class_embedding cls_token cls_embedding',
  pre_ln: 'pre_layrnorm ln_pre layernorm_pre',
  output:
    'embed_out lm_head lm_head.linear word_embeddings_for_head output_layer head.out ^ff_out head.decoder ^output ^head',
  output_norm:
    'lm_head.ln ln_out ^norm ^layer_norm ^norm_f ^rms_norm ^final_norm ^final_layernorm ^final_layer_norm ^ln_f',
  post_ln: 'encoder.final_layernorm post_layernorm ln_post layernorm_post',
  cls: 'classifier.dense pre_classifier ^classifier.dense ^pre_classifier ^dense ^head.dense',
  'cls.norm': '^head.norm',
  'cls.output': 'classifier.out_proj ^score ^classifier',
};

function byEnding(table: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(table).flatMap(([role, endings]) =>
      endings.split(' ').map((ending) => [ending, role] as const),
    ),
  );
}

const inLayer = byEnding(IN_LAYER);
const alone = byEnding(ALONE);

/** Role of a module inside a layer by the longest known ending of its path; null when none is known. */
export function roleInLayer(path: string): string | null {
  return longestEnding(inLayer, path);
}

/** The same for a module of no layer. */
export function roleAlone(path: string): string | null {
  return longestEnding(alone, path);
}

function longestEnding(table: ReadonlyMap<string, string>, path: string): string | null {
  const whole = table.get(`^${path}`);
  if (whole !== undefined) return whole;
  for (let from = 0; ;) {
    const role = table.get(path.slice(from));
    if (role !== undefined) return role;
    const dot = path.indexOf('.', from);
    if (dot < 0) return null;
    from = dot + 1;
  }
}
