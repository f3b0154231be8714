// The devices one can plan for: this machine's, the user's own, those of the table.
import { type Budget, budgetOf } from '../../src/core/plan/budget.ts';
import { type Device, DEVICES } from '../../src/core/plan/devices.ts';
import type { GpuDescription } from '../../src/protocol/engine.ts';
import type { PlannerView } from '../../src/protocol/planner.ts';

export interface DeviceChoice {
  /** A name for devices of the table and of the settings; "cpu", "gpu 0" for those of this machine. */
  readonly id: string;
  readonly group: 'This machine' | 'Your devices' | 'NVIDIA' | 'AMD and Intel' | 'Apple';
  readonly device: Device;
  readonly budget: Budget;
  /** What is free of a GPU of this machine at the moment; null: not known. */
  readonly freeBytes: number | null;
  /** Of the computer it is in; null where it is another one. */
  readonly ramBytes: number | null;
}

const GIB = 2 ** 30;

export function deviceChoices(
  { ownDevices, ramBytes }: Pick<PlannerView, 'ownDevices' | 'ramBytes'>,
  gpus: readonly GpuDescription[],
): DeviceChoice[] {
  const own = new Set(ownDevices.map(({ name }) => name));
  return [
    processor(ramBytes),
    ...gpus.map((gpu, index) => detected(gpu, index, ramBytes)),
    ...ownDevices.map((device) => listed(device, 'Your devices')),
    ...DEVICES.filter(({ name }) => !own.has(name)).map((device) => listed(device, GROUPS[device.backend])),
  ];
}

/** null where there is none of this id: what was detected before a reload is not known any more. */
export const choiceOf = (choices: readonly DeviceChoice[], id: string): DeviceChoice | null =>
  choices.find((choice) => choice.id === id) ?? null;

const GROUPS = { cuda: 'NVIDIA', vulkan: 'AMD and Intel', metal: 'Apple', cpu: 'Your devices' } as const;

const listed = (device: Device, group: DeviceChoice['group']): DeviceChoice => ({
  ...{ id: device.name, group, device, freeBytes: null, ramBytes: null },
  budget: budgetOf(device, null),
});

/** No GPU at all. */
function processor(ramBytes: number): DeviceChoice {
  const device: Device = {
    ...{ name: 'Processor only', backend: 'cpu', memoryGiB: Math.round(ramBytes / GIB), bandwidth: null },
    ...{ year: null, isUnified: false, gpuGiB: null },
  };
  const budget: Budget = { gpuBytes: 0, cpuBytes: ramBytes, sharedBytes: null };
  return { id: 'cpu', group: 'This machine', device, budget, freeBytes: null, ramBytes };
}

const BACKENDS: Readonly<Record<string, Device['backend']>> = {
  CUDA: 'cuda',
  Metal: 'metal',
  Vulkan: 'vulkan',
};

function detected(gpu: GpuDescription, index: number, ramBytes: number): DeviceChoice {
  const { backend, name, totalBytes, freeBytes, isUnified } = gpu;
  const device: Device = {
    name: `${name} (${backend})`,
    backend: BACKENDS[backend] ?? 'vulkan',
    memoryGiB: Number(((isUnified ? ramBytes : totalBytes) / GIB).toFixed(1)),
    bandwidth: bandwidthOf(name, totalBytes),
    ...{ year: null, isUnified, gpuGiB: totalBytes / GIB },
  };
  const budget: Budget = isUnified
    ? { gpuBytes: totalBytes, cpuBytes: null, sharedBytes: ramBytes }
    : { gpuBytes: totalBytes, cpuBytes: ramBytes, sharedBytes: null };
  return { id: `gpu ${index}`, group: 'This machine', device, budget, freeBytes, ramBytes };
}

/** What the table says of a card of this name and about this memory; null where it has none. */
function bandwidthOf(name: string, totalBytes: number): number | null {
  const plain = name.toLowerCase();
  const same = DEVICES.filter(
    (device) =>
      plain.includes(device.name.toLowerCase().replace(/ (gddr\d|\d+gb)$/, '')) &&
      Math.abs(device.memoryGiB / (totalBytes / GIB) - 1) < MEMORY_TOLERANCE,
  ).sort((one, other) => other.name.length - one.name.length);
  return same[0]?.bandwidth ?? null;
}

/** Drivers keep some percent of the memory for themselves. */
const MEMORY_TOLERANCE = 0.1;
