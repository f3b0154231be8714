// Which devices are taken, how many layers fit, how much is decoded at once.
import { describe, expect, it } from 'vitest';
import { layersThatFit, planDevices } from '../../src/engine/devices.ts';
import type { DeviceFunctions } from '../../src/engine/llama.ts';
import { batchShape } from '../../src/engine/rowParts.ts';
import { DEFAULT_DEVICE, type DeviceSettings } from '../../src/protocol/engine.ts';

const GB = 1e9;
interface Device {
  readonly backend: string;
  readonly type: number;
  readonly free: number;
}
const CPU: Device = { backend: 'CPU', type: 0, free: 32 * GB };
const CARD: Device = { backend: 'Vulkan', type: 1, free: 8 * GB };
const SAME_CARD: Device = { backend: 'CUDA', type: 1, free: 8 * GB };
const MATRIX_UNIT: Device = { backend: 'BLAS', type: 3, free: 0 };
const APPLE: Device = { backend: 'MTL', type: 1, free: 16 * GB };

/** A machine with these devices, as ggml would list them. */
const machine = (...devices: readonly Device[]): DeviceFunctions => ({
  count: () => devices.length,
  get: (index) => index,
  name: (device) => `${devices[device]!.backend}${device}`,
  description: (device) => `${devices[device]!.backend} device`,
  type: (device) => devices[device]!.type,
  backend: (device) => devices[device]!.backend,
  memory: (device) => ({ free: devices[device]!.free, total: devices[device]!.free }),
});
const settings = (change: Partial<DeviceSettings>): DeviceSettings => ({ ...DEFAULT_DEVICE, ...change });

describe('devices', () => {
  const plans: readonly (readonly [string, Device[], Partial<DeviceSettings>, string[], RegExp | null])[] = [
    ['no GPU, none asked for', [CPU], {}, [], null],
    ['a GPU is taken without asking', [CARD, CPU], {}, ['Vulkan'], null],
    ['the GPU may be left out', [CARD, CPU], { choice: 'off' }, [], null],
    ['of a card that is there twice, CUDA', [CARD, SAME_CARD, CPU], {}, ['CUDA'], null],
    ['the one that was asked for', [CARD, SAME_CARD, CPU], { choice: 'vulkan' }, ['Vulkan'], null],
    ['two cards, both', [CARD, CARD, CPU], {}, ['Vulkan', 'Vulkan'], null],
    ['two cards, the second', [CARD, CARD, CPU], { gpu: 1 }, ['Vulkan'], null],
    ['an accelerator of the CPU is no GPU', [MATRIX_UNIT, CPU], {}, [], null],
    ['Metal by its name', [APPLE, MATRIX_UNIT, CPU], { choice: 'metal' }, ['Metal'], null],
    ['none of the asked kind', [CPU], { choice: 'cuda' }, [], /no device for CUDA .* computed on the CPU/],
    ['not as many', [CARD, CPU], { choice: 'vulkan', gpu: 3 }, [], /no device 3 for Vulkan/],
  ];
  it.each(plans)('%s', (_what, devices, change, backends, note) => {
    const plan = planDevices(machine(...devices), settings(change));
    expect(plan.gpus.map(({ backend }) => backend)).toEqual(backends);
    if (note === null) expect(plan.notes).toEqual([]);
    else expect(plan.notes).toEqual([expect.stringMatching(note)]);
    expect(plan.threads).toBeGreaterThanOrEqual(1);
  });

  it('threads are those asked for', () => {
    expect(planDevices(machine(CPU), settings({ threads: 3 })).threads).toBe(3);
  });

  const fits: readonly (readonly [string, Partial<DeviceSettings>, number, number, RegExp | null])[] = [
    ['all layers of a small model', {}, 4 * GB, 33, null],
    [
      'a part of a large one',
      {},
      16 * GB,
      15,
      /16\.00 GB are needed and 7\.46 GB are free .* 15 of 33 layers/,
    ],
    ['none of a huge one', {}, 4000 * GB, 0, /0 of 33 layers/],
    ['as many as asked for', { gpuLayers: 7 }, 16 * GB, 7, null],
    ['not more than there are', { gpuLayers: 99 }, 4 * GB, 33, null],
  ];
  it.each(fits)('of 8 GB hold %s', (_what, change, bytes, count, note) => {
    const plan = planDevices(machine(CARD, CPU), settings({}));
    const fit = layersThatFit(plan, settings(change), 33, bytes);
    expect(fit.count).toBe(count);
    if (note === null) expect(fit.note).toBeNull();
    else expect(fit.note).toMatch(note);
  });

  it('without a GPU no layers are moved', () => {
    const plan = planDevices(machine(CPU), settings({}));
    expect(layersThatFit(plan, settings({ gpuLayers: 9 }), 33, GB)).toEqual({ count: 0, note: null });
  });
});

describe('what is decoded at once', () => {
  const shapes: readonly (readonly [number, number, number, number])[] = [
    // context, vocabulary → sequences, rows
    [512, 32_000, 4, 1024],
    [256, 4096, 8, 1024],
    [512, 152_064, 1, 256],
    [2048, 152_064, 1, 330],
    [512, 1_000_000, 1, 50],
    [4096, 4096, 1, 2048],
  ];
  it.each(shapes)(
    'of chunks of %i tokens with a vocabulary of %i',
    (contextTokens, vocabulary, sequences, rows) => {
      const rowsPerChunk = contextTokens - 1 - contextTokens / 2;
      const shape = batchShape({ contextTokens, rowsPerChunk }, vocabulary);
      expect([shape.sequences, shape.outputRows]).toEqual([sequences, rows]);
      expect(shape.batchTokens).toBe(sequences * contextTokens);
      expect(4 * vocabulary * shape.outputRows).toBeLessThanOrEqual(192 * 2 ** 20);
    },
  );
});
