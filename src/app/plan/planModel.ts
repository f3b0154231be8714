// The planner's use-case: a model and an order in, what a run of it takes, what fits, and how to say so.
import type { Model } from '../../core/formats/model.ts';
import { type Budget, budgetOfGiB, fits } from '../../core/plan/budget.ts';
import { type Backend, type Device, DEVICES, usableBytes } from '../../core/plan/devices.ts';
import { fineTuning, type FineTuning } from '../../core/plan/fineTuning.ts';
import {
  fewestExpertsOnCpu,
  largestContext,
  type MixFit,
  mixFits,
  mostGpuLayers,
} from '../../core/plan/fit.ts';
import { refusalOf } from '../../core/plan/kvCache.ts';
import { memoryPlan, type MemoryPlan, type MemoryRequest } from '../../core/plan/memoryPlan.ts';
import { isMatrix, mixesOf, weightBytes } from '../../core/plan/modelWeights.ts';
import { notesOf } from '../../core/plan/notes.ts';
import { requestFor, type RequestOrder } from '../../core/plan/request.ts';
import { speedBound } from '../../core/plan/speed.ts';
import { memoryShape, type MemoryShape, type NoShape } from '../../core/plan/shape.ts';
import type { ReadNumbers } from '../../core/plan/shapeKeys.ts';
import { type Verdict, verdictOf } from '../../core/plan/verdict.ts';
import type { WeightBytes } from '../../core/plan/weights.ts';

export interface PlanOrder extends RequestOrder {
  /** Memory of the GPU in GiB; null: nothing is said about what fits. */
  readonly gpuGiB: number | null;
}

export interface ModelPlan {
  readonly shape: MemoryShape;
  readonly weights: WeightBytes;
  readonly request: MemoryRequest;
  readonly plan: MemoryPlan;
  /** Why llama.cpp would refuse the types of the cache; null when it takes them. */
  readonly refusal: string | null;
  /** Null where no memory was named. */
  readonly fit: PlanFit | null;
  readonly fineTuning: FineTuning | null;
  readonly notes: readonly string[];
}

export interface PlanFit {
  readonly gpuGiB: number;
  readonly verdict: Verdict;
  readonly largestContext: number | null;
  readonly mostGpuLayers: number;
  /** The fewest layers whose experts must stay in RAM; null where that does not help, or there are none. */
  readonly expertsOnCpu: number | null;
  /** Upper bounds for the devices of this memory, slowest first; empty where a part of the model is in RAM. */
  readonly speeds: readonly DeviceSpeed[];
  /** Null for weights that are packed: how many there are is not told by their tensors. */
  readonly mixes: readonly MixFit[] | null;
}

export interface DeviceSpeed {
  readonly device: Device;
  readonly tokensPerSecond: number;
}

const GIB = 2 ** 30;

export function planModel(
  model: Model,
  readNumbers: ReadNumbers,
  order: PlanOrder,
  backend: Backend = 'cuda',
): ModelPlan | NoShape {
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) return shape;
  const weights = weightBytes(model, shape);
  const budget = order.gpuGiB === null ? null : budgetOfGiB(order.gpuGiB);
  const request = requestFor(shape, weights, order, backend, budget);
  const plan = memoryPlan(shape, weights, request);
  return {
    shape,
    weights,
    request,
    plan,
    refusal: refusalOf(shape, request),
    fit: budget === null ? null : fitOf(model, { shape, weights, request, plan }, budget, isPacked(model)),
    fineTuning: isPacked(model) ? null : fineTuning(model),
    notes: notesOf(shape, weights, request),
  };
}

/**
 * Several weights in one number, as GPTQ, AWQ, bitsandbytes and MLX store them, in a way that is not understood: how many weights
 * there are is not known then.
 */
export function isPacked({ container, metadata, tensors }: Model): boolean {
  if (container !== 'safetensors') return false;
  const saysSo = metadata.some(
    ({ key, source }) =>
      /(^|\.)quantization(_config)?(\.|$)/.test(key) ||
      /^(quantize_config|hf_quant_config|quantization_config)\.json$/.test(source),
  );
  if (!saysSo) return false;
  const isUnderstood = tensors.some(({ packed }) => packed !== null);
  return !isUnderstood || tensors.some((tensor) => isMatrix(tensor) && /^[IU]\d+$/.test(tensor.scheme.name));
}

function fitOf(
  model: Model,
  { shape, weights, request, plan }: Pick<ModelPlan, 'shape' | 'weights' | 'request' | 'plan'>,
  budget: Budget,
  packed: boolean,
): PlanFit {
  return {
    gpuGiB: budget.gpuBytes / GIB,
    verdict: verdictOf(plan, request, { memoryGiB: budget.gpuBytes / GIB, backend: request.backend }, budget),
    largestContext: largestContext(shape, weights, request, budget),
    mostGpuLayers: mostGpuLayers(shape, weights, request, budget),
    expertsOnCpu: fewestExpertsOnCpu(shape, weights, request, budget),
    speeds: fits(plan, budget) ? speedsOf(shape, weights, plan, request, budget) : [],
    mixes: packed ? null : mixFits(shape, mixesOf(model, shape), request, budget),
  };
}

function speedsOf(
  shape: MemoryShape,
  weights: WeightBytes,
  plan: MemoryPlan,
  { sequences }: MemoryRequest,
  { gpuBytes }: Budget,
): DeviceSpeed[] {
  const bytesOn = ({ isUnified }: Device): number => plan.gpuBytes + (isUnified ? plan.cpuBytes : 0);
  return DEVICES.filter(
    (device) => device.memoryGiB * GIB === gpuBytes && bytesOn(device) <= usableBytes(device),
  )
    .flatMap((device) => {
      const bound = speedBound(shape, weights, plan, sequences, device);
      return bound === null || bound.assumedRamBandwidth !== null
        ? []
        : [{ device, tokensPerSecond: bound.tokensPerSecond }];
    })
    .sort((one, other) => one.tokensPerSecond - other.tokensPerSecond);
}
