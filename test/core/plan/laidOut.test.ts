// Small headers, one an architecture, and the bytes that llama.cpp itself lays out for cache and states of a run of them.
import { describe, expect, it } from 'vitest';
import { cacheByLayer, type CacheRequest } from '../../../src/core/plan/kvCache.ts';
import { memoryShape, takesFlashAttention } from '../../../src/core/plan/shape.ts';
import { modelOf, specOf } from './headers.ts';
import { known } from './shapes.ts';

const REQUEST: CacheRequest = {
  contextTokens: 8192,
  sequences: 1,
  unified: false,
  keyType: 'f16',
  valueType: 'f16',
  batchTokens: 512,
  flashAttention: true,
};
const RUNS: readonly Partial<CacheRequest>[] = [
  {},
  { sequences: 3, contextTokens: 5000 },
  { contextTokens: 16_384, batchTokens: 2048 },
  { flashAttention: false },
];

const HEADS = { 'attention.key_length': 32, 'attention.value_length': 32 };
const WINDOW = { 'attention.sliding_window': 1024 };
const MAMBA = { 'ssm.conv_kernel': 4, 'ssm.inner_size': 512, 'ssm.state_size': 32 };

/** Keys besides a width of 256, 8 heads and 2 KV heads. The bytes are libllama's of v0.4.0, asked for its memory breakdown, one for each of RUNS. */
const LAID_OUT: readonly (readonly [
  architecture: string,
  layers: number,
  keys: Readonly<Record<string, number | readonly number[]>>,
  bytes: readonly number[],
])[] = [
  ['phi3', 4, { ...WINDOW }, [8_388_608, 15_728_640, 16_777_216, 8_388_608]],
  ['gemma2', 5, { ...WINDOW, ...HEADS }, [5_373_952, 11_403_264, 10_747_904, 5_373_952]],
  ['gemma3', 7, { ...WINDOW, ...HEADS }, [4_456_448, 11_010_048, 8_912_896, 4_456_448]],
  [
    'gemma3',
    7,
    { ...WINDOW, ...HEADS, 'attention.sliding_window_pattern': 3 },
    [6_160_384, 13_762_560, 12_320_768, 6_160_384],
  ],
  ['cohere2', 6, { ...WINDOW }, [4_063_232, 9_830_400, 8_126_464, 4_063_232]],
  ['olmo2', 6, { ...WINDOW }, [4_063_232, 9_830_400, 8_126_464, 4_063_232]],
  ['exaone4', 6, { ...WINDOW }, [12_582_912, 23_592_960, 25_165_824, 12_582_912]],
  ['smallthinker', 6, { ...WINDOW }, [8_912_896, 22_020_096, 14_680_064, 8_912_896]],
  ['llama4', 6, {}, [12_582_912, 23_592_960, 17_301_504, 12_582_912]],
  ['gpt-oss', 6, { ...WINDOW, ...HEADS }, [7_471_104, 15_335_424, 14_942_208, 7_471_104]],
  ['plamo3', 9, { ...WINDOW, ...HEADS }, [5_242_880, 13_369_344, 10_485_760, 5_242_880]],
  ['afmoe', 6, { ...WINDOW, ...HEADS }, [4_063_232, 9_830_400, 8_126_464, 4_063_232]],
  ['gemma3n', 22, { ...WINDOW, ...HEADS }, [14_680_064, 34_603_008, 29_360_128, 14_680_064]],
  [
    'gemma4',
    6,
    {
      ...WINDOW,
      'attention.sliding_window_pattern': [1, 0, 1, 0, 1, 0],
      'attention.shared_kv_layers': 2,
      'attention.key_length': 64,
      'attention.value_length': 64,
      'attention.key_length_swa': 32,
      'attention.value_length_swa': 32,
    },
    [9_175_040, 18_087_936, 18_350_080, 9_568_256],
  ],
  [
    'gemma4',
    4,
    {
      ...WINDOW,
      'attention.sliding_window_pattern': 1,
      'attention.shared_kv_layers': 0,
      'attention.key_length': 64,
      'attention.value_length': 64,
      'attention.key_length_swa': 32,
      'attention.value_length_swa': 32,
    },
    [1_572_864, 4_718_592, 3_145_728, 1_572_864],
  ],
  [
    'mamba',
    2,
    { 'attention.head_count': 0, 'ssm.conv_kernel': 4, 'ssm.inner_size': 512, 'ssm.state_size': 16 },
    [77_824, 233_472, 77_824, 77_824],
  ],
  [
    'mamba2',
    2,
    { 'attention.head_count': 0, ...MAMBA, 'ssm.group_count': 2 },
    [146_432, 439_296, 146_432, 146_432],
  ],
  ['rwkv7', 2, { 'attention.head_count': 0, 'wkv.head_size': 64 }, [135_168, 405_504, 135_168, 135_168]],
  ['rwkv6', 2, { 'attention.head_count': 0, 'wkv.head_size': 64 }, [135_168, 405_504, 135_168, 135_168]],
  [
    'falcon-h1',
    3,
    { ...HEADS, ...MAMBA, 'ssm.group_count': 2 },
    [6_511_104, 12_455_424, 12_802_560, 6_511_104],
  ],
  [
    'jamba',
    4,
    {
      'attention.head_count_kv': [0, 2, 0, 0],
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 512,
      'ssm.state_size': 16,
    },
    [2_213_888, 4_282_368, 4_311_040, 2_213_888],
  ],
  [
    'granitehybrid',
    4,
    { 'attention.head_count_kv': [0, 2, 0, 0], ...MAMBA, 'ssm.group_count': 2 },
    [2_316_800, 4_591_104, 4_413_952, 2_316_800],
  ],
  [
    'nemotron_h',
    4,
    {
      feed_forward_length: [0, 512, 0, 512],
      ...HEADS,
      'attention.head_count_kv': [0, 0, 2, 0],
      ...MAMBA,
      'ssm.group_count': 2,
    },
    [2_170_368, 4_151_808, 4_267_520, 2_170_368],
  ],
  [
    'plamo2',
    4,
    {
      ...HEADS,
      'attention.head_count': [0, 8, 0, 8],
      'attention.head_count_kv': [0, 2, 0, 2],
      ...MAMBA,
      'ssm.group_count': 0,
    },
    [4_337_664, 8_294_400, 8_531_968, 4_337_664],
  ],
  [
    'lfm2',
    4,
    { ...WINDOW, 'attention.head_count_kv': [0, 2, 0, 2], 'shortconv.l_cache': 3 },
    [790_528, 2_371_584, 1_576_960, 790_528],
  ],
  [
    'lfm2moe',
    4,
    { ...WINDOW, 'attention.head_count_kv': [0, 2, 0, 2], 'shortconv.l_cache': 3 },
    [4_198_400, 7_876_608, 8_392_704, 4_198_400],
  ],
  [
    'qwen3next',
    5,
    { ...HEADS, ...MAMBA, 'ssm.group_count': 4 },
    [2_396_160, 4_829_184, 4_493_312, 2_396_160],
  ],
  [
    'kimi-linear',
    4,
    {
      'attention.head_count_kv': [0, 0, 1, 0],
      'attention.key_length': 80,
      'attention.value_length': 64,
      'attention.key_length_mla': 48,
      'attention.value_length_mla': 32,
      'ssm.conv_kernel': 4,
      'kda.head_dim': 32,
    },
    [1_436_672, 2_835_456, 2_747_392, 1_436_672],
  ],
  [
    'deepseek2',
    3,
    {
      'attention.head_count_kv': 1,
      'attention.key_length': 80,
      'attention.value_length': 64,
      'attention.key_length_mla': 48,
      'attention.value_length_mla': 32,
    },
    [3_932_160, 7_372_800, 7_864_320, 3_932_160],
  ],
  [
    'deepseek2',
    3,
    { 'attention.head_count_kv': 8, 'attention.key_length': 48, 'attention.value_length': 32 },
    [31_457_280, 58_982_400, 62_914_560, 31_457_280],
  ],
  [
    'mimo2',
    4,
    {
      ...WINDOW,
      'attention.sliding_window_pattern': [0, 1, 1, 0],
      'attention.head_count_kv': [2, 4, 4, 2],
      'attention.key_length': 48,
      'attention.value_length': 32,
    },
    [7_208_960, 15_728_640, 14_417_920, 9_306_112],
  ],
  [
    'step35',
    4,
    { ...WINDOW, ...HEADS, 'attention.sliding_window_pattern': [0, 1, 1, 0] },
    [4_980_736, 10_223_616, 9_961_472, 4_980_736],
  ],
  ['grok', 2, {}, [4_194_304, 7_864_320, 8_388_608, 4_194_304]],
  [
    'minicpm3',
    2,
    { 'attention.head_count_kv': 8, 'attention.key_length': 48 },
    [20_971_520, 39_321_600, 41_943_040, 20_971_520],
  ],
  [
    'mellum',
    5,
    { 'attention.sliding_window_pattern': [1, 1, 0, 1, 0], ...WINDOW, ...HEADS },
    [5_373_952, 11_403_264, 10_747_904, 5_373_952],
  ],
];

describe('cache and states', () => {
  it.each(LAID_OUT)('of %s with %i layers and %o have the bytes that llama.cpp lays out', (...row) => {
    const [architecture, layers, keys, bytes] = row;
    const { model, readNumbers } = modelOf(
      specOf({
        ...{ architecture, layers, embedding: 256, vocabulary: 512, context: 131_072, hasOutput: true },
        keys: {
          ...{ feed_forward_length: 512, 'attention.head_count': 8, 'attention.head_count_kv': 2 },
          ...keys,
        },
        layer: () => [],
      }),
    );
    const shape = known(memoryShape(model, readNumbers));
    const flashAttention = takesFlashAttention(shape);
    const sums = RUNS.map((run) =>
      cacheByLayer(shape, { ...REQUEST, flashAttention, ...run }).reduce(
        (sum, { cacheBytes, stateBytes }) => sum + cacheBytes + stateBytes,
        0,
      ),
    );
    expect(sums).toEqual(bytes);
  });
});
