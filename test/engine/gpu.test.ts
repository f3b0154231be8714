// The GPU path, on whatever Vulkan device this machine has: a card, or Mesa's software one (Debian: mesa-vulkan-drivers).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_DEVICE, type DeviceSettings, type EngineRequest } from '../../src/app/quality/engine.ts';
import { createEngine, type EngineParts } from '../../src/node/engineProcess.ts';
import { buildEngine, ENGINE_MISSING, ENGLISH_TEXT, sample } from '../support/engine.ts';

/** A software device compiles every kernel when it first meets it; Mesa remembers them for the next run. */
const FIRST_RUN_MILLISECONDS = 300_000;
let folder = '';
let parts: EngineParts;

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  // ggml passes over software devices unless told which one to take.
  vi.stubEnv('GGML_VK_VISIBLE_DEVICES', process.env['GGML_VK_VISIBLE_DEVICES'] ?? '0');
  folder = mkdtempSync(join(tmpdir(), 'quantscope-gpu-'));
  parts = await buildEngine(folder);
}, 240_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function measure(device: Partial<DeviceSettings>) {
  const path = sample('sotu-5m-F16.gguf');
  const request: EngineRequest = {
    model: { path, tensorBytes: 1e7, layers: 5 },
    base: null,
    text: readFileSync(ENGLISH_TEXT, 'utf8'),
    contextTokens: 64,
    chunkLimit: 4,
    device: { ...DEFAULT_DEVICE, threads: 1, ...device },
    passes: 'one',
    worstTokenLimit: 0,
  };
  return await createEngine(parts).measure(request, () => undefined, new AbortController().signal);
}

describe.skipIf(ENGINE_MISSING !== null)('a GPU', () => {
  it(
    'computes what the CPU computes; where there is none, the CPU does it and says so',
    async () => {
      const onCpu = await measure({ choice: 'off' });
      const onGpu = await measure({ choice: 'vulkan' });
      const difference = Math.abs(onGpu.score.perplexity / onCpu.score.perplexity - 1);
      if (onGpu.device.backend === 'CPU') {
        console.warn(
          'The GPU path was NOT exercised: there is no Vulkan device (Debian: mesa-vulkan-drivers).',
        );
        expect(onGpu.device.notes).toEqual([
          expect.stringMatching(/no device for Vulkan .* computed on the CPU/),
        ]);
        expect(difference).toBe(0);
      } else {
        console.warn(`The GPU path was exercised on ${onGpu.device.names.join(', ')}.`);
        expect(onGpu.device).toMatchObject({ backend: 'Vulkan', gpuLayers: 5, layers: 5, notes: [] });
        expect(difference).toBeLessThan(5e-3);
        const half = await measure({ choice: 'vulkan', gpuLayers: 2 });
        expect(half.device).toMatchObject({ backend: 'Vulkan', gpuLayers: 2 });
        expect(Math.abs(half.score.perplexity / onCpu.score.perplexity - 1)).toBeLessThan(5e-3);
      }
    },
    FIRST_RUN_MILLISECONDS,
  );
});
