// Bytes of the weights on each side, when the last layers are on the GPU: as llama.cpp v0.4.0 shares them out (load_tensors in
// src/llama-model.cpp). The embedding of tokens stays in RAM, the output goes first.
import { roleOf } from '../formats/naming/roles.ts';
import type { Model, Tensor } from '../formats/model.ts';

export interface WeightBytes {
  /** One entry a layer of the language model. */
  readonly layers: readonly LayerWeights[];
  readonly input: number;
  readonly output: number;
  /** The output is made of the embedding: on a GPU it is a second copy. */
  readonly isTied: boolean;
  /** Tensors of no layer (rotary tables), and other stacks: vision, audio. */
  readonly other: number;
  /** Tensors whose size the file does not tell. */
  readonly unknownTensors: number;
}

export interface LayerWeights {
  readonly dense: number;
  readonly experts: number;
}

/** Bytes a tensor takes: as it is stored, unless another size is asked for. */
export type TensorBytes = (tensor: Tensor) => number | null;

const asStored: TensorBytes = ({ byteLength }) => byteLength;

export function weightBytes(model: Model, layerCount: number, bytesOf: TensorBytes = asStored): WeightBytes {
  const layers = Array.from({ length: layerCount }, () => ({ dense: 0, experts: 0 }));
  const sums = { input: 0, output: 0, other: 0, unknownTensors: 0 };
  let hasOutput = false;
  for (const tensor of model.tensors) {
    const bytes = tensor.state === 'invalid' ? null : bytesOf(tensor);
    if (bytes === null) {
      sums.unknownTensors += 1;
      continue;
    }
    const { stack, layer, role, expert } = tensor.place;
    const own = stack === '' && layer !== null ? layers[layer] : undefined;
    if (own !== undefined) {
      if (expert !== null || EXPERTS.test(role)) own.experts += bytes;
      else own.dense += bytes;
      continue;
    }
    if (stack === '' && role === 'output') hasOutput = true;
    sums[stack === '' ? sideOf(role) : 'other'] += bytes;
  }
  return { layers, ...sums, isTied: !hasOutput };
}

/** What llama.cpp's --n-cpu-moe keeps in RAM (common/common.h, LLM_FFN_EXPS_REGEX): the experts, not the shared ones. */
const EXPERTS = /^ffn_(up|down|gate|gate_up)_(ch)?exps$/;

function sideOf(role: string): 'input' | 'output' | 'other' {
  const { section } = roleOf(role);
  return section === 'input' ? 'input' : section === 'output' ? 'output' : 'other';
}

export interface WeightSplit {
  readonly gpu: number;
  readonly cpu: number;
  /** True for the layers whose cache and computation are on the GPU. */
  readonly onGpu: readonly boolean[];
  readonly outputOnGpu: boolean;
  /** Bytes of the embedding that stand on the GPU a second time. */
  readonly copied: number;
}

/**
 * @param gpuLayers llama.cpp's -ngl: the output counts as one, the last layers come next
 * @param expertsOnCpu llama.cpp's --n-cpu-moe: the experts of the first so many layers stay in RAM
 */
export function splitWeights(weights: WeightBytes, gpuLayers: number, expertsOnCpu: number): WeightSplit {
  const { layers, input, output, other, isTied } = weights;
  const first = Math.max(0, layers.length + 1 - gpuLayers);
  const onGpu = layers.map((_, index) => index >= first);
  const outputOnGpu = gpuLayers > 0;
  const copied = isTied && outputOnGpu ? input : 0;
  let gpu = outputOnGpu ? output + copied : 0;
  let cpu = input + other + (outputOnGpu ? 0 : output);
  layers.forEach(({ dense, experts }, index) => {
    const isOnGpu = onGpu[index] === true;
    const expertsOnGpu = isOnGpu && index >= expertsOnCpu;
    gpu += (isOnGpu ? dense : 0) + (expertsOnGpu ? experts : 0);
    cpu += (isOnGpu ? 0 : dense) + (expertsOnGpu ? 0 : experts);
  });
  return { gpu, cpu, onGpu, outputOnGpu, copied };
}

export const totalWeights = ({ layers, input, output, other }: WeightBytes): number =>
  layers.reduce((sum, { dense, experts }) => sum + dense + experts, input + output + other);
