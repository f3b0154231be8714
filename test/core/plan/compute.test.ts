import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/core/formats/byteSource.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { computeBytes, type ComputeRequest } from '../../../src/core/plan/compute.ts';
import { cacheByLayer } from '../../../src/core/plan/kvCache.ts';
import { memoryPlan } from '../../../src/core/plan/memoryPlan.ts';
import { memoryShape, type MemoryShape } from '../../../src/core/plan/shape.ts';
import { weightBytes } from '../../../src/core/plan/modelWeights.ts';
import { totalWeights } from '../../../src/core/plan/weights.ts';
import type { Model } from '../../../src/core/formats/model.ts';
import { modelOf, specOf } from './headers.ts';
import { publishedModel, type PublishedModel } from './publishedModels.ts';

/** What the logs below were made with, where they say nothing else: a library's defaults, not those of a server. */
const REQUEST: ComputeRequest = {
  contextTokens: 8192,
  sequences: 1,
  unified: false,
  keyType: 'f16',
  valueType: 'f16',
  batchTokens: 512,
  flashAttention: true,
  outputTokens: 512,
};
const MIB = 2 ** 20;

function shapeOf({ model, readNumbers }: ReturnType<typeof modelOf>): MemoryShape {
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) throw new Error(shape.unavailable);
  return shape;
}

const compute = (shape: MemoryShape, request: Partial<ComputeRequest>): number => {
  const { layer, logits } = computeBytes(shape, { ...REQUEST, ...request });
  return Math.max(layer, logits) / MIB;
};

const ONE = { outputTokens: 1 };
const LONG = { outputTokens: 1, contextTokens: 131_072 };
const PLAIN = { outputTokens: 1, contextTokens: 32_768, flashAttention: false };
const SMALL_BATCH = { outputTokens: 1, batchTokens: 128 };
const LARGE_BATCH = { outputTokens: 1, contextTokens: 32_768, batchTokens: 2048 };
const FOUR = { outputTokens: 4, sequences: 4 };

/** "CPU compute buffer size" in MiB, of llama.cpp v0.4.0 on Linux x64, opening the headers of publishedModels.ts (no_alloc). */
const LOGGED: Readonly<Record<PublishedModel, readonly number[]>> = {
  'Llama-3-8B': [266.5, 124.01, 244.01, 2156.01, 31.0, 592.05, 124.01],
  'Llama-3-70B': [282.5, 240.01, 360.01, 4244.01, 60.0, 1056.05, 240.01],
  'Mistral-7B': [124.01, 124.01, 244.01, 2156.01, 31.0, 592.05, 124.01],
  'Gemma-3-27B': [533.13, 175.02, 295.02, 2178.51, 43.69, 802.08, 175.02],
  'Qwen3-30B-A3B': [304.75, 96.01, 216.01, 2142.01, 24.0, 480.05, 96.01],
  'DeepSeek-V3': [416.01, 416.01, 536.01, 8648.01, 104.0, 1760.03, 416.01],
  'gpt-oss-20b': [435.27, 101.14, 221.14, 4198.39, 25.16, 506.58, 101.14],
  'Falcon-Mamba-7B': [151.0, 104.69, 104.69, 104.69, 26.69, 416.7, 106.75],
  'Jamba-v0.1': [200.08, 200.08, 320.08, 2148.01, 50.02, 896.3, 200.08],
};
const REQUESTS = [{}, ONE, LONG, PLAIN, SMALL_BATCH, LARGE_BATCH, FOUR];

describe('compute buffers', () => {
  it.each(Object.entries(LOGGED) as [PublishedModel, number[]][])(
    'of %s are what llama.cpp reserves, within 8 %',
    (name, logged) => {
      const shape = shapeOf(publishedModel(name));
      for (const [index, request] of REQUESTS.entries()) {
        const error = compute(shape, request) / logged[index]! - 1;
        expect(Math.abs(error), `${JSON.stringify(request)}: ${error}`).toBeLessThanOrEqual(0.08);
      }
    },
  );

  it('are nearer than 3 % for a server, which asks for the logits of one token a sequence', () => {
    const errors = (Object.entries(LOGGED) as [PublishedModel, number[]][]).flatMap(([name, logged]) => {
      const shape = shapeOf(publishedModel(name));
      return REQUESTS.slice(1).map((request, index) => compute(shape, request) / logged[index + 1]! - 1);
    });
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.03);
  });
});

/**
 * Compute buffers in MiB as llama.cpp v0.4.0 lays them out with a Vulkan device: of the GPU, and of RAM beside it. Of these models,
 * with vocabularies of 8,192 so that no tensor is larger than the buffers of a software device; all layers on the GPU at 8k,
 * at 32k with a cache in q8_0, with 4 sequences of 2k, and half of the layers at 8k.
 */
const LAID_OUT_ON_GPU: readonly (readonly [
  PublishedModel,
  readonly (readonly [gpu: number, ram: number])[],
])[] = [
  [
    'Llama-3-8B',
    [
      [108.01, 24.01],
      [132.09, 48.09],
      [102.01, 18.01],
      [129.5, 24.01],
    ],
  ],
  [
    'Llama-3-70B',
    [
      [208.01, 40.01],
      [232.09, 64.09],
      [202.01, 34.01],
      [314.0, 40.01],
    ],
  ],
  [
    'Gemma-3-27B',
    [
      [172.52, 30.52],
      [196.67, 54.68],
      [166.52, 24.52],
      [212.02, 30.52],
    ],
  ],
  [
    'Qwen3-30B-A3B',
    [
      [92.01, 16.01],
      [116.09, 40.09],
      [86.01, 10.01],
      [196.5, 16.01],
    ],
  ],
];

describe('compute buffers of a GPU', () => {
  it.each(LAID_OUT_ON_GPU)(
    'of %s are what llama.cpp lays out, within 8 %% (15 %% with layers in RAM); those in RAM within 0.5 %%',
    (name, laidOut) => {
      const { model, readNumbers } = publishedModel(name);
      const shape = shapeOf({ model, readNumbers });
      const all = shape.layers.length + 1;
      const runs = [
        { ...ONE, gpuLayers: all },
        { ...ONE, contextTokens: 32_768, keyType: 'q8_0', valueType: 'q8_0', gpuLayers: all },
        { ...FOUR, contextTokens: 2048, gpuLayers: all },
        { ...ONE, gpuLayers: shape.layers.length >> 1 },
      ] as const;
      for (const [index, run] of runs.entries()) {
        const request = { ...REQUEST, ...run, expertsOnCpu: 0, backend: 'vulkan' as const };
        const { parts } = memoryPlan(shape, weightBytes(model, shape), request);
        const { gpuBytes, cpuBytes } = parts.find(({ id }) => id === 'compute')!;
        const [gpu, ram] = laidOut[index]!;
        const limit = run.gpuLayers === all ? 0.08 : 0.15;
        expect(Math.abs(gpuBytes / MIB / gpu - 1), `GPU, ${index}`).toBeLessThan(limit);
        const { output } = computeBytes(shape, request);
        expect(Math.abs((cpuBytes - output) / MIB / ram - 1), `RAM, ${index}`).toBeLessThan(0.005);
      }
    },
  );
});

const samples = join(import.meta.dirname, '../../samples');
const sample = (name: string): Model => {
  const source = memorySource(readFileSync(join(samples, name)));
  return openModel({ open: () => source }, name).model!;
};

/** karpathy/tinyllamas, stories260K: heads of 8 numbers, rows that no block divides. */
const STORIES = modelOf(
  specOf({
    architecture: 'llama',
    layers: 5,
    embedding: 64,
    vocabulary: 512,
    context: 128,
    hasOutput: true,
    type: 0,
    keys: { feed_forward_length: 172, 'attention.head_count': 8, 'attention.head_count_kv': 4 },
    layer: () => [
      ['attn_norm.weight', 64],
      ['attn_q.weight', 64, 64],
      ['attn_k.weight', 64, 32],
      ['attn_v.weight', 64, 32],
      ['attn_output.weight', 64, 64],
      ['ffn_norm.weight', 64],
      ['ffn_gate.weight', 64, 172],
      ['ffn_up.weight', 64, 172],
      ['ffn_down.weight', 172, 64],
    ],
  }),
).model;

interface Logged {
  readonly request: Partial<ComputeRequest>;
  /** "KV buffer size", "compute buffer size", "output buffer size" in MiB. */
  readonly cache: number;
  readonly compute: number;
  readonly output: number;
}

/** Contexts that llama.cpp v0.4.0 (Linux x64, CPU) really allocated, with what it logged. */
const SOTU: readonly Logged[] = [
  { request: { contextTokens: 256 }, cache: 0.5, compute: 4.5, output: 0.02 },
  { request: { contextTokens: 2048 }, cache: 4, compute: 9, output: 0.02 },
  { request: { contextTokens: 2048, flashAttention: false }, cache: 4, compute: 23.01, output: 0.02 },
  { request: { contextTokens: 8192 }, cache: 16, compute: 14.51, output: 0.02 },
  { request: { contextTokens: 8192, outputTokens: 1 }, cache: 16, compute: 14.51, output: 0.02 },
  {
    request: { contextTokens: 4096, keyType: 'q8_0', valueType: 'q8_0' },
    cache: 4.25,
    compute: 10.04,
    output: 0.02,
  },
  {
    request: { contextTokens: 4096, keyType: 'q4_0', valueType: 'q4_0' },
    cache: 2.25,
    compute: 10.04,
    output: 0.02,
  },
  {
    request: { contextTokens: 4096, keyType: 'f32', valueType: 'f32' },
    cache: 16,
    compute: 10.01,
    output: 0.02,
  },
  { request: { contextTokens: 4096, keyType: 'q8_0' }, cache: 6.125, compute: 10.53, output: 0.02 },
  { request: { contextTokens: 1024, sequences: 4 }, cache: 8, compute: 9, output: 0.06 },
  { request: { contextTokens: 1024, sequences: 4, unified: true }, cache: 8, compute: 10.51, output: 0.06 },
  { request: { contextTokens: 1000, sequences: 3 }, cache: 6, compute: 9, output: 0.05 },
  { request: { contextTokens: 1000, batchTokens: 128 }, cache: 2, compute: 2.25, output: 0.02 },
  { request: { contextTokens: 131_072, outputTokens: 1 }, cache: 256, compute: 134.51, output: 0.02 },
];
const STORIES_LOG: readonly Logged[] = [
  { request: { contextTokens: 256 }, cache: 0.15625, compute: 0.89, output: 0 },
  { request: { contextTokens: 2048 }, cache: 1.25, compute: 3.52, output: 0 },
  { request: { contextTokens: 2048, flashAttention: false }, cache: 1.25, compute: 36.76, output: 0 },
  { request: { contextTokens: 8192 }, cache: 5, compute: 9.52, output: 0 },
  { request: { contextTokens: 4096, keyType: 'f32', valueType: 'f32' }, cache: 5, compute: 5.4, output: 0 },
  { request: { contextTokens: 1024, sequences: 4 }, cache: 2.5, compute: 2.52, output: 0.01 },
  { request: { contextTokens: 1024, sequences: 4, unified: true }, cache: 2.5, compute: 5.52, output: 0.01 },
  { request: { contextTokens: 1000, sequences: 3 }, cache: 1.875, compute: 2.53, output: 0.01 },
  { request: { contextTokens: 1000, batchTokens: 128 }, cache: 0.625, compute: 0.63, output: 0 },
  { request: { contextTokens: 131_072, outputTokens: 1 }, cache: 80, compute: 129.52, output: 0 },
];

/** "CPU_Mapped model buffer size" in MiB. */
const WEIGHTS: readonly (readonly [name: string, model: Model, weights: number, log: readonly Logged[]])[] = [
  ['SOTU-5M in F16', sample('sotu-5m-F16.gguf'), 10.01, SOTU],
  ['SOTU-5M in Q4_K_M', sample('sotu-5m-Q4_K_M.gguf'), 3.19, SOTU],
  ['stories260K in F32', STORIES, 1.12, STORIES_LOG],
];

describe.each(WEIGHTS)('a run of %s, against the log of llama.cpp', (_name, model, weights, log) => {
  const shape = shapeOf({ model, readNumbers: () => null });

  it('has exactly its weights', () => {
    const bytes = totalWeights(weightBytes(model, shape));
    expect(bytes).toBe(model.tensors.reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0));
    expect(bytes / MIB).toBeCloseTo(weights, 1);
  });

  it.each(log)(
    'has exactly its cache and a total within 5 %% with $request',
    ({ request, cache, compute: buffers, output }) => {
      const full = { ...REQUEST, ...request, gpuLayers: 0, expertsOnCpu: 0, backend: 'cuda' as const };
      expect(cacheByLayer(shape, full).reduce((sum, { cacheBytes }) => sum + cacheBytes, 0) / MIB).toBe(
        cache,
      );
      const plan = memoryPlan(shape, weightBytes(model, shape), full);
      const planned = plan.parts
        .filter(({ id }) => id !== 'overhead')
        .reduce((sum, { cpuBytes }) => sum + cpuBytes, 0);
      const total = weights + cache + buffers + output;
      expect(Math.abs(planned / MIB / total - 1), `${planned / MIB} of ${total} MiB`).toBeLessThan(0.05);
      expect(plan.gpuBytes).toBe(0);
    },
  );
});
