// config.json and the others beside a checkpoint: flattened, bounded, and never in the way.
import { describe, expect, test } from 'vitest';
import type { Opened } from '../../../src/core/formats/model.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { memoryFolder, writeSafetensors } from '../../support/safetensorsWriter.ts';

const model = writeSafetensors([{ name: 'a', dtype: 'F32', shape: [2] }]);
const open = (beside: Readonly<Record<string, string | Uint8Array>>): Opened =>
  openModel(memoryFolder({ 'm.safetensors': model, ...beside }), 'm.safetensors');
const config = (value: unknown): Opened => open({ 'config.json': JSON.stringify(value) });

describe('config.json', () => {
  test('is flattened with dots', () => {
    const { model } = config({
      model_type: 'llama',
      hidden_size: 256,
      rms_norm_eps: 0.5,
      use_cache: true,
      pad_token_id: null,
      eos_token_id: [1, 2],
      rope_scaling: { type: 'yarn', factor: 4, empty: {} },
    });
    expect(model?.metadata.map(({ key, type, value, source }) => [key, type, value, source])).toEqual([
      ['model_type', 'string', 'llama', 'config.json'],
      ['hidden_size', 'int64', 256, 'config.json'],
      ['rms_norm_eps', 'float64', 0.5, 'config.json'],
      ['use_cache', 'bool', true, 'config.json'],
      ['pad_token_id', 'json', 'null', 'config.json'],
      ['eos_token_id', 'json', '[1,2]', 'config.json'],
      ['rope_scaling.type', 'string', 'yarn', 'config.json'],
      ['rope_scaling.factor', 'int64', 4, 'config.json'],
      ['rope_scaling.empty', 'json', '{}', 'config.json'],
    ]);
  });
  test('may have __proto__ as a key', () => {
    const { model } = open({ 'config.json': '{"__proto__":{"polluted":1},"constructor":2}' });
    expect(model?.metadata.map(({ key }) => key)).toEqual(['__proto__.polluted', 'constructor']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
  test.each([
    ['is no JSON', '{"a":', 'at byte 5: a value is expected where the text ends.'],
    ['is a list', '[]', 'it holds no object.'],
    ['is empty', '', 'at byte 0: a value is expected where the text ends.'],
    ['is nested without end', '['.repeat(100_000), 'at byte 33: values are nested more than 32 deep.'],
    ['is too large', ' '.repeat((4 << 20) + 1), 'it has 4.19 MB, more than the 4.19 MB that are read.'],
  ])('that %s is left out, with a reason', (_title, text, reason) => {
    const opened = open({ 'config.json': text, 'generation_config.json': '{"a":1}' });
    expect(opened.problems.map(({ code, severity, text }) => [code, severity, text])).toEqual([
      ['config-invalid', 'warning', `config.json is left out: ${reason}`],
    ]);
    expect(opened.model?.metadata.map(({ key }) => key)).toEqual(['a']);
    expect(opened.model?.tensors).toHaveLength(1);
  });
  test('of ten thousand entries is cut', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_none, at) => [`k${at}`, at]));
    expect(config({ id2label: many }).model?.metadata).toHaveLength(5000);
  });
});

describe('architecture', () => {
  test.each([
    [{ model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] }, 'qwen3'],
    [{ architectures: ['LlamaForCausalLM'] }, 'LlamaForCausalLM'],
    [{ text_config: { model_type: 'gemma3_text' } }, 'gemma3_text'],
    [{ model_type: 7 }, null],
    [{}, null],
  ])('of %j is %s', (value, expected) => {
    expect(config(value).model?.architecture).toBe(expected);
  });
});

describe('name', () => {
  test.each([
    ['meta-llama/Llama-3.1-8B', 'Llama-3.1-8B'],
    ['gpt2', 'gpt2'],
    ['/home/someone/models/x', null],
    ['./out', null],
    ['a/b/c', null],
    ['C:\\models\\x', null],
    ['', null],
  ])('of _name_or_path "%s" is %s', (path, expected) => {
    expect(config({ _name_or_path: path }).model?.name).toBe(expected);
  });
});
