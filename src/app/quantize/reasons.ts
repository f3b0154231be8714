// Why a tensor gets the type that llama.cpp decided for it, in words: what was asked, the rule of the mix, the length of its rows.
import { formatCount } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Tensor } from '../../core/formats/model.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { TensorDecision } from '../../protocol/quantize.ts';
import { dimensionsOf } from './headerBytes.ts';
import type { Recipe } from './recipe.ts';
import { type QuantizeTarget, schemeOfGgmlName, tensorSchemeNamed } from './targets.ts';

export interface Decided {
  readonly source: Tensor;
  readonly to: Scheme;
  readonly decision: TensorDecision;
  readonly recipe: Recipe;
  readonly target: QuantizeTarget;
}

export interface Reason {
  /** asked: by a rule for tensors, or as the type of output or embedding. mix: what the target does. kept: stays as it is. */
  readonly kind: 'asked' | 'mix' | 'kept';
  /** "as the rule "ffn" says": no capital, no full stop. */
  readonly text: string;
  /** Why it did not become what it was meant to: "rows of 80 are no multiple of the 256 of Q4_K"; null: it did. */
  readonly but: string | null;
}

export function reasonOf(decided: Decided): Reason {
  const { source, decision } = decided;
  const meant = decision.fellBackFrom === null ? null : schemeOfGgmlName(decision.fellBackFrom);
  if (meant === null) return { ...whyType(decided), but: null };
  const but = `rows of ${formatCount(source.shape[0] ?? 1)} are no multiple of the ${formatCount(meant.blockWeights)} of ${meant.name}`;
  return { ...whyType({ ...decided, to: meant }), but };
}

export const reasonText = ({ text, but }: Reason): string => (but === null ? text : `${text}, but ${but}`);

function whyType({ source, to, decision, recipe, target }: Decided): Omit<Reason, 'but'> {
  const why = whyNever(source, recipe);
  if (why !== null) return kept(why);
  const asked = (name: string | null): boolean => name !== null && tensorSchemeNamed(name) === to;
  const isEmbedding = EMBEDDINGS.includes(source.name);
  const rule = decision.rule === null ? undefined : recipe.tensorTypes[decision.rule];
  const ruleText = rule === undefined ? '' : `as the rule "${visibleText(rule.pattern)}" says`;
  if (isEmbedding && asked(recipe.embeddingType))
    return { kind: 'asked', text: 'as asked for the embedding' };
  if (source.name === 'output.weight' && asked(recipe.outputType))
    return { kind: 'asked', text: 'as asked for the output' };
  if (target.scheme.kind === 'float')
    return to === source.scheme ? kept(`is ${to.name} already`) : byMix(`${target.name} for all`);
  if (rule !== undefined && asked(rule.type)) return { kind: 'asked', text: ruleText };
  if (recipe.pure) return byMix(`${target.scheme.name} for all, without the exceptions of ${target.name}`);
  if (isEmbedding && asked(recipe.outputType))
    return { kind: 'asked', text: 'as asked for the output, which is the embedding as well' };
  if (to === target.scheme) return byMix(`as most tensors of ${target.name}`);
  if (to === source.scheme && decision.from === decision.to && !isInMix(source))
    return kept('stays as it is');
  return byMix(`${target.name} gives ${categoryOf(source.name)} ${to.name}`);
}

const kept = (text: string): Omit<Reason, 'but'> => ({ kind: 'kept', text });
const byMix = (text: string): Omit<Reason, 'but'> => ({ kind: 'mix', text });

const EMBEDDINGS: readonly string[] = ['token_embd.weight', 'per_layer_token_embd.weight'];

/** Tensors that llama.cpp never quantizes. */
function whyNever({ name, shape }: Tensor, { leaveOutput }: Recipe): string | null {
  if (dimensionsOf(shape) < 2) return 'vectors stay as they are';
  if (!name.endsWith('weight')) return 'only tensors named "…weight" are quantized';
  if (name.includes('_norm.weight')) return 'norms stay as they are';
  if (leaveOutput && name === 'output.weight') return 'the output is left as it is, as asked';
  if (name.includes('ffn_gate_inp.weight')) return 'it chooses the experts, so it stays as it is';
  return NEVER.test(name) ? 'llama.cpp leaves such tensors as they are' : null;
}

/** Small or delicate ones: tensor_allows_quantization of llama.cpp v0.4.0, src/llama-quant.cpp. */
const NEVER =
  /ffn_gate_tid2eid\.weight|altup|laurel|per_layer_model_proj|^position_embd\.weight|^token_types\.weight|ssm_conv1d|shortconv\.conv\.weight|indexer\.[kq]_proj\.weight|time_mix_(first|w[012]|v[012]|a[012]|g[12]|decay_w[12]|lerp_fused)\.weight|attn_rel_b\.weight|\.position_embd|sam\.(pos_embd|neck\.|net_)|\.rel_pos|\.patch_embd|\.patch_merger|a\.rvq\.codebook|mm\.a\.code_embd/;

/** What the mixes know by name, the first that fits. */
const CATEGORIES: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^output\.weight$/, 'the output'],
  [/^(per_layer_)?token_embd\.weight$/, 'the embedding'],
  [/attn_qkv\.weight/, 'attention Q, K and V'],
  [/attn_kv_b\.weight/, 'attention K and V'],
  [/attn_v\.weight/, 'attention V of this layer'],
  [/attn_k\.weight/, 'attention K'],
  [/attn_q\.weight/, 'attention Q'],
  [/attn_output\.weight/, 'the attention output'],
  [/ffn_up/, 'FFN up of this layer'],
  [/ffn_gate/, 'FFN gate of this layer'],
  [/ffn_down/, 'FFN down of this layer'],
];

const categoryOf = (name: string): string =>
  CATEGORIES.find(([pattern]) => pattern.test(name))?.[1] ?? 'this tensor';

const isInMix = ({ name }: Tensor): boolean => CATEGORIES.some(([pattern]) => pattern.test(name));
