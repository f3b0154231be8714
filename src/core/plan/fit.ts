// What fits a device: the largest context, the most layers, the best mix of types.
import { type Budget, fits } from './budget.ts';
import { memoryPlan, type MemoryPlan, plannedBytes, type MemoryRequest } from './memoryPlan.ts';
import type { MixWeights } from './modelWeights.ts';
import type { MemoryShape } from './shape.ts';
import { totalWeights, type WeightBytes } from './weights.ts';

const CONTEXT_STEP = 256;
/** Where a model does not say what it was trained for. */
const CONTEXT_UNKNOWN = 131_072;

/**
 * The largest context, in steps of 256 and up to what the model was trained for, whose plan fits; null when even 256 does
 * not. Memory never shrinks with the context, so halving finds it.
 */
export function largestContext(
  shape: MemoryShape,
  weights: WeightBytes,
  request: MemoryRequest,
  budget: Budget,
): number | null {
  const most = Math.max(1, Math.floor((shape.contextTrained ?? CONTEXT_UNKNOWN) / CONTEXT_STEP));
  const fitsAt = (steps: number): boolean =>
    fits(plannedBytes(shape, weights, { ...request, contextTokens: steps * CONTEXT_STEP }), budget);
  const steps = last(most, fitsAt);
  return steps === 0 ? null : steps * CONTEXT_STEP;
}

/** The most layers (the output counts as one) that fit on the GPU; 0 when none does. */
export function mostGpuLayers(
  shape: MemoryShape,
  weights: WeightBytes,
  request: MemoryRequest,
  budget: Budget,
): number {
  return last(shape.layers.length + 1, (gpuLayers) =>
    fits(plannedBytes(shape, weights, { ...request, gpuLayers }), budget),
  );
}

/**
 * The fewest layers whose experts must stay in RAM (--n-cpu-moe) so that everything else of all layers fits on the GPU; null when
 * there are no experts, or not even all of them in RAM are enough.
 */
export function fewestExpertsOnCpu(
  shape: MemoryShape,
  weights: WeightBytes,
  request: MemoryRequest,
  budget: Budget,
): number | null {
  const count = weights.layers.length;
  if (!weights.layers.some(({ experts }) => experts > 0)) return null;
  const fitsWith = (expertsOnCpu: number): boolean =>
    fits(plannedBytes(shape, weights, { ...request, gpuLayers: count + 1, expertsOnCpu }), budget);
  if (!fitsWith(count)) return null;
  return count - last(count, (onGpu) => fitsWith(count - onGpu));
}

export interface MixFit extends MixWeights {
  /** Bytes of all weights, ≈. */
  readonly weightBytes: number;
  readonly plan: MemoryPlan;
  readonly fits: boolean;
}

/** What each mix would take, in their order. */
export function mixFits(
  shape: MemoryShape,
  mixes: readonly MixWeights[],
  request: MemoryRequest,
  budget: Budget,
): MixFit[] {
  return mixes.map(({ mix, weights }) => {
    const plan = memoryPlan(shape, weights, request, 'estimate');
    return { mix, weights, weightBytes: totalWeights(weights), plan, fits: fits(plan, budget) };
  });
}

/** The largest count from 1 to `most` for which `holds`, when it holds for all smaller ones; 0 when for none. */
function last(most: number, holds: (count: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
