// What is planned where somebody orders only a part of it: the rest is chosen to suit the model and the memory.
import type { Budget } from './budget.ts';
import type { CacheType } from './cacheTypes.ts';
import type { Backend } from './devices.ts';
import { largestContext } from './fit.ts';
import { refusalOf } from './kvCache.ts';
import type { MemoryRequest } from './memoryPlan.ts';
import { DEFAULT_BATCH_TOKENS } from './settings.ts';
import { type MemoryShape, takesFlashAttention } from './shape.ts';
import type { WeightBytes } from './weights.ts';

export interface RequestOrder {
  /** Tokens for each sequence; null: as many as fit the budget, else 8,192, or what the model was trained for if that is less. */
  readonly contextTokens: number | null;
  readonly sequences: number;
  /** Of the cache; null: f16, or q8_0 where only that leaves room for 32,768 tokens. */
  readonly types: { readonly keyType: CacheType; readonly valueType: CacheType } | null;
  /** llama.cpp's -ngl; null: all. */
  readonly gpuLayers: number | null;
}

/** Nothing ordered. */
export const NO_ORDER: RequestOrder = { contextTokens: null, sequences: 1, types: null, gpuLayers: null };

const DEFAULT_CONTEXT_TOKENS = 8192;

/** @param budget null: nothing is known of the memory */
export function requestFor(
  shape: MemoryShape,
  weights: WeightBytes,
  order: RequestOrder,
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
    flashAttention: takesFlashAttention(shape),
    outputTokens: sequences,
    gpuLayers: Math.min(order.gpuLayers ?? Infinity, shape.layers.length + 1),
    expertsOnCpu: 0,
    backend,
  };
  if (budget === null) return plain;
  const quantized = { ...plain, keyType: 'q8_0', valueType: 'q8_0' } as const;
  const types = order.types === null && refusalOf(shape, quantized) === null ? [plain, quantized] : [plain];
  const wanted = order.contextTokens ?? goodContext(shape);
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

/** A context that is good to work with; all of a model that was trained for less. */
export const goodContext = ({ contextTrained }: Pick<MemoryShape, 'contextTrained'>): number =>
  Math.min(GOOD_CONTEXT_TOKENS, contextTrained ?? Infinity);

/** As people write it: whole multiples of 1,024, where there is at least one. */
const wholeThousands = (tokens: number): number => (tokens < 1024 ? tokens : tokens - (tokens % 1024));
