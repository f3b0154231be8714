// What the user makes of a plan: types of tensors, steps back and forth, what is selected. Pure functions as tables.
import { describe, expect, it } from 'vitest';
import type { TensorTypeView } from '../../src/protocol/requantize.ts';
import { FIRST_STEPS, recipeKey, redo, step, undo, type Steps } from '../../webview/requantize/draft.ts';
import { typeChoices } from '../../webview/requantize/map/typeChoices.ts';
import { layersText, parseLayers } from '../../webview/requantize/options/layerList.ts';
import { metadataOverride } from '../../webview/requantize/options/metadataValue.ts';
import {
  assign,
  countOverrides,
  namedOverrides,
  NO_OVERRIDES,
  overridesOf,
} from '../../webview/requantize/overrides.ts';
import { changeSelection, describeSelection, rangesText } from '../../webview/requantize/selection.ts';

const type = (name: string, bitsPerWeight = 4.5): TensorTypeView => ({
  ...{ name, bitsPerWeight, blockWeights: 256, needsImatrix: false },
});
const TYPES = [type('Q8_0', 8.5), type('Q6_K', 6.5625), type('Q4_K')];
const NAMES = ['token_embd.weight', 'blk.0.attn_q.weight', 'blk.0.ffn_down.weight', 'output.weight'];
const rowOfName = new Map(NAMES.map((name, row) => [name, row]));

describe('types of single tensors', () => {
  it('are given to rows, and the rows before stay as they were', () => {
    const first = assign(NO_OVERRIDES, [1, 2], 0);
    const second = assign(first, [2, 3], 1);
    expect(namedOverrides(first, NAMES, TYPES)).toEqual([
      { type: 'Q8_0', names: ['blk.0.attn_q.weight', 'blk.0.ffn_down.weight'] },
    ]);
    expect(namedOverrides(second, NAMES, TYPES)).toEqual([
      { type: 'Q8_0', names: ['blk.0.attn_q.weight'] },
      { type: 'Q6_K', names: ['blk.0.ffn_down.weight', 'output.weight'] },
    ]);
  });

  it('go back to the rules', () => {
    const given = assign(NO_OVERRIDES, [1, 2], 2);
    expect(countOverrides(assign(given, [2], null))).toBe(1);
    expect(countOverrides(assign(given, [0, 1, 2, 3], null))).toBe(0);
  });

  it('that change nothing are the same object, so that there is no step to undo', () => {
    const given = assign(NO_OVERRIDES, [1], 2);
    expect(assign(given, [1], 2)).toBe(given);
    expect(assign(given, [0, 3], null)).toBe(given);
    expect(assign(given, [], 0)).toBe(given);
  });

  it('are found again by name; what the model does not have is counted', () => {
    const { overrides, lost } = overridesOf(
      [
        { type: 'Q6_K', names: ['output.weight', 'blk.9.attn_q.weight'] },
        { type: 'Q9_9', names: ['token_embd.weight'] },
      ],
      rowOfName,
      TYPES,
    );
    expect(namedOverrides(overrides, NAMES, TYPES)).toEqual([{ type: 'Q6_K', names: ['output.weight'] }]);
    expect(lost).toBe(2);
  });

  it('of sixty thousand tensors are given at once', () => {
    const all = assign(NO_OVERRIDES, Array.from({ length: 60_000 }).keys(), 1);
    expect(countOverrides(all)).toBe(60_000);
  });
});

describe('steps', () => {
  const { now } = FIRST_STEPS;
  const to = (steps: Steps, name: string): Steps =>
    step(steps, { ...steps.now, options: { ...steps.now.options, type: name } }) ?? steps;
  const types = (steps: Steps | null): string | undefined => steps?.now.options.type;

  it('lead back and forth', () => {
    const third = to(to(to(FIRST_STEPS, 'Q8_0'), 'Q6_K'), 'Q4_K_M');
    const back = undo(undo(third)!)!;
    expect([types(third), types(undo(third)), types(back)]).toEqual(['Q4_K_M', 'Q6_K', 'Q8_0']);
    expect([types(redo(back)), types(redo(redo(back)!))]).toEqual(['Q6_K', 'Q4_K_M']);
    expect(redo(third)).toBeNull();
    expect(undo(FIRST_STEPS)).toBeNull();
  });

  it('that are new end what was undone', () => {
    const changed = to(undo(to(FIRST_STEPS, 'Q8_0'))!, 'Q2_K');
    expect(redo(changed)).toBeNull();
    expect(types(undo(changed))).toBe('');
  });

  it('are none where nothing changes', () => {
    expect(step(FIRST_STEPS, { ...now })).toBeNull();
    expect(step(FIRST_STEPS, { ...now, options: { ...now.options } })).toBeNull();
    expect(step(FIRST_STEPS, { ...now, output: '/x.gguf' })).not.toBeNull();
  });

  it('are a hundred at most', () => {
    let steps = FIRST_STEPS;
    for (let index = 0; index < 150; index++) steps = to(steps, `type ${index}`);
    expect(steps.before).toHaveLength(100);
    expect(types(undo(steps))).toBe('type 148');
  });

  it('recipes with their fields in another order are equal', () => {
    const { type: name, ...rest } = { ...now.options, overrides: [] };
    expect(recipeKey({ type: name, ...rest })).toBe(recipeKey({ ...rest, type: name }));
    expect(recipeKey({ ...rest, type: 'Q4_0' })).not.toBe(recipeKey({ ...rest, type: name }));
  });
});

describe('a selection', () => {
  it.each([
    ['replace', [1, 2], [5], [5]],
    ['add', [1, 2], [2, 5], [1, 2, 5]],
    ['toggle', [1, 2], [2], [1]],
    ['toggle', [1, 2], [5], [1, 2, 5]],
    ['toggle', [1, 2], [2, 5], [1, 2, 5]],
    ['toggle', [1, 2], [], [1, 2]],
  ] as const)('%s %j with %j is %j', (mode, before, rows, after) => {
    expect([...changeSelection(new Set(before), [...rows], mode)]).toEqual(after);
  });

  it.each([
    [[1, 2], 'ffn_down, layers 0–1'],
    [[1], 'ffn_down, layer 0'],
    [[0], 'output'],
    [[1, 3], 'ffn_down, attn_q, layer 0'],
  ])('%j is called "%s"', (rows, text) => {
    const roles = ['output', 'ffn_down', 'ffn_down', 'attn_q'];
    const layers = [-1, 0, 1, 0];
    expect(
      describeSelection(
        new Set(rows),
        (row) => roles[row] ?? '',
        (row) => layers[row] ?? -1,
      ),
    ).toBe(text);
  });

  it.each([
    [[0, 1, 2, 5], '0–2, 5'],
    [[3], '3'],
    [[0, 2, 4, 6, 8, 10], '0, 2, 4, 6, …'],
  ])('layers %j are "%s"', (layers, text) => expect(rangesText(layers)).toBe(text));
});

describe('the toolbar', () => {
  it('has the usual types under the digits from few bits to many, the others in the menu', () => {
    const names = ['F32', 'F16', 'Q8_0', 'Q6_K', 'Q5_K', 'Q5_1', 'Q4_K', 'IQ4_XS', 'Q3_K', 'Q2_K', 'TQ1_0'];
    const { usual, others } = typeChoices(names.map((name) => type(name)));
    expect(usual.map(({ key, type: { name } }) => `${key} ${name}`)).toEqual([
      ...['1 Q2_K', '2 Q3_K', '3 IQ4_XS', '4 Q4_K', '5 Q5_K', '6 Q6_K', '7 Q8_0', '8 F16', '9 F32'],
    ]);
    expect(others.map(({ type: { name } }) => name)).toEqual(['Q5_1', 'TQ1_0']);
    for (const { type: own, index } of [...usual, ...others]) expect(names[index]).toBe(own.name);
  });
});

describe('layers to leave out', () => {
  const layers = new Set([0, 1, 2, 3, 4, 5]);
  it.each([
    ['', []],
    ['3', [3]],
    ['5, 1-2', [1, 2, 5]],
    ['1–2 1', [1, 2]],
    ['x', '“x” is no layer; write 3, 7-9.'],
    ['4-2', '“4-2” ends before it begins.'],
    ['4-7', 'There is no layer 6.'],
    ['0-5', 'A layer at least must stay.'],
    ['0-999999', 'There is no layer 6.'],
  ])('"%s" are %j', (text, parsed) => expect(parseLayers(text, layers)).toEqual(parsed));

  it('are written as they are read', () => {
    expect(layersText([1, 2, 3, 5])).toBe('1-3, 5');
    expect(parseLayers(layersText([0, 1, 4]), layers)).toEqual([0, 1, 4]);
  });
});

describe('a value of the header', () => {
  const NO_WHOLE_NUMBER = 'is no whole number from 0 to 4,294,967,295, which is what llama.cpp writes.';
  it.each([
    ['general.name', 'str', 'A name', { key: 'general.name', type: 'str', value: 'A name' }],
    [' a.b ', 'int', ' 8192 ', { key: 'a.b', type: 'int', value: 8192 }],
    ['a.b', 'int', '4294967295', { key: 'a.b', type: 'int', value: 4294967295 }],
    ['a.b', 'int', '-3', `“-3” ${NO_WHOLE_NUMBER}`],
    ['a.b', 'int', '4294967296', `“4294967296” ${NO_WHOLE_NUMBER}`],
    ['a.b', 'float', '1e-5', { key: 'a.b', type: 'float', value: 1e-5 }],
    ['a.b', 'bool', 'true', { key: 'a.b', type: 'bool', value: true }],
    ['', 'str', 'x', 'Write the key, such as general.name.'],
    ['a.b', 'int', '1.5', `“1.5” ${NO_WHOLE_NUMBER}`],
    ['a.b', 'float', '', '“” is no number that a float32 can hold.'],
    ['a.b', 'float', '1e39', '“1e39” is no number that a float32 can hold.'],
    ['a.b', 'bool', 'yes', 'Write true or false.'],
    ['é'.repeat(64), 'str', 'x', 'A key has at most 127 bytes.'],
    ['a.b', 'str', 'é'.repeat(64), 'A text has at most 127 bytes; this one has 128.'],
  ] as const)('%s as %s "%s" is %j', (key, kind, text, expected) =>
    expect(metadataOverride(key, kind, text)).toEqual(expected),
  );
});
