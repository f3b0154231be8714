import { describe, expect, it } from 'vitest';
import { type Budget, budgetOf, budgetOfGiB, excessOf, fits } from '../../../src/core/plan/budget.ts';
import { DEVICES, smallestDevice, usableBytes } from '../../../src/core/plan/devices.ts';
import { DEFAULT_RANK, fineTuning, NF4_BITS } from '../../../src/core/plan/fineTuning.ts';
import { fewestExpertsOnCpu, largestContext, mixFits, mostGpuLayers } from '../../../src/core/plan/fit.ts';
import { formulaText } from '../../../src/core/plan/formula.ts';
import { memoryPlan, type MemoryRequest } from '../../../src/core/plan/memoryPlan.ts';
import { mixesOf, weightBytes } from '../../../src/core/plan/modelWeights.ts';
import { llamaCppSettings, llamaServerCommand, ollamaSettings } from '../../../src/core/plan/settings.ts';
import { memoryShape, type MemoryShape } from '../../../src/core/plan/shape.ts';
import { COMMON_RAM_BANDWIDTH, speedBound } from '../../../src/core/plan/speed.ts';
import { splitWeights, totalWeights, type WeightBytes } from '../../../src/core/plan/weights.ts';
import type { Model } from '../../../src/core/formats/model.ts';
import { aModel } from '../../app/aModel.ts';
import { publishedModel, PUBLISHED_MODELS, type PublishedModel } from './publishedModels.ts';

const GIB = 2 ** 30;

interface Loaded {
  readonly model: Model;
  readonly shape: MemoryShape;
  readonly weights: WeightBytes;
  readonly request: MemoryRequest;
}

function load(name: PublishedModel, change: Partial<MemoryRequest> = {}): Loaded {
  const { model, readNumbers } = publishedModel(name);
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) throw new Error(shape.unavailable);
  const request: MemoryRequest = {
    contextTokens: 8192,
    sequences: 1,
    unified: false,
    keyType: 'f16',
    valueType: 'f16',
    batchTokens: 512,
    flashAttention: true,
    outputTokens: 1,
    gpuLayers: shape.layers.length + 1,
    expertsOnCpu: 0,
    backend: 'cuda',
    ...change,
  };
  return { model, shape, weights: weightBytes(model, shape), request };
}

const NO_MEMORY = { cache: null, state: null };

const CARD = { bandwidth: 1008, isUnified: false, backend: 'cuda' } as const;

const budget = (gpuGiB: number): Budget => budgetOfGiB(gpuGiB);

describe('weights', () => {
  it.each(PUBLISHED_MODELS)('of %s are all counted, once, however they are split', (name) => {
    const { model, shape, weights } = load(name);
    const all = model.tensors.reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0);
    expect(totalWeights(weights)).toBe(all);
    for (const gpuLayers of [0, 1, 2, shape.layers.length, shape.layers.length + 1, 1000]) {
      const { gpu, cpu, copied } = splitWeights(weights, gpuLayers, 3);
      expect(gpu + cpu - copied).toBe(all);
    }
  });

  it('leave the embedding in RAM; the output goes first, then the last layers', () => {
    const { weights } = load('Llama-3-8B');
    const { onGpu, gpu, outputOnGpu } = splitWeights(weights, 3, 0);
    expect(onGpu.indexOf(true)).toBe(30);
    expect(outputOnGpu).toBe(true);
    expect(gpu).toBe(weights.output + weights.layers[30]!.dense + weights.layers[31]!.dense);
    expect(splitWeights(weights, 33, 0).cpu).toBe(weights.input);
    expect(splitWeights(weights, 0, 0).gpu).toBe(0);
  });

  it('of an output made of the embedding stand on the GPU a second time', () => {
    const { weights } = load('Gemma-3-27B');
    // 262,208 rows of 5,376 in Q4_K: 144 bytes for 256 weights.
    expect(weights.input).toBe((262_208 * 5376 * 144) / 256);
    expect(splitWeights(weights, 63, 0)).toMatchObject({ cpu: weights.input, copied: weights.input });
    expect(splitWeights(weights, 0, 0).copied).toBe(0);
  });

  it('of the experts of the first layers stay in RAM when told to; shared experts do not', () => {
    const { weights } = load('DeepSeek-V3');
    const all = splitWeights(weights, 62, 0);
    const some = splitWeights(weights, 62, 5);
    // Layers 0 to 2 are dense: two layers of 256 experts of 3 × 7168 × 2048 in Q8_0.
    expect(some.cpu - all.cpu).toBe((2 * 256 * 3 * 7168 * 2048 * 34) / 32);
  });

  it('of a checkpoint that keeps its embedding under the name of the output are one matrix', () => {
    const model = aModel(['output.weight', 'output_norm.weight']);
    const bytes = 256 * 4 * 4;
    const weights = weightBytes(model, { layers: [], draftLayers: 0 });
    expect(weights).toMatchObject({ input: bytes, output: bytes, isTied: true });
    expect(splitWeights(weights, 1, 0)).toMatchObject({ cpu: bytes, gpu: 2 * bytes, copied: bytes });
  });

  it('of Gemma 3n stand on the GPU without the embeddings of its layers', () => {
    const model = aModel([
      'token_embd.weight',
      'per_layer_token_embd.weight',
      'per_layer_model_proj.weight',
      'altup_proj.weight',
      'blk.0.attn_q.weight',
      'blk.1.attn_q.weight',
    ]);
    const bytes = 256 * 4 * 4;
    const weights = weightBytes(model, { layers: [NO_MEMORY, NO_MEMORY], draftLayers: 0 });
    expect(totalWeights(weights)).toBe(6 * bytes);
    // The output is the token embedding once more; the projection goes with the first layer, AltUp's with the output.
    expect(splitWeights(weights, 3, 0)).toMatchObject({ cpu: 2 * bytes, gpu: 5 * bytes, copied: bytes });
    expect(splitWeights(weights, 2, 0)).toMatchObject({ cpu: 4 * bytes, gpu: 3 * bytes });
    expect(splitWeights(weights, 1, 0)).toMatchObject({ cpu: 5 * bytes, gpu: 2 * bytes });
  });

  it('of other stacks and of unknown size are told apart', () => {
    const model = aModel([
      'token_embd.weight',
      'blk.0.attn_q.weight',
      'v.blk.0.attn_q.weight',
      { name: 'blk.0.attn_k.weight', type: 139 },
    ]);
    const bytes = 256 * 4 * 4;
    expect(weightBytes(model, { ...load('Llama-3-8B').shape, layers: [NO_MEMORY] })).toMatchObject({
      input: bytes,
      other: bytes,
      unknownTensors: 1,
      isTied: true,
    });
  });
});

describe('layers that only draft tokens', () => {
  it('are not loaded, and in no sum', () => {
    const model = aModel([
      'token_embd.weight',
      'blk.0.attn_q.weight',
      'blk.1.attn_q.weight',
      'blk.1.nextn.eh_proj.weight',
    ]);
    const bytes = 256 * 4 * 4;
    const weights = weightBytes(model, { layers: [NO_MEMORY, NO_MEMORY], draftLayers: 1 });
    expect(weights.drafting).toBe(2 * bytes);
    expect(totalWeights(weights)).toBe(2 * bytes);
  });
});

describe('a plan', () => {
  it('gives a layer’s cache to the side its weights are on', () => {
    const { shape, weights, request } = load('Llama-3-8B', { gpuLayers: 9 });
    const cache = memoryPlan(shape, weights, request).parts.find(({ id }) => id === 'cache')!;
    // 8 of 32 layers.
    expect([cache.gpuBytes, cache.cpuBytes]).toEqual([GIB / 4, (3 * GIB) / 4]);
  });

  it('sums its parts', () => {
    for (const name of PUBLISHED_MODELS) {
      const { shape, weights, request } = load(name, { gpuLayers: 20 });
      const plan = memoryPlan(shape, weights, request);
      expect(plan.parts.reduce((sum, { gpuBytes }) => sum + gpuBytes, 0)).toBe(plan.gpuBytes);
      expect(plan.parts.reduce((sum, { cpuBytes }) => sum + cpuBytes, 0)).toBe(plan.cpuBytes);
    }
  });
});

describe('what fits', () => {
  it.each([
    ['Llama-3-8B', 5.5],
    ['Gemma-3-27B', 24],
    ['gpt-oss-20b', 16],
    ['Jamba-v0.1', 53],
  ] as const)('%s in %f GiB with its largest context, and not with 256 tokens more', (name, gpuGiB) => {
    const { shape, weights, request } = load(name);
    const context = largestContext(shape, weights, request, budget(gpuGiB))!;
    const fitsWith = (contextTokens: number): boolean =>
      fits(memoryPlan(shape, weights, { ...request, contextTokens }), budget(gpuGiB));
    expect(context % 256).toBe(0);
    expect(fitsWith(context)).toBe(true);
    expect(context === shape.contextTrained || !fitsWith(context + 256)).toBe(true);
  });

  it('is never a longer context than the model was trained for', () => {
    const { shape, weights, request } = load('Llama-3-8B');
    expect(largestContext(shape, weights, request, budget(80))).toBe(8192);
    expect(largestContext(shape, weights, request, budget(2))).toBe(null);
  });

  it('is a longer context with a smaller cache', () => {
    const { shape, weights, request } = load('Qwen3-30B-A3B');
    const at = (type: 'f16' | 'q8_0'): number =>
      largestContext(shape, weights, { ...request, keyType: type, valueType: type }, budget(18)) ?? 0;
    expect(at('q8_0')).toBeGreaterThan(1.5 * at('f16'));
  });

  it('is the most layers, and one more is too much', () => {
    const { shape, weights, request } = load('Llama-3-70B');
    const layers = mostGpuLayers(shape, weights, request, budget(24));
    const plan = (gpuLayers: number) => memoryPlan(shape, weights, { ...request, gpuLayers });
    expect(layers).toBeGreaterThan(30);
    expect(fits(plan(layers), budget(24))).toBe(true);
    expect(fits(plan(layers + 1), budget(24))).toBe(false);
  });

  it('is everything but the experts of a few layers', () => {
    const { shape, weights, request } = load('Qwen3-30B-A3B');
    const count = fewestExpertsOnCpu(shape, weights, request, budget(16))!;
    const plan = (expertsOnCpu: number) => memoryPlan(shape, weights, { ...request, expertsOnCpu });
    expect(count).toBeGreaterThan(0);
    expect(fits(plan(count), budget(16))).toBe(true);
    expect(fits(plan(count - 1), budget(16))).toBe(false);
    expect(fewestExpertsOnCpu(shape, weights, request, budget(48))).toBe(0);
    // Whatever layers were on the GPU before: it is instead of that.
    expect(fewestExpertsOnCpu(shape, weights, { ...request, gpuLayers: 3 }, budget(16))).toBe(count);
    expect(fewestExpertsOnCpu(shape, weights, request, budget(0.5))).toBe(null);
    const dense = load('Llama-3-8B');
    expect(fewestExpertsOnCpu(dense.shape, dense.weights, dense.request, budget(1))).toBe(null);
  });

  it('counts both sides where memory is shared', () => {
    const { shape, weights, request } = load('Llama-3-8B');
    const plan = memoryPlan(shape, weights, request);
    const gpuBytes = plan.gpuBytes + plan.cpuBytes;
    expect(fits(plan, { gpuBytes, cpuBytes: null, sharedBytes: gpuBytes })).toBe(true);
    expect(fits(plan, { gpuBytes, cpuBytes: null, sharedBytes: gpuBytes - 1 })).toBe(false);
    expect(fits(plan, { gpuBytes, cpuBytes: plan.cpuBytes - 1, sharedBytes: null })).toBe(false);
  });

  it('is a mix, the better the more memory there is', () => {
    const { model, shape, request } = load('Llama-3-70B');
    const mixes = mixesOf(model, shape);
    const best = (gpuGiB: number): string | undefined =>
      mixFits(shape, mixes, request, budget(gpuGiB)).find((mix) => mix.fits)?.mix.name;
    expect([16, 24, 48, 80, 180].map(best)).toEqual([undefined, 'IQ2_XXS', 'Q4_K_M', 'Q8_0', 'F16']);
  });
});

describe('tokens a second', () => {
  it('are the bandwidth over the bytes read for a token', () => {
    const { shape, weights, request } = load('Llama-3-8B');
    const plan = memoryPlan(shape, weights, request);
    const bound = speedBound(shape, weights, plan, 1, CARD)!;
    // All weights but the embedding, and one GiB of cache.
    expect(bound.bytesPerToken).toBe(totalWeights(weights) - weights.input + GIB);
    expect(bound.tokensPerSecond).toBeCloseTo(1008e9 / bound.bytesPerToken, 6);
  });

  it('count only the experts in use', () => {
    const { shape, weights, request } = load('Qwen3-30B-A3B');
    const plan = memoryPlan(shape, weights, request);
    const { bytesPerToken } = speedBound(shape, weights, plan, 1, CARD)!;
    const dense = weights.layers.reduce((sum, layer) => sum + layer.dense, 0);
    const experts = weights.layers.reduce((sum, layer) => sum + layer.experts, 0);
    expect(bytesPerToken).toBe(dense + (experts * 8) / 128 + weights.output + 805_306_368);
  });

  it('of a run with a part in RAM assume how fast that is read, and say so', () => {
    const { shape, weights, request } = load('Llama-3-8B', { gpuLayers: 9 });
    const plan = memoryPlan(shape, weights, request);
    const layer = weights.layers[0]!.dense;
    // The output, 8 layers and a quarter of one GiB of cache on the card; 24 layers and the rest in RAM.
    const seconds =
      (weights.output + 8 * layer + GIB / 4) / 1008e9 +
      (24 * layer + (3 * GIB) / 4) / (COMMON_RAM_BANDWIDTH * 1e9);
    const bound = speedBound(shape, weights, plan, 1, CARD)!;
    expect(bound.tokensPerSecond).toBeCloseTo(1 / seconds, 6);
    expect(bound.assumedRamBandwidth).toBe(COMMON_RAM_BANDWIDTH);
    expect(formulaText(bound.formula)).toMatch(/^1 \/ \([\d,]+ \/ 1,008 × 10⁹ \+ [\d,]+ \/ 89.6 × 10⁹\)$/);
    // Of a memory that both share the speed is known.
    expect(speedBound(shape, weights, plan, 1, { ...CARD, isUnified: true })).toMatchObject({
      ...{ bytesPerToken: bound.bytesPerToken, assumedRamBandwidth: null },
      tokensPerSecond: expect.closeTo(1008e9 / bound.bytesPerToken, 6) as number,
    });
  });

  it('count experts in RAM as read from there', () => {
    const { shape, weights, request } = load('Qwen3-30B-A3B', { expertsOnCpu: 48 });
    const bound = speedBound(shape, weights, memoryPlan(shape, weights, request), 1, CARD)!;
    const experts = weights.layers.reduce((sum, layer) => sum + layer.experts, 0) / 16;
    expect(bound.tokensPerSecond).toBeLessThan((COMMON_RAM_BANDWIDTH * 1e9) / experts);
    expect(bound.assumedRamBandwidth).toBe(COMMON_RAM_BANDWIDTH);
  });

  it('are not known of a card without a bandwidth', () => {
    const { shape, weights, request } = load('Llama-3-8B');
    const plan = memoryPlan(shape, weights, request);
    expect(speedBound(shape, weights, plan, 1, { ...CARD, bandwidth: null })).toBe(null);
  });
});

describe('devices', () => {
  it('go from 4 to 288 GB, each once, all with bandwidth and year', () => {
    expect([DEVICES[0]!.memoryGiB, DEVICES.at(-1)!.memoryGiB]).toEqual([4, 288]);
    expect(new Set(DEVICES.map(({ name }) => name)).size).toBe(DEVICES.length);
    expect(
      DEVICES.every(({ bandwidth, year }) => bandwidth! > 50 && bandwidth! <= 8000 && year! >= 2016),
    ).toBe(true);
  });

  it('of Apple give the GPU a part of their memory', () => {
    const mac = (memoryGiB: number) =>
      DEVICES.find(({ backend, memoryGiB: size }) => backend === 'metal' && size === memoryGiB)!;
    expect(usableBytes(mac(24))).toBe(16 * GIB);
    expect(usableBytes(mac(64))).toBe(48 * GIB);
  });

  it('that share the computer’s memory limit the GPU and both together', () => {
    const named = (name: string) => DEVICES.find((device) => device.name === name)!;
    const spark = budgetOf(named('DGX Spark'), null);
    expect(spark).toEqual({ gpuBytes: 121 * GIB, cpuBytes: null, sharedBytes: 121 * GIB });
    const halo = budgetOf(named('Ryzen AI Max+ 395 128GB'), 1);
    expect(halo).toEqual({ gpuBytes: 96 * GIB, cpuBytes: null, sharedBytes: 128 * GIB });
    const mac = budgetOf(named('Mac M4 Max 36GB'), null);
    expect(mac).toEqual({ gpuBytes: 24 * GIB, cpuBytes: null, sharedBytes: 36 * GIB });
    expect(fits({ gpuBytes: 24 * GIB, cpuBytes: 12 * GIB }, mac)).toBe(true);
    expect(excessOf({ gpuBytes: 24 * GIB, cpuBytes: 13 * GIB }, mac)).toEqual({
      where: 'shared',
      bytes: GIB,
    });
    expect(excessOf({ gpuBytes: 25 * GIB, cpuBytes: 0 }, mac)).toEqual({ where: 'gpu', bytes: GIB });
    const processor = { ...named('GeForce RTX 4090'), backend: 'cpu' } as const;
    expect(budgetOf(processor, null)).toEqual({ gpuBytes: 0, cpuBytes: 24 * GIB, sharedBytes: null });
    const card = budgetOf(named('GeForce RTX 4090'), 32 * GIB);
    expect(excessOf({ gpuBytes: 24 * GIB, cpuBytes: 33 * GIB }, card)).toEqual({ where: 'ram', bytes: GIB });
  });

  it('that hold a plan are found, the smallest first', () => {
    expect(smallestDevice(20 * GIB)?.memoryGiB).toBe(20);
    expect(smallestDevice(20 * GIB + 1)?.memoryGiB).toBe(24);
    expect(smallestDevice(1000 * GIB)).toBe(null);
  });
});

describe('fine-tuning', () => {
  it('takes 16 bytes a weight with Adam', () => {
    const { model } = load('Llama-3-8B');
    expect(fineTuning(model).full.bytes).toBe(8_030_261_248 * 16);
  });

  it('with QLoRA has 4.127 bits a weight of the layers, and adapters', () => {
    expect(NF4_BITS).toBeCloseTo(4.127, 3);
    const { model } = load('Llama-3-8B');
    const { qlora } = fineTuning(model);
    // Rank × (in + out) of q, k, v, o, gate, up and down, in 32 layers.
    const sides = 2 * (4096 + 4096) + 2 * (4096 + 1024) + 3 * (4096 + 14336);
    expect(qlora.adapterWeights).toBe(DEFAULT_RANK * 32 * sides);
    const frozen = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336);
    const others = 8_030_261_248 - frozen;
    expect(qlora.bytes).toBe((frozen * NF4_BITS) / 8 + others * 2 + qlora.adapterWeights * 16);
  });
});

describe('settings', () => {
  it('of llama.cpp name what is not its default', () => {
    const { request } = load('Llama-3-8B');
    expect(llamaCppSettings(request)).toBe('-c 8192 -np 1 -ngl 33 -fa on');
    expect(
      llamaCppSettings({ ...request, sequences: 4, keyType: 'q8_0', expertsOnCpu: 5, batchTokens: 2048 }),
    ).toBe('-c 32768 -np 4 -no-kvu -ngl 33 --n-cpu-moe 5 -ctk q8_0 -fa on -ub 2048');
    // Else llama.cpp would cut -ub to its default of -b.
    expect(llamaCppSettings({ ...request, batchTokens: 4096 })).toMatch(/ -b 4096 -ub 4096$/);
  });

  it.each([
    ['/models/a.gguf', '/models/a.gguf'],
    ['/my models/a.gguf', "'/my models/a.gguf'"],
    ["/it's/$(reboot).gguf", "'/it'\\''s/$(reboot).gguf'"],
    ['C:\\my models\\a.gguf', '"C:\\my models\\a.gguf"'],
    ['C:\\%PATH%\\a.gguf', 'MODEL.gguf'],
    ['/line\nfeed.gguf', 'MODEL.gguf'],
    ['/models/model.safetensors', 'MODEL.gguf'],
  ])('of llama-server name the file %j as %j', (path, word) => {
    const { request } = load('Llama-3-8B');
    expect(llamaServerCommand(request, path)).toBe(`llama-server -m ${word} -c 8192 -np 1 -ngl 33 -fa on`);
  });

  it('of Ollama say what it has no setting for', () => {
    const { request } = load('Llama-3-8B');
    const cache = { keyType: 'q8_0', valueType: 'q8_0' } as const;
    expect(ollamaSettings({ ...request, ...cache })).toEqual({
      modelfile: ['PARAMETER num_ctx 8192', 'PARAMETER num_gpu 33'],
      environment: ['OLLAMA_NUM_PARALLEL=1', 'OLLAMA_FLASH_ATTENTION=1', 'OLLAMA_KV_CACHE_TYPE=q8_0'],
      missing: null,
    });
    expect(ollamaSettings({ ...request, keyType: 'q8_0' }).missing).toBe(
      'Ollama has no setting for a cache of q8_0 and f16.',
    );
    expect(ollamaSettings({ ...request, sequences: 2, unified: true }).missing).toBe(
      'Ollama has no setting for one cache for all sequences.',
    );
    expect(ollamaSettings({ ...request, batchTokens: 1024 }).modelfile).toContain('PARAMETER num_batch 1024');
  });
});
