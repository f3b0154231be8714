// What the bars of a plan show: a bar for each memory, in it the parts that take of it, and where the memory ends.
import { formatFixed, formatMemory } from '../../../src/core/base/units.ts';
import type { MemoryPartId, MemoryPlan } from '../../../src/core/plan/memoryPlan.ts';
import { PART_NAMES } from '../../../src/core/plan/memoryPlan.ts';
import type { DeviceChoice } from '../deviceChoices.ts';

export interface Bar {
  readonly label: string;
  readonly usedBytes: number;
  /** Where the memory ends; null where nothing is known of it. */
  readonly limitBytes: number | null;
  /** "24 GB", "62.7 GiB". */
  readonly limitText: string;
  readonly segments: readonly Segment[];
  /** A further bound inside: what the GPU may use of a shared memory, what is free now. */
  readonly mark: { readonly bytes: number; readonly text: string } | null;
  /** Bytes that the whole width stands for. */
  readonly scaleBytes: number;
}

export interface Segment {
  readonly part: MemoryPartId;
  readonly name: string;
  readonly bytes: number;
}

const GIB = 2 ** 30;
/** Room behind the end of the memory, so that it is seen as an end. */
const MARGIN = 1.04;

export function barsOf(plan: MemoryPlan, choice: DeviceChoice): Bar[] {
  const { device, budget, ramBytes } = choice;
  if (device.backend === 'cpu')
    return [barOf('RAM', plan, both, budget.cpuBytes, ramText(ramBytes) || `${device.memoryGiB} GB`)];
  if (device.isUnified) {
    const limit = budget.sharedBytes ?? budget.gpuBytes;
    const mark = { bytes: budget.gpuBytes, text: `at most ${formatMemory(budget.gpuBytes)} for the GPU` };
    const shared = barOf('Shared memory', plan, both, limit, `${device.memoryGiB} GB`);
    return [budget.gpuBytes < limit ? { ...shared, mark } : shared];
  }
  const free = choice.freeBytes;
  const gpu = barOf('GPU', plan, ({ gpuBytes }) => gpuBytes, budget.gpuBytes, `${device.memoryGiB} GB`);
  const ram = barOf('RAM', plan, ({ cpuBytes }) => cpuBytes, ramBytes, ramText(ramBytes));
  return [
    free === null || free >= budget.gpuBytes
      ? gpu
      : { ...gpu, mark: { bytes: free, text: `${formatMemory(free)} free now` } },
    // Of another computer's RAM nothing is known: drawn to the scale of the GPU.
    ramBytes === null ? { ...ram, scaleBytes: Math.max(gpu.scaleBytes, ram.usedBytes * MARGIN) } : ram,
  ];
}

type Side = Pick<MemoryPlan, 'gpuBytes' | 'cpuBytes'>;
const both = ({ gpuBytes, cpuBytes }: Side): number => gpuBytes + cpuBytes;
const ramText = (bytes: number | null): string => (bytes === null ? '' : formatMemory(bytes));

function barOf(
  label: string,
  plan: MemoryPlan,
  bytesOf: (side: Side) => number,
  limitBytes: number | null,
  limitText: string,
): Bar {
  const usedBytes = bytesOf(plan);
  return {
    ...{ label, usedBytes, limitBytes, limitText, mark: null },
    segments: plan.parts
      .map((part) => ({ part: part.id, name: PART_NAMES[part.id], bytes: bytesOf(part) }))
      .filter(({ bytes }) => bytes > 0),
    scaleBytes: Math.max(usedBytes, limitBytes ?? 0, 1) * MARGIN,
  };
}

/** "7.2 of 24 GB" */
export function usedText({ usedBytes, limitBytes, limitText }: Bar): string {
  if (limitBytes === null) return `≈ ${formatMemory(usedBytes)}`;
  return usedBytes < GIB
    ? `≈ ${formatMemory(usedBytes)} of ${limitText}`
    : `≈ ${formatFixed(usedBytes / GIB, 1)} GiB of ${limitText}`;
}

/** For whoever does not see the bar. */
export const barText = (bar: Bar): string =>
  `${bar.label}: ${usedText(bar)}; ${bar.segments.map(({ name, bytes }) => `${name} ${formatMemory(bytes)}`).join(', ')}`;
