import { describe, expect, it } from 'vitest';
import { memoryShape, type MemoryShape, type NoShape } from '../../../src/core/plan/shape.ts';
import { refusalOf } from '../../../src/core/plan/kvCache.ts';
import { weightBytes } from '../../../src/core/plan/modelWeights.ts';
import { NO_ORDER, requestFor } from '../../../src/core/plan/request.ts';
import { aModel } from '../../app/aModel.ts';
import { modelOf, specOf } from './headers.ts';
import { known, letters } from './shapes.ts';

/** The shape of a header with these keys behind the architecture's name. */
function shapeOf(
  architecture: string,
  keys: Record<string, number | readonly number[]>,
): MemoryShape | NoShape {
  const { block_count: layers = 12, ...others } = keys;
  const { model, readNumbers } = modelOf(
    specOf({
      architecture,
      layers: layers as number,
      embedding: 512,
      vocabulary: 1000,
      context: 8192,
      hasOutput: true,
      keys: { 'attention.head_count': 8, 'attention.head_count_kv': 2, ...others },
      layer: () => [],
    }),
  );
  return memoryShape(model, readNumbers);
}

const WINDOW = { 'attention.sliding_window': 1024 };

describe('the rule of an architecture', () => {
  it.each([
    ['llama', {}, 'CCCCCCCCCCCC'],
    ['llama', WINDOW, 'CCCCCCCCCCCC'],
    ['phi3', WINDOW, 'CCCCCCCCCCCC'],
    ['gemma2', {}, 'wCwCwCwCwCwC'],
    ['gemma3', WINDOW, 'wwwwwCwwwwwC'],
    ['gemma3', {}, 'CCCCCCCCCCCC'],
    ['gemma3', { ...WINDOW, 'attention.sliding_window_pattern': 3 }, 'wwCwwCwwCwwC'],
    ['gemma3n', { ...WINDOW, block_count: 22 }, 'wwwwCwwwwCwwwwCwwwwC--'],
    // A list where llama.cpp expects a number is passed over.
    [
      'gemma3n',
      { ...WINDOW, 'attention.sliding_window_pattern': Array.from({ length: 12 }, () => 0) },
      'wwwwCwwwwCww',
    ],
    [
      'gemma4',
      {
        ...WINDOW,
        block_count: 6,
        'attention.sliding_window_pattern': [1, 1, 0, 1, 1, 0],
        'attention.shared_kv_layers': 2,
      },
      'wwCw--',
    ],
    // One number where llama.cpp expects a list stands for all layers.
    ['gemma4', { ...WINDOW, block_count: 4, 'attention.sliding_window_pattern': 1 }, 'wwww'],
    ['gemma4', { ...WINDOW, block_count: 4, 'attention.sliding_window_pattern': 0 }, 'CCCC'],
    ['cohere2', WINDOW, 'wwwCwwwCwwwC'],
    ['cohere2moe', WINDOW, 'CwwwCwwwCwww'],
    ['gpt-oss', WINDOW, 'wCwCwCwCwCwC'],
    ['llama4', {}, 'wwwCwwwCwwwC'],
    ['llama4', { 'attention.sliding_window': 0 }, 'CCCCCCCCCCCC'],
    ['olmo2', {}, 'CCCCCCCCCCCC'],
    ['olmo2', WINDOW, 'wwwCwwwCwwwC'],
    ['plamo3', WINDOW, 'wwwwwwwCwwww'],
    ['smallthinker', WINDOW, 'CwwwCwwwCwww'],
    ['exaone4', {}, 'CCCCCCCCCCCC'],
    ['mamba', { 'attention.head_count': 0, 'attention.head_count_kv': 0 }, 'ssssssssssss'],
    ['rwkv7', { 'attention.head_count': 0, 'wkv.head_size': 64 }, 'ssssssssssss'],
    ['qwen3next', {}, 'sssCsssCsssC'],
    ['qwen3next', { full_attention_interval: 3 }, 'ssCssCssCssC'],
    ['qwen35', { block_count: 9, nextn_predict_layers: 1 }, 'sssCsssC-'],
    ['falcon-h1', {}, 'bbbbbbbbbbbb'],
    ['granitehybrid', { block_count: 4, 'attention.head_count_kv': [0, 2, 0, 0] }, 'sCss'],
    [
      'nemotron_h',
      { block_count: 4, 'attention.head_count_kv': [0, 0, 2, 0], feed_forward_length: [0, 2048, 0, 2048] },
      's-C-',
    ],
    ['lfm2', { ...WINDOW, block_count: 4, 'attention.head_count_kv': [0, 2, 0, 2] }, 'swsw'],
    ['lfm2moe', { ...WINDOW, block_count: 4, 'attention.head_count_kv': [0, 2, 0, 2] }, 'sCsC'],
    ['bert', {}, '------------'],
    ['t5encoder', {}, 'CCCCCCCCCCCC'],
    // Layers that only draft have a cache where llama.cpp makes no difference between layers.
    ['glm4moe', { block_count: 4, nextn_predict_layers: 1 }, 'CCCC'],
    ['step35', { block_count: 4, nextn_predict_layers: 1 }, 'CCC-'],
  ] as const)('%s with %o keeps %s', (architecture, keys, expected) => {
    expect(letters(shapeOf(architecture, keys as Record<string, number | readonly number[]>))).toBe(expected);
  });

  it('Llama 4 looks back 8,192 tokens, whatever the header says', () => {
    const { layers } = known(shapeOf('llama4', { 'attention.sliding_window': 4 }));
    expect(layers[0]!.cache!.windowTokens).toBe(8192);
  });

  it('Gemma 4 has heads of another length in windowed layers', () => {
    const { layers } = known(
      shapeOf('gemma4', {
        ...WINDOW,
        block_count: 2,
        'attention.sliding_window_pattern': [1, 0],
        'attention.key_length': 512,
        'attention.value_length': 512,
        'attention.key_length_swa': 256,
        'attention.value_length_swa': 256,
      }),
    );
    expect(layers.map(({ cache }) => cache?.keyLength)).toEqual([256, 512]);
  });

  it('without MLA lengths an old DeepSeek header keeps whole keys and values', () => {
    const { layers } = known(
      shapeOf('deepseek2', {
        'attention.head_count_kv': 8,
        'attention.key_length': 192,
        'attention.value_length': 128,
        'attention.kv_lora_rank': 512,
      }),
    );
    expect(layers[0]!.cache).toMatchObject({ keyValueHeads: 8, keyLength: 192, valueLength: 128 });
  });

  it('of one nobody knows is the general one, and said to be', () => {
    const shape = known(shapeOf('newest', WINDOW));
    expect(letters(shape)).toBe('CCCCCCCCCCCC');
    expect(shape.notes.join()).toContain('newest is not one of llama.cpp v0.4.0');
    expect(known(shapeOf('llama', {})).notes).toEqual([]);
  });

  it.each([
    ['deepseek32', {}, 'an indexer'],
    ['nanbeige', {}, 'one is counted'],
    ['graniteswitch', {}, 'router'],
    ['gemma4-assistant', {}, 'as if it ran alone'],
    ['phi3', WINDOW, 'does not use the sliding window'],
    ['grok', {}, 'without flash attention'],
  ])('of %s, with %o, says what is left out: %s', (architecture, keys, sentence) => {
    expect(known(shapeOf(architecture, keys)).notes.join()).toContain(sentence);
  });

  it('of a window as long as the model was trained for has nothing to say', () => {
    expect(known(shapeOf('phi3', { 'attention.sliding_window': 8192 })).notes).toEqual([]);
  });

  it('without flash attention plans without it, and offers no quantized values', () => {
    const shape = known(shapeOf('grok', {}));
    const request = requestFor(
      shape,
      weightBytes(aModel(['token_embd.weight']), shape),
      NO_ORDER,
      'cuda',
      null,
    );
    expect(request.flashAttention).toBe(false);
    expect(refusalOf(shape, { ...request, valueType: 'q8_0' })).toContain('need flash attention');
    expect(refusalOf(shape, { ...request, keyType: 'q8_0' })).toBe(null);
  });
});

describe('a header that lies', () => {
  it.each([
    [{ block_count: 100_000 }, 'more than llama.cpp reads'],
    [{ 'attention.key_length': 4_000_000_000 }, 'too large to be true'],
    [{ 'attention.head_count_kv': 4_000_000_000 }, 'too large to be true'],
  ])('with %o has no plan', (keys, reason) => {
    const metadata = Object.fromEntries(
      Object.entries({
        block_count: 4,
        embedding_length: 512,
        'attention.head_count': 8,
        'attention.head_count_kv': 2,
        ...keys,
      }).map(([key, value]) => [`llama.${key}`, value]),
    );
    const model = aModel(['token_embd.weight'], { 'general.architecture': 'llama', ...metadata });
    expect(memoryShape(model, () => null)).toMatchObject({
      unavailable: expect.stringContaining(reason) as string,
    });
  });

  it('without layers has none either', () => {
    expect(memoryShape(aModel(['token_embd.weight']), () => null)).toHaveProperty('unavailable');
  });

  it('with too short a list has no cache where the list ends', () => {
    expect(letters(shapeOf('jamba', { block_count: 3, 'attention.head_count_kv': [2] }))).toBe('Css');
  });
});
