// The devices that the user knows: those of the settings and of the table. Anything may stand in a file of settings.
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import { BACKENDS, type Device, DEVICES } from '../../core/plan/devices.ts';

const MAX_NAME = 80;
/** More than any machine has. */
const MAX_GIB = 65_536;
const MAX_BANDWIDTH = 1e6;

/** What can be read of `quantscope.planner.devices`; other entries are left out. */
export function readDevices(setting: unknown): Device[] {
  const entries: readonly unknown[] = Array.isArray(setting) ? setting : [];
  const devices = entries.flatMap((entry) => readDevice(entry) ?? []);
  return devices.filter(({ name }, index) => devices.findIndex((other) => other.name === name) === index);
}

function readDevice(entry: unknown): Device | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { name, memoryGiB, bandwidthGBs, backend, unified } = entry as Readonly<Record<string, unknown>>;
  const memory = inRange(memoryGiB, MAX_GIB);
  if (typeof name !== 'string' || name.trim() === '' || memory === null) return null;
  return {
    name: shorten(visibleText(name.trim()), MAX_NAME),
    memoryGiB: memory,
    bandwidth: inRange(bandwidthGBs, MAX_BANDWIDTH),
    backend: BACKENDS.find((known) => known === backend) ?? 'cuda',
    isUnified: unified === true,
    gpuGiB: null,
    year: null,
  };
}

const inRange = (value: unknown, most: number): number | null =>
  typeof value === 'number' && value > 0 && value <= most ? value : null;

/** The device of this name, of the settings first; null where there is none. */
export function deviceNamed(name: unknown, own: readonly Device[]): Device | null {
  if (typeof name !== 'string' || name.trim() === '') return null;
  const wanted = name.trim().toLowerCase();
  return [...own, ...DEVICES].find((device) => device.name.toLowerCase() === wanted) ?? null;
}
