// What hovers in the JSON files of a checkpoint say.
import { describe, expect, test } from 'vitest';
import { layerHover, quantizationHover } from '../../src/app/present/configHovers.ts';
import { jsonKeyAt } from '../../src/app/present/jsonKey.ts';
import { layerView } from '../../src/app/present/layerView.ts';
import { present } from '../../src/app/present/modelView.ts';
import type { Opened } from '../../src/core/formats/model.ts';
import { configured, open, parts } from '../core/formats/packed/checkpoints.ts';

const MODULE = 'model.layers.0.mlp.up_proj';
const GPTQ = parts(MODULE, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256');
const HEAD = parts('lm_head', 'weight F16 64 256');
const opened = (bits: number): Opened =>
  open(
    [...GPTQ, ...HEAD],
    configured({ quant_method: 'gptq', bits, group_size: 128, sym: true, desc_act: false }),
  );

function layerText(name: string): string | null {
  const { model } = opened(4);
  const layer = model === null ? null : layerView(model, name);
  return layer === null ? null : layerHover(layer);
}

describe('the hover of an entry of an index', () => {
  test('names the layer of a part, its true bits and what makes them', () => {
    expect(layerText(`${MODULE}.scales`)?.split('\n')).toEqual([
      `The scales of \`${MODULE}.weight\`. \`GPTQ 4-bit g128\` · **4.66 bits per weight** · 256 × 64 (in × out) · 16,384 weights · 9.54 kB`,
      '',
      expect.stringContaining('GPTQ: integer codes'),
      '',
      '| part | is | type | bits per weight |',
      '|---|---|---|---:|',
      '| `qweight` | codes | `I32` | 4.00 |',
      '| `scales` | scales | `F16` | 0.13 |',
      '| `qzeros` | zero points | `I32` | 0.03 |',
      '| `g_idx` | order of channels | `I32` | 0.50 |',
    ]);
  });

  test('is short for a tensor that is stored as it is', () => {
    expect(layerText('lm_head.weight')).toMatch(
      /^`F16` · \*\*16\.00 bits per weight\*\* · 256 × 64 \(in × out\)/,
    );
    expect(layerText('lm_head.weight')).not.toContain('| part |');
  });

  test.each(['weight_map', `${MODULE}.weight`, `${MODULE}`, ''])('is none for "%s"', (name) => {
    expect(layerText(name)).toBeNull();
  });

  test('makes no markup of a name', () => {
    const name = 'a`|b](command:evil) <img>.weight';
    const { model } = open([{ name, dtype: 'F32', shape: [2, 2] }]);
    const layer = model === null ? null : layerView(model, name);
    expect(layer?.name).toBe(name);
    const { model: packed } = open([
      { name: 'x](command:y).weight', dtype: 'I8', shape: [64, 256] },
      { name: 'x](command:y).SCB', dtype: 'F32', shape: [64] },
    ]);
    const scales = packed === null ? null : layerView(packed, 'x](command:y).SCB');
    expect(scales === null ? '' : layerHover(scales)).toContain('`x](command:y).weight`'); // as code it is no link
  });
});

describe('the hover of a quantization', () => {
  const text = (bits: number): string => {
    const { snapshot } = present('/models/m/model.safetensors', 1, opened(bits));
    if (snapshot.kind !== 'model') throw new Error('there is no model');
    return quantizationHover(snapshot);
  };

  test('sums the model up with all scales and zero points', () => {
    expect(text(4).split('\n')).toEqual([
      '**10.33 bits per weight** over 32,768 parameters, with all scales and zero points.',
      '',
      '| type | bits per weight | tensors | % of weights |',
      '|---|---:|---:|---:|',
      '| `F16` | 16.00 | 1 | 50.0 |',
      '| `GPTQ 4-bit g128` | 4.66 | 1 | 50.0 |',
    ]);
  });

  test('says where the shapes contradict it', () => {
    expect(text(8)).toContain(
      'has codes of 4 bits by its shapes; quantization\\_config in config.json says 8.',
    );
  });
});

describe('the key at a place of a line', () => {
  const line = '{"a": "b", "c\\"d" : {"quantization_config": 7}, "weight_map":["x", "y"]}';
  const keyOf = (text: string, word: string, from = 0): string | undefined =>
    jsonKeyAt(text.slice(from), text.indexOf(word) + 1 - from)?.key;

  test.each([
    ['"a"', 'a'],
    ['"c', 'c"d'],
    ['"quantization_config"', 'quantization_config'],
    ['"weight_map"', 'weight_map'],
    ['"b"', undefined],
    ['"x"', undefined],
    ['"y"', undefined],
    ['7', undefined],
  ])('at %s is %s', (word, key) => {
    expect(keyOf(line, word)).toBe(key);
    expect(keyOf(`   "first": 1, ${line.slice(1)}`, word)).toBe(key);
  });

  test('is found wherever a long line is cut before it', () => {
    for (let from = 0; from < line.indexOf('"weight_map"'); from++)
      expect([from, keyOf(line, '"weight_map"', from)]).toEqual([from, 'weight_map']);
  });
});
