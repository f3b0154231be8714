// Choices of single tensors as rules and back, and names that are proposed.
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/core/formats/model.ts';
import { chosenByRules, exactRules } from '../../../src/app/requantize/overrides.ts';
import { proposedOutput } from '../../../src/app/requantize/proposedOutput.ts';
import { createRandom } from '../../support/random.ts';

const modelOf = (names: readonly string[]): Model =>
  ({ tensors: names.map((name) => ({ name })) }) as unknown as Model;

const NAMES = [
  'token_embd.weight',
  ...Array.from({ length: 130 }, (_one, layer) => [
    `blk.${layer}.attn_q.weight`,
    `blk.${layer}.ffn_down.weight`,
  ]).flat(),
  'output.weight',
  'odd (name) [1]+2*3?.weight',
  'a\\b|c{2}^$.weight',
  'blk.x.attn_q.weight',
];

describe('chosen tensors', () => {
  it('become rules that find them and nothing else, whatever is chosen', () => {
    const random = createRandom(5);
    const types = ['Q8_0', 'F16', 'IQ4_XS'];
    const model = modelOf(NAMES);
    for (let round = 0; round < 50; round++) {
      const chosen = new Map<string, string>();
      for (const name of NAMES) if (random.below(50) < round) chosen.set(name, random.pick(types));
      const overrides = types.map((type) => ({
        type,
        names: [...chosen].filter(([, one]) => one === type).map(([name]) => name),
      }));
      const { rules, unknown } = exactRules(model, { overrides, pruneLayers: [] });
      expect(unknown).toEqual([]);
      expect(rules.every(({ pattern }) => pattern.length <= 1000)).toBe(true);
      for (const name of NAMES) {
        const found = rules.find(({ pattern }) => new RegExp(pattern).test(name));
        expect([name, found?.type]).toEqual([name, chosen.get(name)]);
      }
      const back = chosenByRules(model, { tensorTypes: rules, pruneLayers: [] });
      expect(back.rules).toEqual([]);
      const names = back.overrides.flatMap((one) => one.names.map((name) => [name, one.type]));
      expect(new Map(names as [string, string][])).toEqual(chosen);
    }
  });

  it('with capitals in their names are found by patterns in lower case', () => {
    const { rules } = exactRules(modelOf(['blk.0.Attn_Q.weight']), {
      overrides: [{ type: 'Q8_0', names: ['blk.0.Attn_Q.weight'] }],
      pruneLayers: [],
    });
    expect(rules).toEqual([{ pattern: '^blk\\.0\\..ttn_.\\.weight$', type: 'Q8_0' }]);
    expect(new RegExp(rules[0]!.pattern.toLowerCase()).test('blk.0.Attn_Q.weight')).toBe(true);
  });

  const others: readonly (readonly [string, string])[] = [
    ['part of a name', 'ffn_down'],
    ['an open end', '^blk\\.0\\.attn_q'],
    ['a class', '^blk\\.\\d+\\.attn_q\\.weight$'],
    ['any character', '^blk.0.attn_q.weight$'],
    ['a tensor that is not here', '^blk\\.999\\.attn_q\\.weight$'],
  ];
  it.each(others)('are not read out of a rule with %s, nor out of those behind it', (_what, pattern) => {
    const exact = { pattern: '^output\\.weight$', type: 'q6_K' };
    const tensorTypes = [exact, { pattern, type: 'Q8_0' }, { pattern: '^token_embd\\.weight$', type: 'F16' }];
    expect(chosenByRules(modelOf(NAMES), { tensorTypes, pruneLayers: [] })).toEqual({
      overrides: [{ type: 'Q6_K', names: ['output.weight'] }],
      rules: tensorTypes.slice(1),
    });
  });
});

describe('a proposed output', () => {
  const names: readonly (readonly [string, string, string])[] = [
    ['/m/model-F16.gguf', 'Q4_K_M', '/m/model-Q4_K_M.gguf'],
    ['/m/Model.bf16.gguf', 'Q8_0', '/m/Model-Q8_0.gguf'],
    ['/m/model-Q4_K_M.gguf', 'Q4_K_M', '/m/model-Q4_K_M.gguf'],
    ['/m/big-F16-00001-of-00009.gguf', 'IQ2_XS', '/m/big-IQ2_XS.gguf'],
    ['C:\\models\\näme with spaces.gguf', 'Q6_K', 'C:\\models\\näme with spaces-Q6_K.gguf'],
    ['/m/LLAMA.GGUF', 'F16', '/m/LLAMA-F16.gguf'],
  ];
  it.each(names)('of %s as %s is %s', (source, type, expected) => {
    expect(proposedOutput(source, type, () => false)).toBe(expected);
  });

  it('is counted on where the name is taken', () => {
    const taken = new Set(['/m/a-Q8_0.gguf', '/m/a-Q8_0-2.gguf']);
    expect(proposedOutput('/m/a-F32.gguf', 'Q8_0', (path) => taken.has(path))).toBe('/m/a-Q8_0-3.gguf');
  });
});
