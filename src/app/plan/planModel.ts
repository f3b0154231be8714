// The planner's use-case: a model and an order in, what a run of it takes, what fits, and how to say so.
import { formatCount, formatMemory } from '../../core/base/units.ts';
import type { Model } from '../../core/formats/model.ts';
import type { CacheType } from '../../core/plan/cacheTypes.ts';
import { type Backend, type Device, DEVICES, usableBytes } from '../../core/plan/devices.ts';
import { fineTuning, type FineTuning } from '../../core/plan/fineTuning.ts';
import {
  fewestExpertsOnCpu,
  fits,
  largestContext,
  type Budget,
  type MixFit,
  mixFits,
  mostGpuLayers,
} from '../../core/plan/fit.ts';
import { refusalOf } from '../../core/plan/kvCache.ts';
import { memoryPlan, type MemoryPlan, type MemoryRequest } from '../../core/plan/memoryPlan.ts';
import { weightBytes, weightsInMix } from '../../core/plan/modelWeights.ts';
import { speedBound } from '../../core/plan/speed.ts';
import { DEFAULT_BATCH_TOKENS } from '../../core/plan/settings.ts';
import { memoryShape, type MemoryShape, type NoShape } from '../../core/plan/shape.ts';
import type { ReadNumbers } from '../../core/plan/shapeKeys.ts';
import type { WeightBytes } from '../../core/plan/weights.ts';

export interface PlanOrder {
  /** Tokens for each sequence; null: as many as fit `gpuGiB`, else 8,192, or what the model was trained for if that is less. */
  readonly contextTokens: number | null;
  readonly sequences: number;
  /** Of the cache; null: f16, or q8_0 where only that leaves room for 32,768 tokens. */
  readonly types: { readonly keyType: CacheType; readonly valueType: CacheType } | null;
  /** llama.cpp's -ngl; null: all. */
  readonly gpuLayers: number | null;
  /** Memory of the GPU in GiB; null: nothing is said about what fits. */
  readonly gpuGiB: number | null;
}

export interface ModelPlan {
  readonly shape: MemoryShape;
  readonly weights: WeightBytes;
  readonly request: MemoryRequest;
  readonly plan: MemoryPlan;
  /** Why llama.cpp would refuse the types of the cache; null when it takes them. */
  readonly refusal: string | null;
  /** Null where no memory was named. */
  readonly fit: PlanFit | null;
  readonly fineTuning: FineTuning | null;
  readonly notes: readonly string[];
}

export interface PlanFit {
  readonly gpuGiB: number;
  readonly fits: boolean;
  readonly largestContext: number | null;
  readonly mostGpuLayers: number;
  /** The fewest layers whose experts must stay in RAM; null where that does not help, or there are none. */
  readonly expertsOnCpu: number | null;
  /** Upper bounds for the devices of this memory, slowest first; empty where a part of the model is in RAM. */
  readonly speeds: readonly DeviceSpeed[];
  /** Null for weights that are packed: how many there are is not told by their tensors. */
  readonly mixes: readonly MixFit[] | null;
}

export interface DeviceSpeed {
  readonly device: Device;
  readonly tokensPerSecond: number;
}

const DEFAULT_CONTEXT_TOKENS = 8192;
const GIB = 2 ** 30;

export function planModel(
  model: Model,
  readNumbers: ReadNumbers,
  order: PlanOrder,
  backend: Backend = 'cuda',
): ModelPlan | NoShape {
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) return shape;
  const weights = weightBytes(model, shape);
  const budget =
    order.gpuGiB === null ? null : { gpuBytes: order.gpuGiB * GIB, cpuBytes: null, isUnified: false };
  const request = requestOf(shape, weights, order, backend, budget);
  const plan = memoryPlan(shape, weights, request);
  return {
    shape,
    weights,
    request,
    plan,
    refusal: refusalOf(shape, request),
    fit: budget === null ? null : fitOf(model, { shape, weights, request, plan }, budget, isPacked(model)),
    fineTuning: isPacked(model) ? null : fineTuning(model),
    notes: notesOf(shape, weights, request),
  };
}

/** Several weights in one number of a safetensors file: GPTQ, AWQ, bitsandbytes, MLX and the like say so beside it. */
function isPacked({ container, metadata }: Model): boolean {
  return (
    container === 'safetensors' &&
    metadata.some(
      ({ key, source }) =>
        /(^|\.)quantization(_config)?(\.|$)/.test(key) ||
        /^(quantize_config|hf_quant_config|quantization_config)\.json$/.test(source),
    )
  );
}

/** What was ordered, and where nothing was, what suits the model and the memory. */
function requestOf(
  shape: MemoryShape,
  weights: WeightBytes,
  order: PlanOrder,
  backend: Backend,
  budget: Budget | null,
): MemoryRequest {
  const { sequences } = order;
  const plain: MemoryRequest = {
    contextTokens:
      order.contextTokens ?? Math.min(DEFAULT_CONTEXT_TOKENS, shape.contextTrained ?? DEFAULT_CONTEXT_TOKENS),
    sequences,
    unified: false,
    keyType: 'f16',
    valueType: 'f16',
    ...order.types,
    batchTokens: DEFAULT_BATCH_TOKENS,
    flashAttention: true,
    outputTokens: sequences,
    gpuLayers: Math.min(order.gpuLayers ?? Infinity, shape.layers.length + 1),
    expertsOnCpu: 0,
    backend,
  };
  if (budget === null) return plain;
  const quantized = { ...plain, keyType: 'q8_0', valueType: 'q8_0' } as const;
  const types = order.types === null && refusalOf(shape, quantized) === null ? [plain, quantized] : [plain];
  const wanted = order.contextTokens ?? Math.min(GOOD_CONTEXT_TOKENS, shape.contextTrained ?? Infinity);
  const contexts = types.map((request) => largestContext(shape, weights, request, budget) ?? 0);
  const best = contexts.findIndex((context) => context >= wanted);
  const chosen = best === -1 ? types.length - 1 : best;
  const request = types[chosen] ?? plain;
  const context = contexts[chosen] ?? 0;
  if (context === 0) return plain;
  return order.contextTokens === null ? { ...request, contextTokens: wholeThousands(context) } : request;
}

/** Less than this is short for a conversation about documents or code: then a smaller type of cache is worth it. */
const GOOD_CONTEXT_TOKENS = 32_768;

/** As people write it: whole multiples of 1,024, where there is at least one. */
const wholeThousands = (tokens: number): number => (tokens < 1024 ? tokens : tokens - (tokens % 1024));

function fitOf(
  model: Model,
  { shape, weights, request, plan }: Pick<ModelPlan, 'shape' | 'weights' | 'request' | 'plan'>,
  budget: Budget,
  packed: boolean,
): PlanFit {
  return {
    gpuGiB: budget.gpuBytes / GIB,
    fits: fits(plan, budget),
    largestContext: largestContext(shape, weights, request, budget),
    mostGpuLayers: mostGpuLayers(shape, weights, request, budget),
    expertsOnCpu: fewestExpertsOnCpu(shape, weights, request, budget),
    speeds: fits(plan, budget) ? speedsOf(shape, weights, plan, request, budget) : [],
    mixes: packed ? null : mixFits(shape, (mix) => weightsInMix(model, shape, mix), request, budget),
  };
}

function speedsOf(
  shape: MemoryShape,
  weights: WeightBytes,
  plan: MemoryPlan,
  { sequences }: MemoryRequest,
  { gpuBytes }: Budget,
): DeviceSpeed[] {
  const bytesOn = ({ isUnified }: Device): number => plan.gpuBytes + (isUnified ? plan.cpuBytes : 0);
  return DEVICES.filter(
    (device) => device.memoryGiB * GIB === gpuBytes && bytesOn(device) <= usableBytes(device),
  )
    .flatMap((device) => {
      const bound = speedBound(shape, weights, plan, sequences, device.bandwidth);
      return bound === null ? [] : [{ device, tokensPerSecond: bound.tokensPerSecond }];
    })
    .sort((one, other) => one.tokensPerSecond - other.tokensPerSecond);
}

function notesOf(shape: MemoryShape, weights: WeightBytes, { contextTokens }: MemoryRequest): string[] {
  const notes = [...shape.notes];
  if (weights.drafting > 0)
    notes.push(
      `${formatMemory(weights.drafting)} of layers that only draft tokens (MTP) are not loaded unless a run drafts with them; they are not counted.`,
    );
  if (weights.unknownTensors > 0)
    notes.push(
      `The size of ${formatCount(weights.unknownTensors)} of the tensors is not known; they are not counted.`,
    );
  if (shape.contextTrained !== null && contextTokens > shape.contextTrained)
    notes.push(
      `The model was trained for ${formatCount(shape.contextTrained)} tokens, fewer than this context.`,
    );
  return notes;
}

/** "fits 24 GB with 32k context, q8_0 KV"; what is too much where it does not. Null where no memory was named. */
export function verdictOf({
  fit,
  request,
  plan,
}: Pick<ModelPlan, 'fit' | 'request' | 'plan'>): string | null {
  if (fit === null) return null;
  const settings = `${shortCount(request.contextTokens)} context${request.sequences > 1 ? ` × ${formatCount(request.sequences)}` : ''}, ${cacheWords(request)} KV`;
  const place = `${fit.gpuGiB} GB with ${settings}`;
  if (!fit.fits) return `does not fit ${place}: ${formatMemory(plan.gpuBytes - fit.gpuGiB * GIB)} too much`;
  return plan.split.onGpu.includes(false) ? `fits ${place}, part of the layers in RAM` : `fits ${place}`;
}

export const cacheWords = ({ keyType, valueType }: Pick<MemoryRequest, 'keyType' | 'valueType'>): string =>
  keyType === valueType ? keyType : `${keyType}/${valueType}`;

/** 32768 → "32k", 1000 → "1,000". */
export const shortCount = (tokens: number): string =>
  tokens >= 1024 && tokens % 1024 === 0 ? `${formatCount(tokens / 1024)}k` : formatCount(tokens);
