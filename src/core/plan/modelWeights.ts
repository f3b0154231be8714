// Bytes of a model's weights by what they are for, as they are stored or about in another mix.
import { roleOf } from '../formats/naming/roles.ts';
import type { Model, Tensor } from '../formats/model.ts';
import { type Mix, MIXES, type MixRule } from './mixes.ts';
import type { MemoryShape } from './shape.ts';
import type { WeightBytes } from './weights.ts';

/** Bytes a tensor takes: as it is stored, unless another size is asked for. */
export type TensorBytes = (tensor: Tensor) => number | null;

const asStored: TensorBytes = ({ byteLength }) => byteLength;

export function weightBytes(
  model: Model,
  shape: Pick<MemoryShape, 'layers' | 'draftLayers'>,
  bytesOf: TensorBytes = asStored,
): WeightBytes {
  const trunk = shape.layers.length - shape.draftLayers;
  const layers = shape.layers.map(() => ({ dense: 0, experts: 0, largest: 0 }));
  const sums = { input: 0, embedding: 0, output: 0, other: 0, drafting: 0, unknownTensors: 0 };
  let hasInput = false;
  let outputMatrix = 0;
  for (const tensor of model.tensors) {
    const bytes = tensor.state === 'invalid' ? null : bytesOf(tensor);
    if (bytes === null) {
      sums.unknownTensors += 1;
      continue;
    }
    const { stack, layer, role, expert } = tensor.place;
    if (stack === '' && layer !== null && layer >= trunk) {
      sums.drafting += bytes;
      continue;
    }
    const own = stack === '' ? layers[layer ?? (WITH_FIRST_LAYER.test(role) ? 0 : -1)] : undefined;
    if (own !== undefined) {
      if (expert !== null || EXPERTS.test(role)) own.experts += bytes;
      else {
        own.dense += bytes;
        own.largest = Math.max(own.largest, bytes);
      }
      continue;
    }
    if (stack === '' && role === 'token_embd') {
      hasInput = true;
      sums.embedding += bytes;
    }
    if (stack === '' && role === 'output') outputMatrix += bytes;
    sums[stack === '' ? sideOf(role) : 'other'] += bytes;
  }
  // Some checkpoints keep the one matrix that is both under the name of the output.
  const isTied = !hasInput || outputMatrix === 0;
  const moved = hasInput ? 0 : outputMatrix;
  return {
    ...{ ...sums, layers, isTied },
    ...{ input: sums.input + moved, embedding: sums.embedding + moved, output: sums.output - moved },
  };
}

/** What llama.cpp's --n-cpu-moe keeps in RAM (common/common.h, LLM_FFN_EXPS_REGEX): the experts, not the shared ones. */
const EXPERTS = /^ffn_(up|down|gate|gate_up)_(ch)?exps$/;

/** Of no layer, but llama.cpp puts them where the first one is (src/llama-arch.cpp, LLM_TENSOR_INFOS). */
const WITH_FIRST_LAYER =
  /^(per_layer_(model_proj|proj_norm)|token_embd_norm|rope_(freqs|factors_(long|short)))$/;
/** For its inputs by what they are, but where the output is. */
const WITH_OUTPUT = /^altup_(proj|unembd_proj)$/;

function sideOf(role: string): 'input' | 'output' | 'other' {
  if (WITH_OUTPUT.test(role)) return 'output';
  const { section } = roleOf(role);
  return section === 'input' ? 'input' : section === 'output' ? 'output' : 'other';
}

export interface MixWeights {
  readonly mix: Mix;
  readonly weights: WeightBytes;
}

/** The model in every common mix, best first, ≈. */
export function mixesOf(model: Model, shape: Pick<MemoryShape, 'layers' | 'draftLayers'>): MixWeights[] {
  const isTied = !model.tensors.some((tensor) => isOutput(tensor) && isMatrix(tensor));
  return MIXES.map((rule) => {
    const weights = weightBytes(model, shape, bytesInMix(model, rule, isTied));
    let [bytes, count] = [0, 0];
    for (const tensor of model.tensors) {
      if (tensor.state === 'invalid') continue;
      bytes += bytesInMix(model, rule, isTied)(tensor);
      count += tensor.elementCount;
    }
    return { mix: { name: rule.name, bitsPerWeight: (8 * bytes) / Math.max(1, count) }, weights };
  });
}

/** Matrices at the mix's bits, vectors in F32 as llama.cpp leaves them. */
function bytesInMix({ container }: Model, rule: MixRule, isTied: boolean): (tensor: Tensor) => number {
  return (tensor) => {
    const { elementCount, shape } = tensor;
    if (!isMatrix(tensor)) return elementCount * F32_BYTES;
    const rowLength = (container === 'gguf' ? shape[0] : shape.at(-1)) ?? 0;
    return (elementCount * bitsInMix(tensor, rowLength, rule, isTied)) / 8;
  };
}

function bitsInMix(tensor: Tensor, rowLength: number, rule: MixRule, isTied: boolean): number {
  const isEmbedding = tensor.place.stack === '' && EMBEDDINGS.test(tensor.place.role);
  const isLast = isOutput(tensor) || (isEmbedding && isTied);
  const { whole, ragged } = isLast ? rule.output : isEmbedding ? rule.embedding : rule.layers;
  if (rowLength % BLOCK !== 0) return F16_BITS;
  return rowLength % SUPER_BLOCK === 0 ? whole : ragged;
}

const F32_BYTES = 4;
const F16_BITS = 16;
const BLOCK = 32;
const SUPER_BLOCK = 256;
const EMBEDDINGS = /^(per_layer_)?token_embd$/;

const isOutput = ({ place: { stack, role } }: Tensor): boolean => stack === '' && role === 'output';

export const isMatrix = ({ shape }: Tensor): boolean => shape.filter((dimension) => dimension > 1).length > 1;
