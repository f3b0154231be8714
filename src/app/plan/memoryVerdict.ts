// One line about memory for the header of a model: what it fits, with which context.
import { formatMemory } from '../../core/base/units.ts';
import type { Model } from '../../core/formats/model.ts';
import { budgetOf } from '../../core/plan/budget.ts';
import { type Device, smallestDevice } from '../../core/plan/devices.ts';
import { refusalOf } from '../../core/plan/kvCache.ts';
import { memoryPlan, type MemoryPlan, type MemoryRequest, PART_NAMES } from '../../core/plan/memoryPlan.ts';
import { weightBytes } from '../../core/plan/modelWeights.ts';
import { goodContext, NO_ORDER, requestFor } from '../../core/plan/request.ts';
import { memoryShape, type MemoryShape } from '../../core/plan/shape.ts';
import type { ReadNumbers } from '../../core/plan/shapeKeys.ts';
import { settingsWords, type Verdict, verdictOf } from '../../core/plan/verdict.ts';
import type { WeightBytes } from '../../core/plan/weights.ts';
import type { MemoryVerdict } from '../../protocol/modelView.ts';

/**
 * Null for what is not a language model, or not all there.
 * @param device null: the smallest of the table that holds it with a good context
 */
export function memoryVerdict(
  model: Model,
  readNumbers: ReadNumbers,
  device: Device | null,
): MemoryVerdict | null {
  if (model.files.some(({ size }) => size === null)) return null;
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape || shape.vocabulary === 0) return null;
  const weights = weightBytes(model, shape);
  if (weights.unknownTensors > 0) return null;
  const chosen = device ?? deviceFor(shape, weights);
  if (chosen === null) {
    const { request, plan } = smallestGoodRun(shape, weights);
    return viewOf(
      { fits: false, text: `needs ${formatMemory(plan.gpuBytes)} with ${settingsWords(request)}` },
      plan,
    );
  }
  const budget = budgetOf(chosen, null);
  const request = requestFor(shape, weights, NO_ORDER, chosen.backend, budget);
  const plan = memoryPlan(shape, weights, request);
  return viewOf(verdictOf(plan, request, chosen.memoryGiB, budget), plan, device?.name);
}

/** The least memory that is enough to work with; null when no device of the table has so much. */
const deviceFor = (shape: MemoryShape, weights: WeightBytes): Device | null =>
  smallestDevice(smallestGoodRun(shape, weights).plan.gpuBytes);

function smallestGoodRun(
  shape: MemoryShape,
  weights: WeightBytes,
): { readonly request: MemoryRequest; readonly plan: MemoryPlan } {
  const order = { ...NO_ORDER, contextTokens: goodContext(shape) };
  const plain = requestFor(shape, weights, order, 'cuda', null);
  const quantized = { ...plain, keyType: 'q8_0', valueType: 'q8_0' } as const;
  const request = refusalOf(shape, quantized) === null ? quantized : plain;
  return { request, plan: memoryPlan(shape, weights, request) };
}

function viewOf({ fits, text }: Verdict, plan: MemoryPlan, deviceName?: string): MemoryVerdict {
  const parts = plan.parts
    .filter(({ gpuBytes }) => gpuBytes > 0)
    .map(({ id, gpuBytes }) => `${PART_NAMES[id]} ${formatMemory(gpuBytes)}`);
  const place = deviceName === undefined ? 'On the GPU' : `On ${deviceName}`;
  return { fits, text, detail: `${place}: ≈ ${formatMemory(plan.gpuBytes)} (${parts.join(', ')})` };
}
