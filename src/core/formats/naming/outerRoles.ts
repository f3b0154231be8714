// Roles before, after and beside the layers' attention and feed-forward parts.
import type { RoleRow } from './roleRow.ts';

export const INPUT_ROLES: readonly RoleRow[] = [
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
];

export const OTHER_ROLES: readonly RoleRow[] = [
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
  ['proj', 'Per-layer input projection', 'Projects the gated per-layer embedding back to the token state.'],
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
  ['nextn.eh_proj', 'Next-token projection', 'Joins state and next embedding for multi-token prediction.'],
  ['nextn.embed_tokens', 'Next-token embedding', 'Token embedding of the multi-token prediction layer.'],
  [
    'nextn.shared_head_head',
    'Next-token head',
    'Turns the state of the prediction layer into scores of the vocabulary.',
  ],
  ['*nextn.shared_head_norm', 'Next-token head norm', 'Normalizes the state before the prediction head.'],
  ['mm_proj', 'Projector', "Translates the encoder's output into token states of the language model."],
  ['*mm_norm', 'Projector norm', 'Normalizes inside the projector between encoder and language model.'],
];

export const OUTPUT_ROLES: readonly RoleRow[] = [
  ['*output_norm', 'Output norm', "Normalizes each token's state after the last layer."],
  ['*post_ln', 'Encoder output norm', "Normalizes the encoder's output after its last layer."],
  ['output', 'Output head', "Turns a token's state into a score for every token of the vocabulary."],
  ['cls', 'Classifier', 'Turns the state of the text into the hidden layer of a classifier.'],
  ['cls.output', 'Classifier output', 'Turns the state of the text into a score per class.'],
  ['*cls.norm', 'Classifier norm', 'Normalizes the state before the classifier.'],
  ['dense_2', 'First embedding projection', 'First dense layer after pooling, for text embeddings.'],
  ['dense_3', 'Second embedding projection', 'Second dense layer after pooling, for text embeddings.'],
];
