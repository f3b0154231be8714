import { describe, expect, it } from 'vitest';
import { CACHE_TYPES, bytesPerElement } from '../../../src/core/plan/cacheTypes.ts';
import { formulaText } from '../../../src/core/plan/formula.ts';
import {
  cacheByLayer,
  cacheFormula,
  cellsOf,
  refusalOf,
  stateFormula,
  type CacheRequest,
} from '../../../src/core/plan/kvCache.ts';
import { memoryShape, type MemoryShape } from '../../../src/core/plan/shape.ts';
import { publishedModel, PUBLISHED_MODELS, type PublishedModel } from './publishedModels.ts';

const REQUEST: CacheRequest = {
  contextTokens: 8192,
  sequences: 1,
  unified: false,
  keyType: 'f16',
  valueType: 'f16',
  batchTokens: 512,
  flashAttention: true,
};
const K128 = 131_072;

function shapeOf(name: PublishedModel): MemoryShape {
  const { model, readNumbers } = publishedModel(name);
  const shape = memoryShape(model, readNumbers);
  if ('unavailable' in shape) throw new Error(shape.unavailable);
  return shape;
}

const shapes = new Map(PUBLISHED_MODELS.map((name) => [name, shapeOf(name)]));

function bytes(name: PublishedModel, request: Partial<CacheRequest> = {}): [cache: number, states: number] {
  const layers = cacheByLayer(shapes.get(name)!, { ...REQUEST, ...request });
  return [
    layers.reduce((sum, { cacheBytes }) => sum + cacheBytes, 0),
    layers.reduce((sum, { stateBytes }) => sum + stateBytes, 0),
  ];
}

/** Each figure is worked by hand from the published configuration; "log" is what llama.cpp v0.4.0 says of the same header, MiB. */
const BY_HAND: readonly (readonly [
  name: PublishedModel,
  at8k: number,
  at128k: number,
  states: number,
  log8k: number,
  log128k: number,
  logStates: number,
])[] = [
  // 2 × 32 layers × 8 KV heads × 128 × 8192 cells × 2 bytes = 2^30: one GiB. 16 times the context: 2^34.
  ['Llama-3-8B', 1_073_741_824, 17_179_869_184, 0, 1024, 16_384, 0],
  // 2 × 80 × 8 × 128 × 8192 × 2 = 2.5 × 2^30.
  ['Llama-3-70B', 2_684_354_560, 42_949_672_960, 0, 2560, 40_960, 0],
  // As Llama-3-8B: llama.cpp keeps the whole context, the window of 4096 is not used.
  ['Mistral-7B', 1_073_741_824, 17_179_869_184, 0, 1024, 16_384, 0],
  // Every 6th of 62 layers is dense: 10. 2 × 10 × 16 × 128 × 8192 × 2 = 671,088,640. The other 52 keep 1024 + 512 cells, a
  // multiple of 256: 2 × 52 × 16 × 128 × 1536 × 2 = 654,311,424, whatever the context.
  ['Gemma-3-27B', 1_325_400_064, 11_391_729_664, 0, 640 + 624, 10_240 + 624, 0],
  // 2 × 48 × 4 × 128 × 8192 × 2 = 805,306,368. Experts have no part in it.
  ['Qwen3-30B-A3B', 805_306_368, 12_884_901_888, 0, 768, 12_288, 0],
  // MLA: 61 layers × (512 + 64) × 8192 × 2 = 575,668,224; no values. 128 heads with keys of 192 would take 71 times as much.
  ['DeepSeek-V3', 575_668_224, 9_210_691_584, 0, 549, 8784, 0],
  // 12 dense layers: 2 × 12 × 8 × 64 × 8192 × 2 = 201,326,592. 12 with a window: 128 + 512 = 640 cells, rounded up to 768:
  // 2 × 12 × 8 × 64 × 768 × 2 = 18,874,368.
  ['gpt-oss-20b', 220_200_960, 3_240_099_840, 0, 192 + 18, 3072 + 18, 0],
  // No cache. 64 layers × (3 × 8192 + 16 × 8192) × 4 bytes = 64 × 155,648 × 4.
  ['Falcon-Mamba-7B', 0, 0, 39_845_888, 0, 0, 38],
  // 4 layers with attention: 2 × 4 × 8 × 128 × 8192 × 2. 28 without: 28 × 155,648 × 4.
  ['Jamba-v0.1', 134_217_728, 2_147_483_648, 17_432_576, 128, 2048, 16.62],
];

const MIB = 2 ** 20;

describe('KV cache', () => {
  it.each(BY_HAND)('of %s has the bytes worked by hand at 8k and 128k', (name, at8k, at128k, states) => {
    expect(bytes(name)).toEqual([at8k, states]);
    expect(bytes(name, { contextTokens: K128 })).toEqual([at128k, states]);
  });

  it.each(BY_HAND)(
    'of %s is what llama.cpp logs for the same header',
    (name, _at8k, _at128k, _states, log8k, log128k, logStates) => {
      const [cache, states] = bytes(name);
      expect(cache / MIB).toBe(log8k);
      expect(states / MIB).toBeCloseTo(logStates, 1);
      expect(bytes(name, { contextTokens: K128 })[0] / MIB).toBe(log128k);
    },
  );

  it('covers every published model', () => {
    expect(BY_HAND.map(([name]) => name)).toEqual(PUBLISHED_MODELS);
  });

  // From llama.cpp's log of these headers, MiB: with -ub 128 and 2048, and with 4 sequences of 8192 tokens.
  it.each([
    ['Gemma-3-27B', { batchTokens: 128 }, 640 + 520], // 1024 + 128 → 1280 cells
    ['Gemma-3-27B', { contextTokens: 32_768, batchTokens: 2048 }, 2560 + 1248], // 1024 + 2048 → 3072
    ['gpt-oss-20b', { batchTokens: 128 }, 192 + 6], // 128 + 128 → 256
    ['gpt-oss-20b', { contextTokens: 32_768, batchTokens: 2048 }, 768 + 54], // 128 + 2048 → 2304
    ['Gemma-3-27B', { sequences: 4 }, 2560 + 2496],
    ['gpt-oss-20b', { sequences: 4 }, 768 + 72],
    ['DeepSeek-V3', { sequences: 4 }, 2196],
    ['Falcon-Mamba-7B', { sequences: 4 }, 152],
    ['Jamba-v0.1', { sequences: 4 }, 512 + 66.5],
  ] as const)('of %s with %o is %f MiB', (name, request, mebibytes) => {
    const [cache, states] = bytes(name, request);
    expect((cache + states) / MIB).toBe(mebibytes);
  });

  it.each([
    ['f32', 4],
    ['f16', 2],
    ['bf16', 2],
    ['q8_0', 34 / 32],
    ['q4_0', 18 / 32],
    ['q4_1', 20 / 32],
    ['iq4_nl', 18 / 32],
    ['q5_0', 22 / 32],
    ['q5_1', 24 / 32],
  ] as const)('in %s takes %f bytes a number', (type, size) => {
    expect(bytesPerElement(type)).toBe(size);
    expect(bytes('Llama-3-8B', { keyType: type, valueType: type })[0]).toBe(2 ** 29 * size);
    expect(CACHE_TYPES).toContain(type);
  });

  it('may have keys and values of two types', () => {
    // 32 × 8 × 128 × 8192 = 2^28 numbers on each side.
    expect(bytes('Llama-3-8B', { keyType: 'q8_0', valueType: 'f16' })[0]).toBe(2 ** 28 * (34 / 32 + 2));
  });

  // [context of a sequence, sequences, shared?] → [cells of a stream, streams]; llama.cpp's log of -c and -np.
  it.each([
    [256, 1, false, 256, 1],
    [1, 1, false, 256, 1],
    [257, 1, false, 512, 1],
    [1000, 3, false, 1024, 3],
    [1024, 4, true, 4096, 1],
    [1024, 4, false, 1024, 4],
  ])(
    '%i tokens for %i sequences (shared: %s) take %i cells in %i streams',
    (contextTokens, sequences, unified, whole, streams) => {
      expect(cellsOf({ ...REQUEST, contextTokens, sequences, unified })).toMatchObject({ whole, streams });
    },
  );

  it('of a window that all sequences share has room for the window of each', () => {
    // 4 × 128 + 512 = 1024 cells in one stream, as against 4 streams of 768.
    const dense = 12 * 2 * 8 * 64 * 2 * 32_768;
    const [cache] = bytes('gpt-oss-20b', { sequences: 4, unified: true });
    expect(cache - dense).toBe(12 * 2 * 8 * 64 * 2 * 1024);
  });

  it('is refused where the block of the type does not divide the head', () => {
    const shape = shapes.get('gpt-oss-20b')!;
    const small: MemoryShape = {
      ...shape,
      layers: shape.layers.map((layer) => ({
        ...layer,
        cache: layer.cache && { ...layer.cache, keyLength: 8 },
      })),
    };
    expect(refusalOf(shape, { ...REQUEST, keyType: 'q8_0' })).toBe(null);
    expect(refusalOf(small, { ...REQUEST, keyType: 'q8_0' })).toBe(
      'Keys in q8_0 need heads of a multiple of 32 numbers; these have 8.',
    );
    expect(refusalOf(shape, { ...REQUEST, valueType: 'q4_0', flashAttention: false })).toContain(
      'flash attention',
    );
    const latent = shapes.get('DeepSeek-V3')!;
    expect(refusalOf(latent, { ...REQUEST, keyType: 'q8_0' })).toContain('both need the same type');
    expect(refusalOf(latent, { ...REQUEST, keyType: 'q8_0', valueType: 'q8_0' })).toBe(null);
  });

  it.each(BY_HAND)('of %s is told by a formula whose product it is', (name) => {
    for (const request of [REQUEST, { ...REQUEST, keyType: 'q8_0', sequences: 3 } as const]) {
      const shape = shapes.get(name)!;
      const [cache, states] = bytes(name, request);
      expect(valueOf(formulaText(cacheFormula(shape, request)))).toBe(cache);
      expect(valueOf(formulaText(stateFormula(shape, request)))).toBe(states);
    }
  });

  it('without flash attention is padded to the widest values, and told by a formula that says so', () => {
    const shape = shapes.get('gpt-oss-20b')!;
    const mixed: MemoryShape = {
      ...shape,
      layers: shape.layers.map((layer, index) => ({
        ...layer,
        cache: layer.cache && { ...layer.cache, keyValueHeads: index % 2 === 0 ? 8 : 2 },
      })),
    };
    const request = { ...REQUEST, flashAttention: false };
    const cache = cacheByLayer(mixed, request).reduce((sum, { cacheBytes }) => sum + cacheBytes, 0);
    // 12 layers with a window: 768 cells of 2 × 8 × 64 numbers. 12 without: 8192 cells of 2 × 64 keys and 8 × 64 values.
    expect(cache).toBe(12 * 768 * 1024 * 2 + 12 * 8192 * (128 + 512) * 2);
    expect(valueOf(formulaText(cacheFormula(mixed, request)))).toBe(cache);
  });

  it('reads 2 × 32 × 8 × 128 × 8,192 × 2 for Llama-3-8B', () => {
    expect(cacheFormula(shapes.get('Llama-3-8B')!, REQUEST)).toEqual(
      [
        ['2', 'keys and values'],
        ['32', 'layers'],
        ['8', 'KV heads'],
        ['128', 'numbers of a head'],
        ['8,192', 'cells: the context, rounded up to 256'],
        ['2', 'bytes of a number in f16'],
      ].flatMap(([text, meaning], index) => [
        ...(index === 0 ? [] : [{ text: ' × ', meaning: '' }]),
        { text, meaning },
      ]),
    );
  });
});

/** The value of a formula of numbers, ×, + and parentheses. */
function valueOf(text: string): number {
  const inner = /\(([^()]*)\)/.exec(text);
  if (inner !== null) return valueOf(text.replace(inner[0], String(valueOf(inner[1]!))));
  if (text === '') return 0;
  return text
    .split(' + ')
    .map((term) =>
      term.split(' × ').reduce((product, factor) => product * Number(factor.replaceAll(',', '')), 1),
    )
    .reduce((sum, term) => sum + term, 0);
}
