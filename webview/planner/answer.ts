// What follows from the settings: the plan, whether it fits, and what else would. Computed anew at every move of a slider.
import { type Budget, type Excess, excessOf, fits } from '../../src/core/plan/budget.ts';
import {
  fewestExpertsOnCpu,
  largestContext,
  type MixFit,
  mixFits,
  mostGpuLayers,
} from '../../src/core/plan/fit.ts';
import { refusalOf } from '../../src/core/plan/kvCache.ts';
import {
  memoryPlan,
  type MemoryPlan,
  type MemoryRequest,
  plannedBytes,
} from '../../src/core/plan/memoryPlan.ts';
import { notesOf } from '../../src/core/plan/notes.ts';
import { NO_ORDER, requestFor } from '../../src/core/plan/request.ts';
import { type SpeedBound, speedBound } from '../../src/core/plan/speed.ts';
import { takesFlashAttention } from '../../src/core/plan/shape.ts';
import { type Verdict, verdictOf } from '../../src/core/plan/verdict.ts';
import type { WeightBytes } from '../../src/core/plan/weights.ts';
import type { PlanBasis } from '../../src/protocol/planner.ts';
import type { DeviceChoice } from './deviceChoices.ts';
import type { RunSettings } from './state.ts';

export interface Answer {
  readonly request: MemoryRequest;
  readonly plan: MemoryPlan;
  readonly verdict: Verdict;
  readonly excess: Excess | null;
  /** Why llama.cpp would refuse this run; null: it takes it. */
  readonly refusal: string | null;
  readonly largestContext: number | null;
  /** null where not even all of it in RAM fits. */
  readonly mostGpuLayers: number | null;
  /** null where there are no experts, or moving them does not help. */
  readonly expertsOnCpu: number | null;
  /** An upper bound; null where it does not fit, and so would not run, or the bandwidth is not known. */
  readonly speed: SpeedBound | null;
  /** Best first; null for packed weights. */
  readonly mixes: readonly MixAnswer[] | null;
  readonly notes: readonly string[];
}

export interface MixAnswer extends MixFit {
  readonly excess: Excess | null;
  readonly speed: SpeedBound | null;
}

/** All layers, and the output. */
export const layerCount = ({ shape }: PlanBasis): number => shape.layers.length + 1;

export function answerOf(basis: PlanBasis, settings: RunSettings, choice: DeviceChoice): Answer {
  const { shape, weights, mixes } = basis;
  const { device, budget } = choice;
  const request = requestOf(basis, settings, choice);
  const plan = memoryPlan(shape, weights, request);
  const excess = excessOf(plan, budget);
  const speedOf = (of: WeightBytes, run: MemoryPlan, tooMuch: Excess | null): SpeedBound | null =>
    tooMuch === null ? speedBound(shape, of, run, request.sequences, device) : null;
  const hasGpu = budget.gpuBytes > 0;
  return {
    ...{ request, plan, excess },
    verdict: verdictOf(plan, request, device, budget),
    refusal: refusalOf(shape, request),
    largestContext: largestContext(shape, weights, request, budget),
    mostGpuLayers: hasGpu ? mostLayers(basis, request, budget) : null,
    expertsOnCpu: hasGpu ? fewestExpertsOnCpu(shape, weights, request, budget) : null,
    speed: speedOf(weights, plan, excess),
    mixes:
      mixes === null
        ? null
        : mixFits(shape, mixes, request, budget).map((fit) => {
            const tooMuch = excessOf(fit.plan, budget);
            const speed = speedOf(fit.weights, fit.plan, tooMuch);
            return { ...fit, excess: tooMuch, speed };
          }),
    notes: notesOf(shape, weights, request),
  };
}

function mostLayers({ shape, weights }: PlanBasis, request: MemoryRequest, budget: Budget): number | null {
  const gpuLayers = mostGpuLayers(shape, weights, request, budget);
  return gpuLayers > 0 || fits(plannedBytes(shape, weights, { ...request, gpuLayers }), budget)
    ? gpuLayers
    : null;
}

export function requestOf(
  basis: PlanBasis,
  { gpuLayers, sequences, flashAttention, ...settings }: RunSettings,
  { device }: DeviceChoice,
): MemoryRequest {
  const all = layerCount(basis);
  return {
    ...{ ...settings, sequences },
    flashAttention: flashAttention && takesFlashAttention(basis.shape),
    gpuLayers: device.backend === 'cpu' ? 0 : Math.min(gpuLayers ?? all, all),
    outputTokens: sequences,
    backend: device.backend,
  };
}

/** What suits the model and the device where the user has set nothing. */
export function firstSettings(basis: PlanBasis, { device, budget }: DeviceChoice): RunSettings {
  const { shape, weights } = basis;
  const order = device.backend === 'cpu' ? { ...NO_ORDER, gpuLayers: 0 } : NO_ORDER;
  const request = requestFor(shape, weights, order, device.backend, budget);
  const { contextTokens, sequences, unified, keyType, valueType, expertsOnCpu, batchTokens } = request;
  return {
    ...{ contextTokens, sequences, unified, keyType, valueType, expertsOnCpu, batchTokens },
    gpuLayers: null,
    flashAttention: request.flashAttention,
  };
}
