// The least that is enough: a run with a good context, in as little memory as does not show, and the device that holds it.
import { type Device, DEVICES, smallestDevice } from './devices.ts';
import { refusalOf } from './kvCache.ts';
import { memoryPlan, type MemoryPlan, type MemoryRequest } from './memoryPlan.ts';
import { goodContext, NO_ORDER, requestFor } from './request.ts';
import type { MemoryShape } from './shape.ts';
import type { WeightBytes } from './weights.ts';

export interface GoodRun {
  readonly request: MemoryRequest;
  readonly plan: MemoryPlan;
  /** The smallest of the table that holds it; null when none has so much. */
  readonly device: Device | null;
}

/** All layers on the GPU, one sequence, the cache in q8_0 where llama.cpp takes that. */
export function smallestGoodRun(shape: MemoryShape, weights: WeightBytes): GoodRun {
  const order = { ...NO_ORDER, contextTokens: goodContext(shape) };
  const plain = requestFor(shape, weights, order, 'cuda', null);
  const quantized = { ...plain, keyType: 'q8_0', valueType: 'q8_0' } as const;
  const request = refusalOf(shape, quantized) === null ? quantized : plain;
  const plan = memoryPlan(shape, weights, request);
  return { request, plan, device: smallestDevice(plan.gpuBytes) };
}

/** What there is at most, where nothing is enough. */
export const largestDevice = (): Device | undefined => DEVICES.findLast(({ isUnified }) => !isUnified);
