// The planner against llama.cpp itself, which lays out runs of whole models without allocating them.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MemoryEngine, plannedRun } from '../../src/app/plan/memoryEngine.ts';
import { DEFAULT_DEVICE, type DeviceSettings } from '../../src/app/quality/engine.ts';
import { memorySource } from '../../src/core/formats/byteSource.ts';
import { openModel } from '../../src/core/formats/openModel.ts';
import { COMPUTE_ERROR, computeBytes } from '../../src/core/plan/compute.ts';
import { memoryPlan, type MemoryPlan, type MemoryRequest } from '../../src/core/plan/memoryPlan.ts';
import { weightBytes } from '../../src/core/plan/modelWeights.ts';
import { NO_ORDER, requestFor } from '../../src/core/plan/request.ts';
import { memoryShape } from '../../src/core/plan/shape.ts';
import { createMemoryEngine } from '../../src/node/memoryProcess.ts';
import type { MemoryResult } from '../../src/protocol/memory.ts';
import { PUBLISHED_MODELS, publishedModel, publishedSpec } from '../core/plan/publishedModels.ts';
import type { modelOf } from '../core/plan/headers.ts';
import { buildEngine, ENGINE_MISSING, sample } from '../support/engine.ts';
import { writeGguf } from '../support/ggufWriter.ts';

let folder = '';
let engine: MemoryEngine;

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'memory-'));
  engine = createMemoryEngine(await buildEngine(folder));
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** On the processor, without weights that are rearranged for it. */
const DEVICE = { ...DEFAULT_DEVICE, choice: 'off', extraBuffers: false } as const;
const never = (): AbortSignal => new AbortController().signal;

const ask = (path: string, request: MemoryRequest, device: DeviceSettings = DEVICE): Promise<MemoryResult> =>
  engine.memory({ model: { path, tensorBytes: 0, layers: 0 }, device, run: plannedRun(request) }, never());

const sumOf = ({ buffers }: MemoryResult, what: 'weights' | 'context' | 'compute'): number =>
  buffers.reduce((sum, buffer) => sum + buffer[what], 0);

const planned = (plan: MemoryPlan, ...ids: readonly string[]): number =>
  plan.parts
    .filter(({ id }) => ids.includes(id))
    .reduce((sum, { gpuBytes, cpuBytes }) => sum + gpuBytes + cpuBytes, 0);

function planOf({ model, readNumbers }: ReturnType<typeof modelOf>, change: Partial<MemoryRequest>) {
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) throw new Error(shape.unavailable);
  const weights = weightBytes(model, shape);
  const onCpu = { ...requestFor(shape, weights, NO_ORDER, 'cpu', null), gpuLayers: 0 };
  const request: MemoryRequest = { ...onCpu, contextTokens: 8192, ...change };
  return { plan: memoryPlan(shape, weights, request), request, output: computeBytes(shape, request).output };
}

const REQUESTS: readonly Partial<MemoryRequest>[] = [
  {},
  { contextTokens: 131_072, keyType: 'q8_0', valueType: 'q8_0' },
  { sequences: 4, outputTokens: 4 },
  { contextTokens: 4096, keyType: 'f32', valueType: 'f32', batchTokens: 256 },
];

async function compare(path: string, model: ReturnType<typeof modelOf>): Promise<void> {
  for (const change of REQUESTS) {
    const { plan, request, output } = planOf(model, change);
    const measured = await ask(path, request);
    expect(measured.buffers.map(({ name, isHost }) => [name, isHost])).toEqual([['CPU', true]]);
    expect(sumOf(measured, 'weights')).toBe(planned(plan, 'weights'));
    expect(sumOf(measured, 'context')).toBe(planned(plan, 'cache', 'states'));
    const compute = planned(plan, 'compute') - output;
    expect(Math.abs(compute / sumOf(measured, 'compute') - 1), JSON.stringify(change)).toBeLessThan(
      COMPUTE_ERROR,
    );
    const [ours, theirs] = [
      planned(plan, 'weights', 'cache', 'states') + compute,
      sumOf(measured, 'weights') + sumOf(measured, 'context') + sumOf(measured, 'compute'),
    ];
    expect(Math.abs(ours / theirs - 1), JSON.stringify(change)).toBeLessThan(0.05);
  }
}

describe.skipIf(ENGINE_MISSING !== null)('llama.cpp, asked what a run takes', () => {
  it.each(PUBLISHED_MODELS)(
    'has weights and cache of %s as they are planned, to the byte, and a total within 5 %%',
    async (name) => {
      const { header, fileSize } = writeGguf(publishedSpec(name));
      const path = join(folder, `${name}.gguf`);
      writeFileSync(path, header);
      truncateSync(path, fileSize); // hundreds of GB that take no room
      await compare(path, publishedModel(name));
      rmSync(path);
    },
    60_000,
  );

  it('has those of a real file in the same way', async () => {
    const path = sample('sotu-5m-Q4_K_M.gguf');
    const source = memorySource(readFileSync(path));
    const { model } = openModel({ open: () => source }, 'model.gguf');
    await compare(path, { model: model!, readNumbers: () => null });
  }, 60_000);

  it('has on a GPU what is planned for it; where there is none, it says so', async () => {
    // ggml passes over software devices unless told which one to take.
    vi.stubEnv('GGML_VK_VISIBLE_DEVICES', process.env['GGML_VK_VISIBLE_DEVICES'] ?? '0');
    const path = sample('sotu-5m-Q4_K_M.gguf');
    const source = memorySource(readFileSync(path));
    const model = { model: openModel({ open: () => source }, 'model.gguf').model!, readNumbers: () => null };
    for (const gpuLayers of [5, 3, 1]) {
      const { plan, request, output } = planOf(model, { gpuLayers });
      const measured = await ask(path, request, { ...DEVICE, choice: 'vulkan' });
      if (measured.gpus.length === 0) {
        expect(measured.notes).toEqual([expect.stringMatching(/no device for Vulkan/)]);
        continue;
      }
      const onGpu = { ...measured, buffers: measured.buffers.filter(({ isHost }) => !isHost) };
      const part = (id: string) => plan.parts.find((one) => one.id === id);
      expect(sumOf(onGpu, 'weights')).toBe(part('weights')?.gpuBytes);
      expect(sumOf(onGpu, 'context')).toBe(part('cache')?.gpuBytes);
      const compute = part('compute')!;
      expect(Math.abs(compute.gpuBytes / sumOf(onGpu, 'compute') - 1)).toBeLessThan(COMPUTE_ERROR);
      const onHost = sumOf(measured, 'compute') - sumOf(onGpu, 'compute');
      expect(Math.abs((compute.cpuBytes - output) / onHost - 1)).toBeLessThan(0.01);
    }
    vi.unstubAllEnvs();
  }, 60_000);

  it('refuses what the planner says it refuses, in words', async () => {
    const { header, fileSize } = writeGguf(publishedSpec('DeepSeek-V3'));
    const path = join(folder, 'refused.gguf');
    writeFileSync(path, header);
    truncateSync(path, fileSize);
    const { request } = planOf(publishedModel('DeepSeek-V3'), { keyType: 'q8_0' });
    await expect(ask(path, request)).rejects.toThrow(
      /llama\.cpp refuses these settings: .*does not support different K \(q8_0\) and V \(f16\)/,
    );
  }, 60_000);

  it('is not started for nobody', async () => {
    const { request } = planOf(publishedModel('Llama-3-8B'), {});
    const model = { path: sample('sotu-5m-F16.gguf'), tensorBytes: 0, layers: 0 };
    const asked = engine.memory({ model, device: DEVICE, run: plannedRun(request) }, AbortSignal.abort());
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });
});
