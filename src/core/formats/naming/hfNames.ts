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
    /(^|\.)(multi_modal_projector|mm_projector|image_projector|projector|(?:\w+_)?merger(?:_list)?|mlp1|resampler|connector|adapter|linear_proj|embed_vision|embed_audio)(\.|$)/,
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
  /^(?:(?:base_model|model|transformer|language_model|llm|backbone|gpt_neox|rwkv|bert|roberta|text_model|module|thinker|layers|decoder|encoder)(?:\.|$))+/;

/** What wraps a vision or audio encoder. */
const TOWER = /^(?:(?:visual|\w*vision\w*|audio\w*|\w*vit|model|transformer)\.)+/;
/** Embeddings and norms of a whole encoder or decoder. */
const CODER =
  /^(?:model\.)?(encoder|decoder)\.(?:final_layer_norm|layer_norm|layernorm_embedding|embed_|conv\d$)/;

export type Placer = (name: string) => Place;

/** Places one name after the other; what layers have in common is worked out once. Make one per model. */
export function createHfPlacer(): Placer {
  const tails = new Map<string, Tail>();
  const stacks = new Map<string, string>();
  return (name) => {
    const layered = LAYER.exec(name);
    const [, prefix = '', list = '', layer, rest = ''] = layered ?? [];
    let tail = tails.get(rest);
    if (tail === undefined) {
      tail = readTail(rest);
      tails.set(rest, tail);
    }
    if (layered === null || tail.role === '') return placeAlone(name);
    const key = `${prefix}/${list}/${tail.isPaired ? 1 : 0}`;
    let stack = stacks.get(key);
    if (stack === undefined) {
      stack = stackOfLayers(prefix, list, tail.isPaired);
      stacks.set(key, stack);
    }
    const { part, expert, recognized } = tail;
    // T5 counts its modules: the second one is cross-attention in the decoder only.
    const role = stack === 'enc' && tail.role === 'cross_attn_norm' ? 'ffn_norm' : tail.role;
    return { stack, layer: Number(layer), role, part, expert, recognized, group: '' };
  };
}

export function placeHf(name: string): Place {
  return createHfPlacer()(name);
}

/** A name without its part, and the part. */
function splitPart(name: string): { base: string; part: string } {
  const match = PART.exec(name);
  if (match === null) return { base: name, part: '' };
  return { base: name.slice(0, match.index), part: match[1] ?? match[2] ?? match[3] ?? match[4] ?? '' };
}

/** What stands behind the layer number. */
interface Tail {
  /** '' when there is nothing but a part: a list of vectors, not of layers. */
  readonly role: string;
  readonly part: string;
  readonly expert: number | null;
  readonly recognized: boolean;
  /** T5's way of naming, which goes with an encoder and a decoder. */
  readonly isPaired: boolean;
}

function readTail(rest: string): Tail {
  const { base: dotted, part } = splitPart(`.${rest}`);
  const base = dotted.slice(1);
  const expert = EXPERT.exec(base);
  const path = expert === null ? base : base.replace(EXPERT, '$1experts.');
  const role = roleInLayer(path);
  return {
    role: role ?? path,
    part,
    expert: expert === null ? null : Number(expert[2]),
    recognized: role !== null,
    isPaired: path.startsWith('layer.'),
  };
}

/** Names that mean something else in company: Gemma has a norm behind attention where Llama has the one before feed-forward. */
const NORM_BEFORE_FFN = /\.pre_(?:feedforward_layernorm|ff_layernorm|mlp_layernorm)\./;
const NORM_AFTER_ATTENTION = /\.post_attention_layernorm\./;

/** The same tensors, their places corrected by what else the model has. */
export function placeInCompany<T extends { readonly name: string; readonly place: Place }>(
  tensors: readonly T[],
): readonly T[] {
  const isNorm = ({ place }: T): boolean => place.role === 'ffn_norm';
  if (!tensors.some((tensor) => isNorm(tensor) && NORM_BEFORE_FFN.test(tensor.name))) return tensors;
  return tensors.map((tensor) => {
    if (!isNorm(tensor) || !NORM_AFTER_ATTENTION.test(tensor.name)) return tensor;
    return { ...tensor, place: { ...tensor.place, role: 'post_attention_norm' } };
  });
}

function stackOfLayers(prefix: string, list: string, isPaired: boolean): string {
  // BERT's and ChatGLM's "encoder.layer.N" are the model itself; T5 has "encoder.block.N.layer.0.…", BART and Whisper
  // "model.encoder.layers.N", and a decoder too.
  const known = STACKS.find(([pattern]) => pattern.test(prefix))?.[1];
  const hasPair = (list === 'block' && isPaired) || prefix.startsWith('model.');
  if ((known === 'enc' || known === 'dec') && !hasPair) return '';
  if (known !== undefined) return known;
  const own = prefix.replace(WRAPPER, '');
  if (PLAIN_LIST.test(list)) return own;
  return own === '' ? list : `${own}.${list}`;
}

function placeAlone(name: string): Place {
  const { base, part } = splitPart(name);
  const stack = STACKS.find(([pattern]) => pattern.test(base))?.[1] ?? '';
  if (stack === 'mm') {
    const role = /norm|(^|[._])ln([._]|$)/.test(base) ? 'mm_norm' : 'mm_proj';
    return { ...UNPLACED, stack, role, part, recognized: true };
  }
  const role = roleAlone(base.replace(WRAPPER, '').replace(TOWER, ''));
  if (role !== null)
    return { ...UNPLACED, stack: stack === '' ? coderOf(base) : stack, role, part, recognized: true };
  const pieces = base.split('.');
  const group = pieces.slice(0, pieces[0] === 'model' || pieces[0] === 'transformer' ? 2 : 1).join('.');
  return {
    ...UNPLACED,
    stack,
    role: base === '' ? name : base,
    part,
    group: pieces.length === 1 ? '' : group,
  };
}

function coderOf(base: string): string {
  const coder = CODER.exec(base)?.[1];
  return coder === undefined ? '' : coder.slice(0, 3);
}
