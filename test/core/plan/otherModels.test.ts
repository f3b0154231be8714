import { describe, expect, it } from 'vitest';
import { COMPUTE_ERROR, computeBytes, type ComputeRequest } from '../../../src/core/plan/compute.ts';
import { cacheByLayer } from '../../../src/core/plan/kvCache.ts';
import { memoryShape } from '../../../src/core/plan/shape.ts';
import { modelOf, specOf } from './headers.ts';
import { OTHER_MODELS, type OtherModel } from './otherModels.ts';

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
const ONE = { outputTokens: 1 };
const LONG = { outputTokens: 1, contextTokens: 131_072 };
const PLAIN = { outputTokens: 1, contextTokens: 32_768, flashAttention: false };
const SMALL_BATCH = { outputTokens: 1, batchTokens: 128 };
const FOUR = { outputTokens: 4, sequences: 4 };
const LARGE_BATCH = { outputTokens: 1, contextTokens: 32_768, batchTokens: 2048 };
const MIB = 2 ** 20;

type Logged = readonly [request: Partial<ComputeRequest>, cache: number, states: number, compute: number];

/** "KV buffer", "RS buffer" and "compute buffer" sizes in MiB that llama.cpp v0.4.0 logs for these headers on a CPU. */
const LOGGED: Readonly<Record<OtherModel, readonly Logged[]>> = {
  // 21 dense layers and 21 with a window: 4096 + 512 = 4608 cells.
  'Gemma-2-9B': [
    [{}, 1344 + 756, 0, 514],
    [ONE, 1344 + 756, 0, 125.52],
    [LONG, 21_504 + 756, 0, 245.52],
    [PLAIN, 5376 + 756, 0, 1150.01],
    [SMALL_BATCH, 1344 + 714, 0, 31.32],
    [FOUR, 5376 + 3024, 0, 125.52],
    [LARGE_BATCH, 5376 + 1008, 0, 604.08],
  ],
  // States of 36 layers: 3 × (4096 + 2 × 16 × 128) and 128 × 4096 numbers.
  'Qwen3-Next-80B-A3B': [
    [{}, 192, 75.375, 308.75],
    [ONE, 192, 75.375, 94.01],
    [LONG, 3072, 75.375, 214.01],
    [PLAIN, 768, 75.375, 1130.01],
    [SMALL_BATCH, 192, 75.375, 23.5],
    [FOUR, 768, 301.5, 94.01],
    [LARGE_BATCH, 768, 75.375, 472.05],
  ],
  // 10 convolutions keep 2 × 2048 inputs, and no state.
  'LFM2-1.2B': [
    [{}, 96, 0.15625, 136],
    [ONE, 96, 0.15625, 68.03],
    [LONG, 1536, 0.15625, 188.03],
    [PLAIN, 384, 0.15625, 2134.01],
    [SMALL_BATCH, 96, 0.15625, 17.02],
    [FOUR, 384, 0.625, 68.07],
    [LARGE_BATCH, 384, 0.15625, 368.06],
  ],
  // States of 36 layers: 3 × (3072 + 2 × 128) and 128 × 3072 numbers.
  'Granite-4.0-H-Tiny': [
    [{}, 64, 55.37, 208],
    [ONE, 64, 55.37, 59.01],
    [LONG, 1024, 55.37, 179.01],
    [PLAIN, 256, 55.37, 849.01],
    [SMALL_BATCH, 64, 55.37, 14.75],
    [FOUR, 256, 221.48, 59.01],
    [LARGE_BATCH, 256, 55.37, 332.05],
  ],
};

describe.each(Object.entries(LOGGED) as [OtherModel, Logged[]][])(
  '%s, against the log of llama.cpp',
  (name, logged) => {
    const { model, readNumbers } = modelOf(specOf(OTHER_MODELS[name]));
    const shape = memoryShape(model, readNumbers);
    if ('unavailable' in shape) throw new Error(shape.unavailable);

    it.each(logged)('with %o keeps %f MiB of cache and %f MiB of states', (change, cache, states) => {
      const layers = cacheByLayer(shape, { ...REQUEST, ...change });
      expect(layers.reduce((sum, { cacheBytes }) => sum + cacheBytes, 0) / MIB).toBe(cache);
      expect(layers.reduce((sum, { stateBytes }) => sum + stateBytes, 0) / MIB).toBeCloseTo(states, 2);
    });

    it.each(logged)('with %o computes within the stated error', (change, _cache, _states, compute) => {
      const { layer, logits } = computeBytes(shape, { ...REQUEST, ...change });
      const error = Math.max(layer, logits) / MIB / compute - 1;
      expect(Math.abs(error), String(error)).toBeLessThanOrEqual(COMPUTE_ERROR);
    });
  },
);
