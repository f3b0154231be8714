// What values of the metadata mean.
import { expect, it } from 'vitest';
import { GGMLQuantizationType } from '@huggingface/gguf';
import { meaningOf } from '../../../src/core/formats/gguf/vocabulary.ts';
import { GGML_SCHEMES } from '../../../src/core/quant/ggmlTypes.ts';

it.each<[string, string | number | bigint | boolean, string]>([
  ['general.file_type', 0, 'ALL_F32'],
  ['general.file_type', 15, 'MOSTLY_Q4_K_M'],
  ['general.file_type', 41, 'MOSTLY_Q2_0'],
  ['general.file_type', 1024 + 7, 'MOSTLY_Q8_0 (guessed)'],
  ['general.file_type', 1002, ''],
  ['general.file_type', 999, ''],
  ['general.file_type', 'F16', ''],
  ['general.quantization_version', 2, 'the block layouts of ggml since May 2023'],
  ['tokenizer.ggml.token_type', 3, 'CONTROL'],
  ['tokenizer.ggml.token_type', 77, ''],
  ['bert.pooling_type', 2, 'CLS'],
  ['bert.pooling_type', -1, 'UNSPECIFIED'],
  ['deepseek2.expert_gating_func', 2, 'SIGMOID'],
  ['llama.rope.scaling.type', 'yarn', 'YaRN: only slow frequencies are stretched'],
  ['llama.attention.causal', true, ''],
  ['a.key.of.tomorrow', 1, ''],
  ['constructor', 1, ''],
  ['__proto__', 'constructor', ''],
])('%s = %s means %j', (key, value, meaning) => {
  expect(meaningOf(key, value)).toBe(meaning);
});

it('names the tensor types as @huggingface/gguf does', () => {
  for (const { ggmlId, name, kind } of GGML_SCHEMES) {
    const theirs = GGMLQuantizationType[ggmlId ?? -1];
    if (kind !== 'unknown' && theirs !== undefined) expect(name).toBe(theirs);
  }
});
