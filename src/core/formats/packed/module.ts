// The stored tensors of a checkpoint by the module they belong to: "…q_proj.qweight" is the part "qweight" of "…q_proj".
import type { Tensor } from '../model.ts';

/** Names of parts as the packings write them behind a dot. "weight" is one: of FP8, MLX and bitsandbytes it holds the codes. */
const DOTTED: ReadonlySet<string> = new Set(
  [
    // GPTQ, AWQ, MLX, AQLM
    'weight qweight qzeros scales g_idx biases codes codebooks',
    // FP8 of many makers, compressed-tensors, ModelOpt
    'weight_scale weight_scale_inv weight_scale_2 weight_packed weight_shape weight_zero_point weight_g_idx weight_global_scale',
    'scale scale_inv qscale_weight qscale_act pre_quant_scale smooth_scale activation_scale',
    'weights_scaling_factor weights_scaling_factor_2 activation_scaling_factor prequant_scaling_factor',
    'input_scale input_global_scale input_zero_point output_scale k_scale v_scale',
    // bitsandbytes, and GPTQModel's way of writing it
    'SCB weight_format weight_absmax weight_quant_map weight_quant_state weight_scb',
    // EXL2, EXL3
    'q_weight q_scale q_scale_max q_groups q_invperm q_perm trellis suh svh su sv mcg mul1',
    // HQQ
    'W_q zero nbits group_size shape axis packing view_as_float quant_scale quant_zero compute_dtype offload_meta',
    'encoded_state_dict stores_quant_config channel_wise optimize round_zero unpack_view_dtype',
  ].flatMap((line) => line.split(' ')),
);
/** bitsandbytes writes what belongs to a weight behind the weight's own name: "q_proj.weight.absmax". */
const OF_WEIGHT: ReadonlySet<string> = new Set('absmax quant_map nested_absmax nested_quant_map'.split(' '));
const QUANT_STATE = /\.quant_state\.bitsandbytes__(nf4|fp4)$/;
/** Parts of stacked experts stand behind the name of the whole: "experts.down_proj_blocks", "experts.gate_up_proj_scale_inv". */
const JOINED = /_(blocks|scales|weight_scale_inv|weight_scale_2|weight_scale|input_scale|scale_inv)$/;
const TORCHAO = '_weight_';

export interface Module {
  /** "model.layers.0.self_attn.q_proj". */
  readonly name: string;
  /** Name of the part → the tensor. '' is a tensor that has the module's own name. */
  readonly parts: ReadonlyMap<string, Tensor>;
}

interface NamePieces {
  readonly module: string;
  readonly part: string;
}

/** Which module and which part a name tells; null for a name that tells neither. */
export function splitName(name: string): NamePieces | null {
  const dot = name.lastIndexOf('.');
  const tail = name.slice(dot + 1);
  if (dot > 0) {
    const before = name.slice(0, dot);
    if (DOTTED.has(tail) || tail.startsWith(TORCHAO)) return { module: before, part: tail };
    if (OF_WEIGHT.has(tail)) return { module: withoutWeight(before), part: `weight.${tail}` };
    const state = QUANT_STATE.exec(name);
    if (state !== null)
      return {
        module: withoutWeight(name.slice(0, state.index)),
        part: `weight.quant_state.${state[1] ?? ''}`,
      };
  }
  const joined = JOINED.exec(tail);
  return joined === null
    ? null
    : { module: name.slice(0, name.length - joined[0].length), part: joined[1] ?? '' };
}

/** The modules that have more than a weight, in the order of their first tensors. One pass: a checkpoint may have 150,000 tensors. */
export function modulesOf(tensors: readonly Tensor[]): Module[] {
  const modules = new Map<string, Map<string, Tensor>>();
  const whole = new Map<string, Tensor>();
  const again = new Set<string>();
  for (const tensor of tensors) {
    const pieces = splitName(tensor.name);
    if (pieces === null) {
      whole.set(tensor.name, tensor);
      continue;
    }
    let parts = modules.get(pieces.module);
    if (parts === undefined) modules.set(pieces.module, (parts = new Map<string, Tensor>()));
    // Two names of one part ("x.scales" and "x_scales", or a name that stands in two files) say nothing certain.
    if (parts.has(pieces.part)) again.add(pieces.module);
    parts.set(pieces.part, tensor);
  }
  const found: Module[] = [];
  for (const [name, parts] of modules) {
    if (again.has(name) || (parts.size === 1 && parts.has('weight'))) continue;
    const own = whole.get(name);
    if (own !== undefined) parts.set('', own);
    found.push({ name, parts });
  }
  return found;
}

const withoutWeight = (name: string): string => name.replace(/\.weight$/, '');
