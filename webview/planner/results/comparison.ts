// What llama.cpp answered beside what was planned for the same run on the same devices.
import { computeBytes } from '../../../src/core/plan/compute.ts';
import { memoryPlan, type MemoryPlan, type MemoryRequest } from '../../../src/core/plan/memoryPlan.ts';
import type { BufferBytes, MemoryResult } from '../../../src/protocol/memory.ts';
import type { PlanBasis } from '../../../src/protocol/planner.ts';

export interface ComparedPart {
  readonly name: 'Weights' | 'KV cache, states' | 'Compute buffers' | 'Together';
  readonly gpu: Compared;
  readonly ram: Compared;
}

export interface Compared {
  readonly planned: number;
  readonly measured: number;
}

/** Where the run was on no GPU, ours is planned without one too. */
export function comparisonOf(
  { shape, weights }: PlanBasis,
  request: MemoryRequest,
  result: MemoryResult,
): ComparedPart[] {
  const run = { ...request, gpuLayers: result.gpuLayers };
  const plan = memoryPlan(shape, weights, run);
  // What is handed out is not in llama.cpp's own sum.
  const { output } = computeBytes(shape, run);
  const part = (
    name: ComparedPart['name'],
    ids: readonly string[],
    field: 'weights' | 'context' | 'compute',
    unmeasured = 0,
  ): ComparedPart => ({
    name,
    gpu: { planned: planned(plan, ids).gpu, measured: measured(result, field, false) },
    ram: { planned: planned(plan, ids).ram - unmeasured, measured: measured(result, field, true) },
  });
  const parts = [
    part('Weights', ['weights'], 'weights'),
    part('KV cache, states', ['cache', 'states'], 'context'),
    part('Compute buffers', ['compute'], 'compute', output),
  ];
  const sum = (of: (part: ComparedPart) => Compared): Compared => ({
    planned: parts.reduce((bytes, one) => bytes + of(one).planned, 0),
    measured: parts.reduce((bytes, one) => bytes + of(one).measured, 0),
  });
  return [...parts, { name: 'Together', gpu: sum(({ gpu }) => gpu), ram: sum(({ ram }) => ram) }];
}

function planned(
  { parts }: MemoryPlan,
  ids: readonly string[],
): { readonly gpu: number; readonly ram: number } {
  const own = parts.filter(({ id }) => ids.includes(id));
  return {
    gpu: own.reduce((bytes, { gpuBytes }) => bytes + gpuBytes, 0),
    ram: own.reduce((bytes, { cpuBytes }) => bytes + cpuBytes, 0),
  };
}

const measured = (
  { buffers }: MemoryResult,
  field: keyof Pick<BufferBytes, 'weights' | 'context' | 'compute'>,
  isHost: boolean,
): number =>
  buffers.filter((buffer) => buffer.isHost === isHost).reduce((bytes, buffer) => bytes + buffer[field], 0);

/** "same", "+1.2 %", "−0.3 %": ours against llama.cpp's. */
export function differenceText({ planned: ours, measured: theirs }: Compared): string {
  if (Math.round(ours) === theirs) return 'same';
  if (theirs === 0) return '–';
  const percent = 100 * (ours / theirs - 1);
  const digits = Math.abs(percent).toFixed(Math.abs(percent) < 0.1 ? 3 : 1);
  return `${percent < 0 ? '−' : '+'}${digits} %`;
}
