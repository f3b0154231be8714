// Tensor names of Hugging Face checkpoints: stack, layer, role, expert, part. Roles get llama.cpp's ids, so that one map
// serves both.
import { roleAlone, roleInLayer } from './hfRoles.ts';
import { UNPLACED, type Place } from './place.ts';

/** Tensors that belong to one weight, as the packings call them (GPTQ, AWQ, bitsandbytes, compressed-tensors, ModelOpt, EXL2,
 * EXL3, HQQ, AQLM, MLX, torchao, FP8, LoRA); behind a dot. */
const PARTS = [
  'weight bias scale scales biases zero zeros offset blocks sinks',
  'qweight qzeros g_idx codes codebooks trellis suh svh su sv mcg mul1 perm SCB',
  'weight_scale weight_scale_inv weight_scale_2 weight_packed weight_shape weight_zero_point weight_g_idx weight_global_scale',
  'weight_qdata weight_format weight_absmax weight_quant_map weight_quant_state weight_scb scale_inv global_scale',
  'input_scale input_global_scale input_zero_point output_scale activation_scale qscale_weight qscale_act k_scale v_scale',
  'q_weight q_scale q_scale_max q_groups q_invperm q_perm',
  'W_q nbits group_size shape axis packing view_as_float quant_scale quant_zero compute_dtype offload_meta encoded_state_dict',
  'stores_quant_config channel_wise optimize round_zero unpack_view_dtype',
]
  .flatMap((line) => line.split(' '))
  .filter((part) => part !== 'sinks');
/** Names of a part that some checkpoints join by an underscore: experts.down_proj_scales, attn.in_proj_bias. */
const JOINED = 'weight|bias|blocks|scales|qweight|qzeros|weight_scale|weight_scale_inv|scale_inv';
const NESTED = 'absmax|quant_map|nested_absmax|nested_quant_map|quant_state\\.bitsandbytes__(?:nf4|fp4)';
const LORA = 'lora_(?:A|B|magnitude_vector|embedding_A|embedding_B)(?:\\.[a-z]+)?(?:\\.weight)?';
const PART = new RegExp(
  `\\.(?:weight\\.(${NESTED})|(${LORA})|(?:base_layer\\.)?(${PARTS.join('|')}))$|_(${JOINED})$`,
);

/** A list of layers, then the layer number: "model.layers.3.", "transformer.h.3.", "double_blocks.3.". */
const LAYER =
  /^(?:(.*?)\.)?((?:[a-z_]*_)?(?:layers?|blocks?|h|resblocks|transformer_encoder))\.(\d{1,5})\.(.+)$/;
/** Lists without a name of their own. */
const PLAIN_LIST = /^(?:layers?|blocks?|h|resblocks|decoder_layer|transformer_encoder)$/;
const EXPERT = /(^|\.)experts\.(\d{1,5})\./;

/** Prefixes of a path → its stack. The first that fits counts. */
const STACKS: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\.)(multi_modal_projector|mm_projector|image_projector|projector|merger|mlp1|resampler|connector|adapter)(\.|$)/,
    'mm',
  ],
  [/(^|[._])(vision|visual|image|vit|vpm|sam|siglip|siglip2|clip)([._]|$)/, 'v'],
  [/(^|[._])(audio|speech|conformer)([._]|$)/, 'a'],
  [/(^|\.)mtp(\.|$)/, 'mtp'],
  [/^(encoder|model\.encoder)$/, 'enc'],
  [/^(decoder|model\.decoder)$/, 'dec'],
];
/** What wraps a language model and says nothing. */
const WRAPPER =
  /^(?:(?:base_model|model|transformer|language_model|llm|backbone|gpt_neox|rwkv|bert|roberta|text_model|module|thinker|decoder|encoder)(?:\.|$))+/;

export function placeHf(name: string): Place {
  const match = PART.exec(name);
  const base = match === null ? name : name.slice(0, match.index);
  const part = match === null ? '' : (match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');

  const layered = LAYER.exec(base);
  if (layered === null) return placeAlone(base, part);
  const [, prefix = '', list = '', layer, rest = ''] = layered;
  const expert = EXPERT.exec(rest);
  const path = expert === null ? rest : rest.replace(EXPERT, '$1experts.');
  const role = roleInLayer(path);
  return {
    stack: stackOfLayers(prefix, list, path),
    layer: Number(layer),
    role: role ?? path,
    part,
    expert: expert === null ? null : Number(expert[2]),
    recognized: role !== null,
    group: '',
  };
}

/** Names that mean something else in company: Gemma has a norm behind attention where Llama has the one before feed-forward. */
const NORM_BEFORE_FFN = /\.pre_(?:feedforward_layernorm|ff_layernorm|mlp_layernorm)\./;
const NORM_AFTER_ATTENTION = /\.post_attention_layernorm\./;

/** Places of all tensors of one model, in their order. */
export function placeAllHf(names: readonly string[]): Place[] {
  const hasNormBeforeFfn = names.some((name) => NORM_BEFORE_FFN.test(name));
  return names.map((name) => {
    const place = placeHf(name);
    if (!hasNormBeforeFfn || place.role !== 'ffn_norm' || !NORM_AFTER_ATTENTION.test(name)) return place;
    return { ...place, role: 'post_attention_norm' };
  });
}

function stackOfLayers(prefix: string, list: string, path: string): string {
  // BERT's and ChatGLM's "encoder.layer.N" are the model itself; with T5's and BART's words there is a decoder too.
  const known = STACKS.find(([pattern]) => pattern.test(prefix))?.[1];
  if ((known === 'enc' || known === 'dec') && !isPaired(prefix, list, path)) return '';
  if (known !== undefined) return known;
  const own = prefix.replace(WRAPPER, '');
  if (PLAIN_LIST.test(list)) return own;
  return own === '' ? list : `${own}.${list}`;
}

/** T5 has "encoder.block.N.layer.…", BART and Whisper "model.encoder.layers.N". */
function isPaired(prefix: string, list: string, path: string): boolean {
  return (list === 'block' && path.startsWith('layer.')) || prefix.startsWith('model.');
}

function placeAlone(base: string, part: string): Place {
  const stack = STACKS.find(([pattern]) => pattern.test(base))?.[1] ?? '';
  if (stack === 'mm') {
    const role = /norm|(^|[._])ln([._]|$)/.test(base) ? 'mm_norm' : 'mm_proj';
    return { ...UNPLACED, stack, role, part, recognized: true };
  }
  const role = roleAlone(base);
  if (role !== null) {
    const encoder =
      stack === ''
        ? /^(?:model\.)?(encoder|decoder)\.(?:final_layer_norm|layer_norm|embed_)/.exec(base)
        : null;
    return {
      ...UNPLACED,
      stack: encoder === null ? stack : base.includes('encoder') ? 'enc' : 'dec',
      role,
      part,
      recognized: true,
    };
  }
  const pieces = base.split('.');
  const group = pieces.slice(0, pieces[0] === 'model' || pieces[0] === 'transformer' ? 2 : 1).join('.');
  return { ...UNPLACED, stack, role: base, part, group: pieces.length === 1 ? '' : group };
}
