// Which devices a job computes on: what was asked for, what there is, and the sentence that says where the two differ.
import { availableParallelism } from 'node:os';
import { formatBytes } from '../core/base/units.ts';
import type { DeviceChoice, DeviceList, DeviceSettings } from '../protocol/engine.ts';
import type { DeviceFunctions } from './llama.ts';
import type { Pointer } from './structs.ts';

export interface Gpu {
  readonly device: Pointer;
  readonly backend: string;
  readonly name: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly isUnified: boolean;
}

export interface DevicePlan {
  /** None: the CPU. */
  readonly gpus: readonly Gpu[];
  readonly threads: number;
  /** What the processor calls itself. */
  readonly cpuNames: readonly string[];
  readonly notes: readonly string[];
}

/** Types of ggml_backend_dev_type. Layers go to GPUs with memory of their own and to integrated ones. */
const CPU = 0;
const GPU = 1;
const INTEGRATED_GPU = 2;

/** What llama.cpp calls the backends. */
const BACKENDS: Readonly<Record<Exclude<DeviceChoice, 'auto' | 'off'>, string>> = {
  vulkan: 'Vulkan',
  cuda: 'CUDA',
  metal: 'Metal',
};

export function planDevices(functions: DeviceFunctions, settings: DeviceSettings): DevicePlan {
  const { choice } = settings;
  const threads = settings.threads ?? Math.max(1, availableParallelism() - 1);
  const cpuNames = listDevices(functions)
    .filter((device) => functions.type(device) === CPU)
    .map((device) => functions.description(device));
  if (choice === 'off') return { gpus: [], threads, cpuNames, notes: [] };
  const all = listGpus(functions);
  const wanted =
    choice === 'auto' ? preferred(all) : all.filter(({ backend }) => backend === BACKENDS[choice]);
  const gpus = settings.gpu === null ? wanted : wanted.slice(settings.gpu, settings.gpu + 1);
  if (gpus.length > 0 || choice === 'auto') return { gpus, threads, cpuNames, notes: [] };
  const asked = `${settings.gpu === null ? 'device' : `device ${settings.gpu}`} for ${BACKENDS[choice]}`;
  return {
    gpus: [],
    threads,
    cpuNames,
    notes: [`There is no ${asked} that llama.cpp can use; computed on the CPU.`],
  };
}

const listDevices = ({ count, get }: DeviceFunctions): Pointer[] =>
  Array.from({ length: count() }, (_item, index) => get(index));

function listGpus(functions: DeviceFunctions): Gpu[] {
  return listDevices(functions)
    .filter((device) => [GPU, INTEGRATED_GPU].includes(functions.type(device)))
    .map((device) => {
      const backend = functions.backend(device);
      const { free, total } = functions.memory(device);
      return {
        device,
        backend: backend === 'MTL' ? 'Metal' : backend,
        name: functions.description(device),
        freeBytes: free,
        totalBytes: total,
        // Metal calls all GPUs alike; those of Apple's own chips share the memory.
        isUnified: functions.type(device) === INTEGRATED_GPU || backend === 'MTL',
      };
    });
}

/** For a person to choose from. */
export function describeDevices(functions: DeviceFunctions): Omit<DeviceList, 'engineVersion'> {
  const cpus = listDevices(functions).filter((device) => functions.type(device) === CPU);
  return {
    gpus: listGpus(functions).map(({ device: _pointer, ...gpu }) => gpu),
    cpu: cpus.map((device) => functions.description(device)).join(', '),
    threads: availableParallelism(),
  };
}

/** The same card may be there twice, as CUDA and as Vulkan: those of one backend, the more special one first. */
function preferred(gpus: readonly Gpu[]): Gpu[] {
  const backend = ['CUDA', 'Metal', 'Vulkan'].find((name) => gpus.some((gpu) => gpu.backend === name));
  return gpus.filter((gpu) => gpu.backend === (backend ?? gpus[0]?.backend));
}

/** Free memory that is left alone: the screen, and what llama.cpp computes in. */
const RESERVED_BYTES = 512 * 2 ** 20;

/**
 * Layers that fit into the memory of the GPUs, and a sentence where that is not what was asked for.
 * @param layers of the model, with its output
 * @param bytes of all its tensors and what it needs to compute
 */
export function layersThatFit(
  { gpus }: DevicePlan,
  { gpuLayers }: DeviceSettings,
  layers: number,
  bytes: number,
): { readonly count: number; readonly note: string | null } {
  if (gpus.length === 0) return { count: 0, note: null };
  if (gpuLayers !== null) return { count: Math.min(gpuLayers, layers), note: null };
  const free = gpus.reduce((sum, { freeBytes }) => sum + Math.max(0, freeBytes - RESERVED_BYTES), 0);
  if (bytes <= free) return { count: layers, note: null };
  const count = Math.floor((layers * free) / bytes);
  const note = `${formatBytes(bytes)} are needed and ${formatBytes(free)} are free on the GPU: ${count} of ${layers} layers are computed there.`;
  return { count, note };
}
