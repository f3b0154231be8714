// Roles of the feed-forward part, dense and with experts.
import type { RoleRow } from './roleRow.ts';

export const FEED_FORWARD_ROLES: readonly RoleRow[] = [
  ['*ffn_norm', 'Feed-forward norm', "Normalizes each token's state before the feed-forward part."],
  ['ffn_gate', 'Gate projection', 'Decides for each hidden channel how much of the up projection passes.'],
  [
    'ffn_up',
    'Up projection',
    "Spreads each token's state over the hidden channels of the feed-forward part.",
  ],
  ['ffn_gate_up', 'Gate and up projection', 'Gate and up projection of the feed-forward part in one matrix.'],
  ['*ffn', 'Activation scale', 'Scales the hidden channels of the feed-forward part.'],
  ['*ffn_sub_norm', 'Inner feed-forward norm', 'Normalizes the hidden channels before the down projection.'],
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
  ['*ffn_norm_1', 'Second feed-forward norm', 'Normalizes the state before the second feed-forward part.'],
  ['ffn_gate_1', 'Second gate projection', 'Gate projection of the second feed-forward part.'],
  ['ffn_up_1', 'Second up projection', 'Up projection of the second feed-forward part.'],
  ['ffn_down_1', 'Second down projection', 'Down projection of the second feed-forward part.'],
  [
    '*ffn_post_norm_1',
    'Second post-feed-forward norm',
    'Normalizes the result of the second feed-forward part.',
  ],
  ['vis_gate', 'Gate projection for images', 'Gate projection of the feed-forward part for image tokens.'],
  ['vis_up', 'Up projection for images', 'Up projection of the feed-forward part for image tokens.'],
  ['vis_down', 'Down projection for images', 'Down projection of the feed-forward part for image tokens.'],
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
];

export const EXPERT_ROLES: readonly RoleRow[] = [
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
  ['ffn_gate_inp_shexp', 'Shared expert gate', "Decides how much of the shared expert's result is added."],
  ['ffn_gate_shexp', 'Shared expert gate projection', 'Gate projection of the expert that every token uses.'],
  ['ffn_up_shexp', 'Shared expert up projection', 'Up projection of the expert that every token uses.'],
  [
    'ffn_gate_up_shexp',
    'Shared expert gate and up projection',
    'Gate and up projection of the expert that every token uses, in one matrix.',
  ],
  ['ffn_down_shexp', 'Shared expert down projection', 'Down projection of the expert that every token uses.'],
  ['ffn_gate_chexps', 'Chunk expert gate projections', 'Gate projection of the chunk experts.'],
  ['ffn_up_chexps', 'Chunk expert up projections', 'Up projection of the chunk experts.'],
  ['ffn_down_chexps', 'Chunk expert down projections', 'Down projection of the chunk experts.'],
  ['*post_ffw_norm_1', 'Feed-forward result norm', 'Normalizes the result of the dense feed-forward part.'],
  ['*post_ffw_norm_2', 'Expert result norm', 'Normalizes the result of the experts.'],
];
