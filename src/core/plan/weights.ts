// Bytes of the weights on each side, when the last layers are on the GPU: as llama.cpp v0.4.0 shares them out (load_tensors in
// src/llama-model.cpp). The embedding of tokens stays in RAM, the output goes first.

export interface WeightBytes {
  /** One entry a layer of the language model. */
  readonly layers: readonly LayerWeights[];
  readonly input: number;
  /** Of these, what the token embedding takes. */
  readonly embedding: number;
  readonly output: number;
  /** The output is made of the token embedding: on a GPU it is a second copy. */
  readonly isTied: boolean;
  /** Tensors of no layer (rotary tables), and other stacks: vision, audio. */
  readonly other: number;
  /** Layers that only draft tokens (MTP): not loaded unless a run drafts with them, and in no sum here. */
  readonly drafting: number;
  /** Tensors whose size the file does not tell. */
  readonly unknownTensors: number;
}

export interface LayerWeights {
  readonly dense: number;
  readonly experts: number;
  /** Of the largest tensor in `dense`. */
  readonly largest: number;
}

export interface WeightSplit {
  readonly gpu: number;
  readonly cpu: number;
  /** True for the layers whose cache and computation are on the GPU. */
  readonly onGpu: readonly boolean[];
  /** True for the layers whose experts are there too. */
  readonly expertsOnGpu: readonly boolean[];
  readonly outputOnGpu: boolean;
  /** Bytes of the embedding that stand on the GPU a second time. */
  readonly copied: number;
  /** Of the largest matrix of the layers that stays in RAM while there is a GPU: it is copied over to compute long prompts. */
  readonly largestInRam: number;
}

/**
 * @param gpuLayers llama.cpp's -ngl: the output counts as one, the last layers come next
 * @param expertsOnCpu llama.cpp's --n-cpu-moe: the experts of the first so many layers stay in RAM
 */
export function splitWeights(weights: WeightBytes, gpuLayers: number, expertsOnCpu: number): WeightSplit {
  const { layers, input, embedding, output, other, isTied } = weights;
  const first = Math.max(0, layers.length + 1 - gpuLayers);
  const onGpu = layers.map((_, index) => index >= first);
  const expertsOnGpu = onGpu.map((isOnGpu, index) => isOnGpu && index >= expertsOnCpu);
  const outputOnGpu = gpuLayers > 0;
  const copied = isTied && outputOnGpu ? embedding : 0;
  let gpu = outputOnGpu ? output + copied : 0;
  let cpu = input + other + (outputOnGpu ? 0 : output);
  let largestInRam = 0;
  layers.forEach(({ dense, experts, largest }, index) => {
    const isOnGpu = onGpu[index] === true;
    const hasExpertsOnGpu = expertsOnGpu[index] === true;
    gpu += (isOnGpu ? dense : 0) + (hasExpertsOnGpu ? experts : 0);
    cpu += (isOnGpu ? 0 : dense) + (hasExpertsOnGpu ? 0 : experts);
    if (!isOnGpu) largestInRam = Math.max(largestInRam, largest);
    if (!hasExpertsOnGpu) largestInRam = Math.max(largestInRam, experts / EXPERT_MATRICES);
  });
  return {
    ...{ gpu, cpu, onGpu, expertsOnGpu, outputOnGpu, copied },
    largestInRam: outputOnGpu ? largestInRam : 0,
  };
}

/** Gate, up and down of all experts of a layer are a tensor each. */
const EXPERT_MATRICES = 3;

export const totalWeights = ({ layers, input, output, other }: WeightBytes): number =>
  layers.reduce((sum, { dense, experts }) => sum + dense + experts, input + output + other);
