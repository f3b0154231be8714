// Recipes as files, the schema that VS Code checks them by, and the words that llama.cpp's log is read by.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EMPTY_RECIPE, parseRecipe, type Recipe, recipeText } from '../../src/app/quantize/recipe.ts';
import { QUANTIZE_TARGETS, targetNamed, TENSOR_SCHEMES } from '../../src/app/quantize/targets.ts';
import { type CurrentTensor, createQuantizeLog } from '../../src/engine/quantizeLog.ts';
import { lowerCase } from '../../src/engine/quantizeStructs.ts';
import { createRandom } from '../support/random.ts';

describe('a recipe file', () => {
  const full: Recipe = {
    type: 'IQ2_XS',
    imatrix: '../imatrix.gguf',
    outputType: 'Q8_0',
    embeddingType: 'Q4_K',
    tensorTypes: [{ pattern: 'blk\\.(0|1)\\.attn_v', type: 'Q8_0' }],
    pure: true,
    keepSplit: true,
    allowRequantize: true,
    leaveOutput: true,
    metadata: [
      { key: 'general.name', type: 'str', value: 'Größe' },
      { key: 'a.b', type: 'int', value: 4 },
      { key: 'a.c', type: 'float', value: 0.5 },
      { key: 'a.d', type: 'bool', value: true },
    ],
    pruneLayers: [0, 3],
  };
  it('holds everything that can be asked, and is read as it was written', () => {
    expect(parseRecipe(recipeText(full))).toEqual(full);
    expect(parseRecipe('{"$schema": "x", "type": "Q4_K_M"}')).toEqual({ ...EMPTY_RECIPE, type: 'Q4_K_M' });
    expect(recipeText({ ...EMPTY_RECIPE, type: 'Q4_0' })).toBe('{\n  "type": "Q4_0"\n}\n');
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', '{"type": ', /is not JSON/],
    ['no object', '["Q4_K_M"]', /is not a JSON object/],
    ['no type', '{}', /has no "type"/],
    ['an unknown mix', '{"type": "Q4"}', /no quantization type "Q4"/],
    ['a misspelled key', '{"type": "Q4_0", "imatix": "a"}', /has "imatix", which no recipe has/],
    ['a number for a path', '{"type": "Q4_0", "imatrix": 4}', /"imatrix" that is no text/],
    ['a text for a truth', '{"type": "Q4_0", "pure": "yes"}', /"pure" that is neither true nor false/],
    ['rules that are none', '{"type": "Q4_0", "tensorTypes": ["a"]}', /not \{"pattern"/],
    [
      'an empty pattern',
      '{"type": "Q4_0", "tensorTypes": [{"pattern": "", "type": "Q8_0"}]}',
      /is no pattern/,
    ],
    [
      'a value of another type',
      '{"type": "Q4_0", "metadata": [{"key": "a", "type": "int", "value": "1"}]}',
      /"int", "float"/,
    ],
    [
      'half a number',
      '{"type": "Q4_0", "metadata": [{"key": "a", "type": "int", "value": 1.5}]}',
      /a whole number/,
    ],
    [
      'a whole number below 0, of which llama.cpp drops the sign',
      '{"type": "Q4_0", "metadata": [{"key": "a", "type": "int", "value": -42}]}',
      /"a" takes a whole number from 0 to 4,294,967,295/,
    ],
    [
      'a whole number beyond 32 bits',
      '{"type": "Q4_0", "metadata": [{"key": "a", "type": "int", "value": 4294967296}]}',
      /a whole number from 0/,
    ],
    [
      'a float beyond float32',
      '{"type": "Q4_0", "metadata": [{"key": "a", "type": "float", "value": 1e39}]}',
      /a number that a float32 can hold/,
    ],
    [
      'the alignment, which llama.cpp would not keep to',
      '{"type": "Q4_0", "metadata": [{"key": "general.alignment", "type": "int", "value": 64}]}',
      /cannot be set/,
    ],
    ['layers that are none', '{"type": "Q4_0", "pruneLayers": ["1"]}', /are no numbers/],
  ];
  it.each(wrong)('with %s is refused', (_what, json, sentence) => {
    expect(() => parseRecipe(json)).toThrow(sentence);
  });

  it('has a schema that knows the same keys and types', () => {
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../media/schemas/recipe.schema.json'), 'utf8'),
    ) as {
      properties: Record<string, { enum?: string[]; enumDescriptions?: string[] }>;
      definitions: { tensorType: { enum: string[] } };
    };
    expect(Object.keys(schema.properties).sort()).toEqual(['$schema', ...Object.keys(full)].sort());
    const { type } = schema.properties;
    expect(type?.enum).toEqual(QUANTIZE_TARGETS.map(({ name }) => name));
    expect(type?.enumDescriptions).toEqual(QUANTIZE_TARGETS.map(({ about }) => about));
    expect(schema.definitions.tensorType.enum).toEqual(TENSOR_SCHEMES.map(({ name }) => name));
  });
});

describe('the types of llama.cpp', () => {
  it('are all there, by their names in any case', () => {
    expect(QUANTIZE_TARGETS.length).toBe(35);
    expect(new Set(QUANTIZE_TARGETS.map(({ fileType }) => fileType)).size).toBe(35);
    expect(targetNamed('q4_k')?.name).toBe('Q4_K_M');
    expect(targetNamed('iq2_xs')).toMatchObject({ fileType: 20, imatrix: 'needed', bitsPerWeight: 2.3125 });
    expect(targetNamed('Q4_K_L')).toBeNull();
  });

  it('a pattern is in lower case, but for what stands behind a backslash', () => {
    expect(lowerCase('BLK\\.\\d+\\.Attn_\\S')).toBe('blk\\.\\d+\\.attn_\\S');
  });
});

const REAL = `llama_model_loader: - type  f16:   29 tensors
warning: blk.0.ffn_down.weight                - ncols    100 not divisible by 256 (required for type    q4_K) (WARNING: must use F16 due to unusual shape) -> falling back to     f16
[   1/  39] output.weight                        - [  256,  4096,     1,     1], type =    f16, converting to q6_K .. size =     2.00 MiB ->     0.82 MiB
[   2/  39] output_norm.weight                   - [  256,     1,     1,     1], type =    f32, size =    0.001 MiB
[   3/  39] blk.0.attn_k.weight                  - [  256,   128,     1,     1], type =    f16, 
====== llama_model_quantize_impl: did not find weights for blk.0.attn_k.weight
converting to q4_K .. size =     0.06 MiB ->     0.02 MiB
llama_model_quantize: failed to quantize: tensor 'blk.0.attn_q.weight' has invalid data
`;
const DRY = `[   1/   2] output.weight                        - [  256,  4096,     1,     1], type =    f16, size =     2.00 MiB ->     0.82 MiB (q6_K)
[   2/   2] odd - [name                          - [  256,     1,     1,     1], type =    f32, size =    0.001 MiB
`;

describe('the log of llama.cpp', () => {
  /** In pieces of any length, as it comes. */
  function heard(text: string, seed: number) {
    const random = createRandom(seed);
    const told: CurrentTensor[] = [];
    const log = createQuantizeLog((tensor) => void told.push(tensor));
    for (let at = 0; at < text.length;) {
      const length = 1 + random.below(40);
      log.add(text.slice(at, at + length));
      at += length;
    }
    return { told, log };
  }

  it('tells tensor by tensor, however it is cut', () => {
    for (let seed = 1; seed < 200; seed += 1) {
      const { told, log } = heard(REAL, seed);
      expect(told.map(({ index, name, from, to }) => [index, name, from, to])).toEqual([
        [1, 'output.weight', 'f16', null],
        [1, 'output.weight', 'f16', 'q6_K'],
        [2, 'output_norm.weight', 'f32', null],
        [3, 'blk.0.attn_k.weight', 'f16', null],
        [3, 'blk.0.attn_k.weight', 'f16', 'q4_K'],
      ]);
      expect([...log.fallbacks]).toEqual([['blk.0.ffn_down.weight', 'q4_K']]);
      expect(log.failure).toBe("tensor 'blk.0.attn_q.weight' has invalid data");
    }
  });

  it('of a dry run has every decision', () => {
    for (let seed = 1; seed < 200; seed += 1)
      expect(heard(DRY, seed).log.decided).toEqual([
        { name: 'output.weight', from: 'f16', to: 'q6_K' },
        { name: 'odd - [name', from: 'f32', to: 'f32' },
      ]);
  });
});
