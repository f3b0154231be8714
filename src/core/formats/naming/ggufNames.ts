// GGUF tensor names as llama.cpp writes them (gguf-py/gguf/constants.py, TENSOR_NAMES): stack, layer, role, part.
import { placeHf } from './hfNames.ts';
import { UNPLACED, type Place } from './place.ts';
import { isKnownRole, roleOf } from './roles.ts';

/** The last piece of a name says which part of the role it is; imatrix and LoRA files add one behind ".weight". */
const PART =
  /\.(weight|bias|scale|input_scale|weight\.\d+|(?:weight\.)?(?:in_sum2|counts|lora_a|lora_b|lora_magnitude))$/;

/** blk.3.…, v.blk.3.…, dec.blk.3.…; convolution stacks of vocoders count their layers without "blk". */
const LAYER = /^(?:((?:[a-z_]+\.)*)blk|(a\.proj)_blk|(convnext|posnet|v\.deepstack))\.(\d{1,5})\.(.+)$/;

/** One expert per tensor, as files of 2023 have it: blk.3.ffn_up.7. */
const EXPERT = /^(ffn_(?:gate|up|down))\.(\d{1,5})$/;

/** Stacks without layer number: v.patch_embd, mm.0, a.conv_out, enc.output_norm. */
const STACK = /^(v\.sam|v\.deepstack|mm\.a|v|a|mm|enc|dec|resampler)\.(.+)$/;

/** Other words for the same role. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['attn_out', 'attn_output'],
  ['attn_out_norm', 'attn_output_norm'],
  ['attn_o', 'attn_output'],
  ['attn.qkv', 'attn_qkv'],
  ['attn.out', 'attn_output'],
  ['self_attn_q', 'attn_q'],
  ['self_attn_k', 'attn_k'],
  ['self_attn_v', 'attn_v'],
  ['self_attn_out', 'attn_output'],
  ['self_attn_norm', 'attn_output_norm'],
  ['cross_attn_o', 'cross_attn_output'],
  ['cross_attn_out', 'cross_attn_output'],
  ['ln1', 'attn_norm'],
  ['ln2', 'ffn_norm'],
  ['attn_post_norm', 'post_attention_norm'],
  ['attn_pre_norm', 'attn_norm'],
  ['ffn_post_norm', 'post_ffw_norm'],
  ['out_scale', 'layer_output_scale'],
  ['mlp.lin1', 'ffn_up'],
  ['mlp.lin2', 'ffn_down'],
  ['pos_embd', 'position_embd'],
]);

/** Everything under mm. is the projector; what normalizes there is one of its norms. */
const PROJECTOR_NORM = /norm|(^|\.|_)ln(_|\.|$)/;

export function placeGguf(name: string): Place {
  const part = PART.exec(name);
  const base = part === null ? name : name.slice(0, part.index);
  const suffix = part?.[1]?.replace(/^weight\.(?=\D)/, '') ?? '';

  const layered = LAYER.exec(base);
  if (layered !== null) {
    const [, prefix, proj, words, layer, rest = ''] = layered;
    const stack = proj ?? words ?? prefix?.slice(0, -1) ?? '';
    const expert = EXPERT.exec(rest);
    const role = expert === null ? (SYNONYMS.get(rest) ?? rest) : `${expert[1]}_exps`;
    return {
      stack,
      layer: Number(layer),
      role,
      part: suffix,
      expert: expert === null ? null : Number(expert[2]),
      recognized: isKnownRole(role),
      group: '',
    };
  }
  return placeAlone(name, base, suffix);
}

function placeAlone(name: string, base: string, part: string): Place {
  const [, stack = '', rest = base] = STACK.exec(base) ?? [];
  if (stack === 'mm' || stack === 'mm.a' || stack === 'resampler') {
    const role = PROJECTOR_NORM.test(rest) ? 'mm_norm' : 'mm_proj';
    return { ...UNPLACED, stack, role, part, recognized: true };
  }
  const counted = rest.replace(/\.\d{1,5}$/, ''); // a.conv1d.0, a.conv1d.1
  const role = [SYNONYMS.get(rest) ?? rest, counted].find(standsAlone);
  if (role !== undefined) return { ...UNPLACED, stack, role, part, recognized: true };
  if (stack !== '') return { ...UNPLACED, stack, role: rest, part, group: stack };
  return placeHf(name); // diffusion models and others keep the names of their source in GGUF
}

/** Is this a role outside of layers? "v.proj" is not the "proj" of a layer. */
function standsAlone(role: string): boolean {
  return ['input', 'output'].includes(roleOf(role).section);
}
