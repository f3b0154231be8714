// One line about memory for the header of a model: what it fits, with which context.
import { formatMemory } from '../../core/base/units.ts';
import type { Model } from '../../core/formats/model.ts';
import { budgetOf } from '../../core/plan/budget.ts';
import type { Device } from '../../core/plan/devices.ts';
import { smallestGoodRun } from '../../core/plan/enough.ts';
import { memoryPlan, type MemoryPlan, PART_NAMES } from '../../core/plan/memoryPlan.ts';
import { weightBytes } from '../../core/plan/modelWeights.ts';
import { NO_ORDER, requestFor } from '../../core/plan/request.ts';
import { memoryShape } from '../../core/plan/shape.ts';
import type { ReadNumbers } from '../../core/plan/shapeKeys.ts';
import { settingsWords, type Verdict, verdictOf } from '../../core/plan/verdict.ts';
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
  const enough = device === null ? smallestGoodRun(shape, weights) : null;
  const chosen = device ?? enough?.device ?? null;
  if (chosen === null) {
    const { request, plan } = enough ?? smallestGoodRun(shape, weights);
    return viewOf(
      { fits: false, text: `needs ${formatMemory(plan.gpuBytes)} with ${settingsWords(request, plan)}` },
      plan,
      null,
    );
  }
  const budget = budgetOf(chosen, null);
  const order = chosen.backend === 'cpu' ? { ...NO_ORDER, gpuLayers: 0 } : NO_ORDER;
  const request = requestFor(shape, weights, order, chosen.backend, budget);
  const plan = memoryPlan(shape, weights, request);
  return viewOf(verdictOf(plan, request, chosen, budget), plan, device);
}

function viewOf({ fits, text }: Verdict, plan: MemoryPlan, device: Device | null): MemoryVerdict {
  const side = device?.backend === 'cpu' ? 'cpuBytes' : 'gpuBytes';
  const parts = plan.parts
    .filter((part) => part[side] > 0)
    .map((part) => `${PART_NAMES[part.id]} ${formatMemory(part[side])}`);
  const place = device === null ? 'On the GPU' : `On ${device.name}`;
  return { fits, text, detail: `${place}: ≈ ${formatMemory(plan[side])} (${parts.join(', ')})` };
}
