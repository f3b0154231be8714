// How much memory one run of a model takes, on the GPU and in RAM, part by part.
import { formatCount } from '../base/units.ts';
import { type ComputeRequest, computeBytes } from './compute.ts';
import type { PlannedBytes } from './budget.ts';
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
  const bytes = bytesByPart(shape, request, split);
  // Formulas are made when they are read: most plans are only compared.
  const part = (
    id: MemoryPartId,
    certainty: MemoryPart['certainty'],
    formulaOf: () => PlanFormula,
  ): MemoryPart => ({
    ...{ id, certainty, ...bytes[id] },
    get formula() {
      return formulaOf();
    },
  });
  const parts = [
    part('weights', weightsCertainty, () => weightsFormula(weights, split)),
    part('cache', 'exact', () => cacheFormula(shape, request)),
    part('states', 'exact', () => stateFormula(shape, request)),
    part('compute', 'estimate', () => computeFormula(shape, request, split)),
    part('overhead', 'assumed', () => [{ text: 'set aside for driver and libraries', meaning: '' }]),
  ];
  return {
    parts: parts.filter(({ gpuBytes, cpuBytes }) => gpuBytes + cpuBytes > 0),
    ...sumOf(bytes),
    split,
  };
}

/** The sums of a plan alone, for a search that makes many. */
export function plannedBytes(shape: MemoryShape, weights: WeightBytes, request: MemoryRequest): PlannedBytes {
  const split = splitWeights(weights, request.gpuLayers, request.expertsOnCpu);
  return sumOf(bytesByPart(shape, request, split));
}

type PartBytes = Readonly<Record<MemoryPartId, PlannedBytes>>;

function sumOf(bytes: PartBytes): PlannedBytes {
  const all = Object.values(bytes);
  return {
    gpuBytes: all.reduce((sum, { gpuBytes }) => sum + gpuBytes, 0),
    cpuBytes: all.reduce((sum, { cpuBytes }) => sum + cpuBytes, 0),
  };
}

function bytesByPart(shape: MemoryShape, request: MemoryRequest, split: WeightSplit): PartBytes {
  const layers = cacheByLayer(shape, request);
  const share = (bytesOf: (layer: (typeof layers)[number]) => number): PlannedBytes => {
    let [gpuBytes, cpuBytes] = [0, 0];
    layers.forEach((layer, index) => {
      if (split.onGpu[index] === true) gpuBytes += bytesOf(layer);
      else cpuBytes += bytesOf(layer);
    });
    return { gpuBytes, cpuBytes };
  };
  return {
    weights: { gpuBytes: split.gpu, cpuBytes: split.cpu },
    cache: share(({ cacheBytes }) => cacheBytes),
    states: share(({ stateBytes }) => stateBytes),
    compute: computeShare(shape, request, split),
    overhead: {
      gpuBytes: split.outputOnGpu ? OVERHEAD_BYTES[request.backend] : 0,
      cpuBytes: OVERHEAD_BYTES.cpu,
    },
  };
}

/**
 * The GPU computes all, also what lies in RAM while prompts are long (llama.cpp's op_offload), of which it has a copy then, matrix
 * by matrix; the CPU has what goes in and comes out. So laid out by llama.cpp v0.4.0 with a Vulkan device, for runs of
 * test/core/plan/publishedModels.ts that its largest buffer lets through: exact in RAM, within 8 % on the GPU (15 % with layers in RAM).
 */
function computeShare(shape: MemoryShape, request: MemoryRequest, split: WeightSplit): PlannedBytes {
  const { layer, logits, states, inputs, output } = computeBytes(shape, request);
  if (!split.outputOnGpu) return { gpuBytes: 0, cpuBytes: Math.max(layer, logits) + output };
  return { gpuBytes: Math.max(layer - states + split.largestInRam, logits), cpuBytes: inputs + output };
}

/** Of the GPU where there is one: what stands in RAM besides is said where it is shown. */
function computeFormula(shape: MemoryShape, request: MemoryRequest, split: WeightSplit): PlanFormula {
  const { formula, layer, logits, states, output } = computeBytes(shape, request);
  const term = (sign: string, bytes: number, meaning: string): PlanFormula =>
    bytes === 0
      ? []
      : [
          { text: ` ${sign} `, meaning: '' },
          { text: formatCount(Math.round(bytes)), meaning },
        ];
  if (!split.outputOnGpu)
    return [...formula, ...term('+', output, 'bytes of the logits that are handed out')];
  if (layer < logits) return formula;
  return [
    ...formula,
    ...term('−', states, 'bytes of a state that stays in RAM'),
    ...term(
      '+',
      split.largestInRam,
      'bytes of the largest matrix in RAM, copied over to compute long prompts',
    ),
  ];
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
