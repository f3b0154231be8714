import { describe, expect, it } from 'vitest';
import type { ArrayRef } from '../../../src/core/formats/model.ts';
import { planModel } from '../../../src/app/plan/planModel.ts';
import { planReport } from '../../../src/app/plan/planReport.ts';
import { aModel } from '../../app/aModel.ts';
import { createRandom, type Random } from '../../support/random.ts';

const ARCHITECTURES =
  'llama gemma2 gemma3 gemma3n gemma4 llama4 gpt-oss cohere2moe exaone4 smallthinker deepseek2 deepseek32 mamba mamba2 rwkv6 rwkv7 ' +
  'jamba falcon-h1 granitehybrid nemotron_h lfm2 qwen3next qwen35 minimax-01 kimi-linear step35 bert t5 unheard-of';

const KEYS =
  'block_count embedding_length context_length vocab_size feed_forward_length expert_count expert_used_count ' +
  'expert_feed_forward_length nextn_predict_layers full_attention_interval token_shift_count attention.head_count ' +
  'attention.head_count_kv attention.key_length attention.value_length attention.key_length_swa attention.value_length_swa ' +
  'attention.key_length_mla attention.value_length_mla attention.sliding_window attention.sliding_window_pattern ' +
  'attention.shared_kv_layers attention.recurrent_layers ssm.conv_kernel ssm.inner_size ssm.state_size ssm.group_count ' +
  'shortconv.l_cache kda.head_dim wkv.head_size';

const VALUES = [
  0,
  1,
  2,
  3,
  7,
  64,
  128,
  511,
  512,
  513,
  4096,
  2 ** 20,
  2 ** 31,
  2 ** 32 - 1,
  Number.MAX_SAFE_INTEGER,
];

const listOf = (count: number): ArrayRef => ({
  itemType: 'uint32',
  count,
  byteOffset: 0,
  byteLength: 0,
  file: 0,
});

function anyModel(random: Random): ReturnType<typeof planModel> {
  const architecture = random.pick(ARCHITECTURES.split(' '));
  const lists = new Map<string, number[]>();
  const metadata = Object.fromEntries(
    KEYS.split(' ').flatMap((name): [string, number | ArrayRef][] => {
      const key = `${architecture}.${name}`;
      if (random.once(4)) return [];
      // Mostly what a model may have: else nearly all are refused at once.
      const value = (): number =>
        random.once(20) ? random.pick(VALUES) : random.pick([1, 2, 4, 8, 16, 64, 128]);
      if (!random.once(5)) return [[key, value()]];
      lists.set(key, Array.from({ length: random.below(20) }, value));
      return [[key, listOf(lists.get(key)!.length)]];
    }),
  );
  const tensors = [
    'token_embd.weight',
    'blk.0.attn_q.weight',
    'blk.7.ffn_up_exps.weight',
    'blk.900.attn_k.weight',
  ];
  return planModel(
    aModel(tensors, { 'general.architecture': architecture, ...metadata }),
    (key) => lists.get(key) ?? null,
    {
      contextTokens: random.once(2) ? null : random.pick([1, 255, 8192, 2 ** 27]),
      sequences: random.pick([1, 3, 256]),
      types: random.once(2) ? null : { keyType: 'q4_0', valueType: 'f32' },
      gpuLayers: random.once(2) ? null : random.below(20),
      gpuGiB: random.once(2) ? null : random.pick([0.5, 24, 65_536]),
    },
  );
}

describe('a header of chance', () => {
  it.each(Array.from({ length: 40 }, (_, index) => index))(
    'of seed %i has a plan of finite numbers, or a reason',
    (seed) => {
      const random = createRandom(seed);
      for (let round = 0; round < 50; round += 1) {
        const answer = anyModel(random);
        if ('unavailable' in answer) {
          expect(answer.unavailable).toMatch(/\.$/);
          continue;
        }
        const { plan } = answer;
        const numbers = [
          plan.gpuBytes,
          plan.cpuBytes,
          ...plan.parts.flatMap(({ gpuBytes, cpuBytes }) => [gpuBytes, cpuBytes]),
        ];
        expect(numbers.every((bytes) => Number.isFinite(bytes) && bytes >= 0)).toBe(true);
        expect(JSON.stringify(planReport(answer))).not.toMatch(/NaN|Infinity/);
      }
    },
  );

  it('is not always refused', () => {
    const random = createRandom(1);
    const answers = Array.from({ length: 200 }, () => anyModel(random));
    expect(answers.filter((answer) => !('unavailable' in answer)).length).toBeGreaterThan(40);
  });
});
