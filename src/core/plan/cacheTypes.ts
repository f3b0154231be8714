// The types a KV cache can have, and what an element costs: the block's bytes over its elements.
import { GGML_SCHEMES } from '../quant/ggmlTypes.ts';

/** In the order of llama.cpp's list (common/arg.cpp, kv_cache_types). */
export const CACHE_TYPES = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q4_1', 'iq4_nl', 'q5_0', 'q5_1'] as const;

export type CacheType = (typeof CACHE_TYPES)[number];

export interface CacheTypeLayout {
  readonly blockElements: number;
  readonly blockBytes: number;
}

const LAYOUTS = new Map<CacheType, CacheTypeLayout>(
  CACHE_TYPES.flatMap((type) => {
    const scheme = GGML_SCHEMES.find(({ name }) => name === type.toUpperCase());
    const { blockWeights = 0, blockBytes = null } = scheme ?? {};
    return blockBytes === null ? [] : [[type, { blockElements: blockWeights, blockBytes }]];
  }),
);

export function cacheTypeLayout(type: CacheType): CacheTypeLayout {
  const layout = LAYOUTS.get(type);
  if (layout === undefined) throw new TypeError(`There is no cache type ${type}.`);
  return layout;
}

/** 2 for f16, 34/32 for q8_0. */
export function bytesPerElement(type: CacheType): number {
  const { blockElements, blockBytes } = cacheTypeLayout(type);
  return blockBytes / blockElements;
}

export const isQuantized = (type: CacheType): boolean => cacheTypeLayout(type).blockElements > 1;
