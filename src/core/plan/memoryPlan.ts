// How much memory one run of a model takes, on the GPU and in RAM, part by part.
import { formatCount } from '../base/units.ts';
import { type ComputeRequest, computeBytes } from './compute.ts';
import { type Backend, OVERHEAD_BYTES } from './devices.ts';
import { product, sum, type PlanFormula, type PlanPiece } from './formula.ts';
import { cacheByLayer, cacheFormula, stateFormula } from './kvCache.ts';
import type { MemoryShape } from './shape.ts';
import { splitWeights, type WeightBytes, type WeightSplit } from './weights.ts';

export interface MemoryRequest extends ComputeRequest {
  /** llama.cpp's -ngl: layers on the GPU, the output counts as one. */
  readonly gpuLayers: number;
  /** llama.cpp's --n-cpu-moe: the experts of the first so many layers stay in RAM. */
  readonly expertsOnCpu: number;
  /** What the GPU is driven by. */
  readonly backend: Backend;
}

export type MemoryPartId = 'weights' | 'cache' | 'states' | 'compute' | 'overhead';

export const PART_NAMES: Readonly<Record<MemoryPartId, string>> = {
  weights: 'weights',
  cache: 'KV cache',
  states: 'states',
  compute: 'compute buffers',
  overhead: 'driver, libraries',
};

export interface MemoryPart {
  readonly id: MemoryPartId;
  readonly gpuBytes: number;
  readonly cpuBytes: number;
  /** exact: what llama.cpp allocates, to some padding. estimate: ≈. assumed: set aside, not computed. */
  readonly certainty: 'exact' | 'estimate' | 'assumed';
  readonly formula: PlanFormula;
}

export interface MemoryPlan {
  readonly parts: readonly MemoryPart[];
  readonly gpuBytes: number;
  readonly cpuBytes: number;
  readonly split: WeightSplit;
}

/** @param weights as stored, or ≈ in another mix */
export function memoryPlan(
  shape: MemoryShape,
  weights: WeightBytes,
  request: MemoryRequest,
  weightsCertainty: MemoryPart['certainty'] = 'exact',
): MemoryPlan {
  const split = splitWeights(weights, request.gpuLayers, request.expertsOnCpu);
  const usesGpu = split.outputOnGpu;
  const layers = cacheByLayer(shape, request);
  const share = (
    bytesOf: (layer: (typeof layers)[number]) => number,
  ): Pick<MemoryPart, 'gpuBytes' | 'cpuBytes'> => {
    const gpuBytes = layers.reduce(
      (bytes, layer, index) => bytes + (split.onGpu[index] === true ? bytesOf(layer) : 0),
      0,
    );
    return { gpuBytes, cpuBytes: layers.reduce((bytes, layer) => bytes + bytesOf(layer), 0) - gpuBytes };
  };
  const parts: MemoryPart[] = [
    {
      id: 'weights',
      gpuBytes: split.gpu,
      cpuBytes: split.cpu,
      certainty: weightsCertainty,
      formula: weightsFormula(weights, split),
    },
    {
      id: 'cache',
      ...share(({ cacheBytes }) => cacheBytes),
      certainty: 'exact',
      formula: cacheFormula(shape, request),
    },
    {
      id: 'states',
      ...share(({ stateBytes }) => stateBytes),
      certainty: 'exact',
      formula: stateFormula(shape, request),
    },
    computePart(shape, request, split),
    {
      id: 'overhead',
      gpuBytes: usesGpu ? OVERHEAD_BYTES[request.backend] : 0,
      cpuBytes: OVERHEAD_BYTES.cpu,
      certainty: 'assumed',
      formula: [{ text: 'set aside for driver and libraries', meaning: '' }],
    },
  ];
  return {
    parts: parts.filter(({ gpuBytes, cpuBytes }) => gpuBytes + cpuBytes > 0),
    gpuBytes: parts.reduce((bytes, part) => bytes + part.gpuBytes, 0),
    cpuBytes: parts.reduce((bytes, part) => bytes + part.cpuBytes, 0),
    split,
  };
}

/** The GPU computes its layers and the logits; the CPU its layers, else only what goes in and comes out. */
function computePart(shape: MemoryShape, request: MemoryRequest, split: WeightSplit): MemoryPart {
  const { layer, logits, inputs, output, formula } = computeBytes(shape, request);
  const onCpu = split.onGpu.includes(false);
  const gpuBytes = split.outputOnGpu ? Math.max(split.onGpu.includes(true) ? layer : 0, logits) : 0;
  const cpuBytes = (split.outputOnGpu ? (onCpu ? layer : inputs) : Math.max(layer, logits)) + output;
  return { id: 'compute', gpuBytes, cpuBytes, certainty: 'estimate', formula };
}

function weightsFormula(weights: WeightBytes, split: WeightSplit): PlanFormula {
  const pieces: PlanPiece[][] = [];
  const add = (bytes: number, meaning: string): void => {
    if (bytes > 0) pieces.push(product([Math.round(bytes), meaning]));
  };
  const layers = weights.layers.filter((_, index) => split.onGpu[index] === true).length;
  add(weights.input, 'bytes of the token embedding');
  add(
    weights.layers.reduce((bytes, { dense }) => bytes + dense, 0),
    `bytes of ${formatCount(weights.layers.length)} layers, ${formatCount(layers)} of them on the GPU`,
  );
  add(
    weights.layers.reduce((bytes, { experts }) => bytes + experts, 0),
    'bytes of the experts',
  );
  add(weights.output, 'bytes of the output');
  add(weights.other, 'bytes of tensors outside of the layers');
  add(split.copied, 'bytes of the embedding once more: the output is made of it');
  return sum(pieces);
}
