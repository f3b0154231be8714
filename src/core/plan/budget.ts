// What a plan may take of a device, and whether it does.
import { type Device, usableBytes } from './devices.ts';

const GIB = 2 ** 30;

export interface Budget {
  /** What a model may use on the GPU. */
  readonly gpuBytes: number;
  /** RAM; null where it is not limited. */
  readonly cpuBytes: number | null;
  /** Where GPU and CPU share one memory: what both together may take of it. Null where each has its own. */
  readonly sharedBytes: number | null;
}

/** What is planned of each side. */
export interface PlannedBytes {
  readonly gpuBytes: number;
  readonly cpuBytes: number;
}

/** A GPU of so many GiB in a computer whose RAM is not looked at. */
export const budgetOfGiB = (gpuGiB: number): Budget => ({
  gpuBytes: gpuGiB * GIB,
  cpuBytes: null,
  sharedBytes: null,
});

/** @param ramBytes of the computer that the device is in; null where it is another one. A shared memory is all the RAM there is. */
export function budgetOf(device: Device, ramBytes: number | null): Budget {
  const gpuBytes = usableBytes(device);
  if (device.backend === 'cpu') return { gpuBytes: 0, cpuBytes: gpuBytes, sharedBytes: null };
  return device.isUnified
    ? { gpuBytes, cpuBytes: null, sharedBytes: sharedBytes(device, gpuBytes) }
    : { gpuBytes, cpuBytes: ramBytes, sharedBytes: null };
}

/** CUDA sees all that the system has; elsewhere the GPU has a limit below that. */
const sharedBytes = ({ backend, memoryGiB }: Device, gpuBytes: number): number =>
  backend === 'cuda' ? gpuBytes : Math.floor(memoryGiB * GIB);

export const fits = (plan: PlannedBytes, budget: Budget): boolean => excessOf(plan, budget) === null;

export interface Excess {
  readonly where: 'gpu' | 'ram' | 'shared';
  readonly bytes: number;
}

/** What is too much, and where first; null when all fits. */
export function excessOf({ gpuBytes, cpuBytes }: PlannedBytes, budget: Budget): Excess | null {
  const excesses: readonly Excess[] = [
    { where: 'gpu', bytes: gpuBytes - budget.gpuBytes },
    { where: 'shared', bytes: gpuBytes + cpuBytes - (budget.sharedBytes ?? Infinity) },
    { where: 'ram', bytes: cpuBytes - (budget.cpuBytes ?? Infinity) },
  ];
  return excesses.find(({ bytes }) => bytes > 0) ?? null;
}
