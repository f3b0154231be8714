// Every check of the header of a single file: what is refused stands beside what is accepted.
import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../src/core/base/problem.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { writeHeader, writeSafetensors } from '../../support/safetensorsWriter.ts';
import { codes, entry, open, states } from './opening.ts';

describe('a sound file', () => {
  test('has no problems and keeps order, shapes and positions', () => {
    const file = writeSafetensors(
      [
        { name: 'model.layers.0.mlp.up_proj.weight', dtype: 'BF16', shape: [3, 4] },
        { name: 'model.norm.weight', dtype: 'F32', shape: [4] },
      ],
      { format: 'pt' },
    );
    const { model, problems } = open(file);
    expect(problems).toEqual([]);
    const dataOffset = model?.files[0]?.dataOffset ?? 0;
    expect(dataOffset).toBe(file.length - 40);
    expect(model?.files).toEqual([
      { name: 'm.safetensors', size: file.length, dataOffset, expectedSize: file.length },
    ]);
    expect(
      model?.tensors.map(({ name, shape, scheme, byteOffset, byteLength, elementCount, state }) => {
        return [name, scheme.name, shape, elementCount, byteOffset - dataOffset, byteLength, state];
      }),
    ).toEqual([
      ['model.layers.0.mlp.up_proj.weight', 'BF16', [3, 4], 12, 0, 24, 'whole'],
      ['model.norm.weight', 'F32', [4], 4, 24, 16, 'whole'],
    ]);
    expect(model?.metadata).toEqual([
      { key: 'format', type: 'string', value: 'pt', source: 'header', byteOffset: 25 },
    ]);
  });

  test('may be empty, have scalars, empty tensors and types of less than a byte', () => {
    expect(open(writeHeader('{}')).problems).toEqual([]);
    expect(codes(open(writeHeader('{}', 8)))).toEqual(['trailing-bytes']);
    const odd = [
      { name: 'scalar', dtype: 'I64', shape: [] },
      { name: 'none', dtype: 'F32', shape: [0, 7] },
      { name: 'four', dtype: 'F4', shape: [3, 2] },
      { name: 'six', dtype: 'F6_E2M3', shape: [4] },
    ];
    const opened = open(writeSafetensors(odd));
    expect(opened.problems).toEqual([]);
    expect(opened.model?.tensors.map(({ byteLength }) => byteLength)).toEqual([8, 0, 3, 3]);
  });
});

describe('header length', () => {
  const good = writeSafetensors([{ name: 'a', dtype: 'F32', shape: [2] }]);
  const withLength = (length: bigint): Uint8Array => {
    const file = good.slice();
    new DataView(file.buffer).setBigUint64(0, length, true);
    return file;
  };
  test.each([
    { length: 0n, expected: 'safetensors-header-length' },
    { length: 1n, expected: 'safetensors-header-length' },
    { length: 100_000_001n, expected: 'safetensors-header-length' },
    { length: (1n << 64n) - 1n, expected: 'safetensors-header-length' },
    { length: BigInt(good.length), expected: 'safetensors-header-length' },
  ])('$length is reported, and the tensors are shown as far as the text says', ({ length, expected }) => {
    const opened = open(withLength(length));
    expect(codes(opened)).toContain(expected);
    expect(states(opened)).toEqual({ a: 'invalid' });
    expect(opened.model?.files[0]?.dataOffset).toBeNull();
  });
  test('a length shorter than the text breaks the text off there', () => {
    const opened = open(withLength(30n));
    expect(codes(opened)).toEqual(['safetensors-header-not-json', 'safetensors-header-length']);
  });
  test('a file of less than 8 bytes has no header', () => {
    const opened = open(Uint8Array.of(1, 2, 3));
    expect(opened.model).toBeNull();
    expect(codes(opened)).toEqual(['header-truncated']);
  });
});

describe('the text of the header', () => {
  const tensor = `"a":${entry({})}`;
  const data = 8;
  test.each<{ title: string; text: string; expected: ProblemCode[]; tensors: string[] }>([
    { title: 'white space between tokens is allowed', text: `{ ${tensor} \n}`, expected: [], tensors: ['a'] },
    {
      title: 'escaped names are names',
      text: `{${tensor.replace('"a"', '"\\u0061"')}}`,
      expected: [],
      tensors: ['a'],
    },
    {
      title: 'names beyond ASCII are names',
      text: `{${tensor.replace('"a"', '"é😀"')}}`,
      expected: [],
      tensors: ['é😀'],
    },
    {
      title: '__proto__ is a name like others',
      text: `{${tensor.replace('"a"', '"__proto__"')}}`,
      expected: [],
      tensors: ['__proto__'],
    },
    {
      title: 'constructor is a name like others',
      text: `{${tensor.replace('"a"', '"constructor"')}}`,
      expected: [],
      tensors: ['constructor'],
    },
    {
      title: 'a space before it is refused',
      text: ` {${tensor}}`,
      expected: ['safetensors-header-not-json'],
      tensors: [],
    },
    {
      title: 'something behind it is refused',
      text: `{${tensor}}x`,
      expected: ['safetensors-header-not-json', 'safetensors-header-length'],
      tensors: ['a'],
    },
    {
      title: 'a comma too many ends it',
      text: `{${tensor},}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a'],
    },
    {
      title: 'a missing colon ends it',
      text: `{${tensor},"b"{}}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a'],
    },
    {
      title: 'a bare word ends it',
      text: `{${tensor},b:1}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a'],
    },
    {
      title: 'a leading zero ends it',
      text: `{${tensor},"b":01}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a'],
    },
    {
      title: 'a zero before a zero ends it',
      text: `{${tensor},"b":00}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a'],
    },
    {
      title: 'a string without end ends it',
      text: `{${tensor},"b`,
      expected: ['safetensors-header-not-json', 'safetensors-header-length'],
      tensors: ['a'],
    },
    {
      title: 'deep nesting ends it',
      text: `{${tensor},"b":${'['.repeat(9000)}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a'],
    },
    {
      title: 'a control character in a name is reported',
      text: `{${tensor.replace('"a"', '"a\u0001"')}}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['a\u0001'],
    },
    {
      title: 'half a surrogate pair is reported',
      text: `{${tensor.replace('"a"', '"\\ud800"')}}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['\ud800'],
    },
    {
      title: 'an unknown escape is reported',
      text: `{${tensor.replace('"a"', '"\\x"')}}`,
      expected: ['safetensors-header-not-json'],
      tensors: ['\\x'],
    },
    {
      title: 'the same name twice is reported',
      text: `{${tensor},${tensor}}`,
      expected: ['safetensors-key-duplicate', 'tensor-overlap'],
      tensors: ['a', 'a'],
    },
    {
      title: 'the same name twice, once escaped, is reported',
      text: `{${tensor},"\\u0061":${entry({ shape: [0], data_offsets: [8, 8] })}}`,
      expected: ['safetensors-key-duplicate'],
      tensors: ['a', 'a'],
    },
  ])('$title', ({ text, expected, tensors }) => {
    const opened = open(writeHeader(text, data));
    expect(codes(opened)).toEqual(expected);
    expect(opened.model?.tensors.map(({ name }) => name) ?? []).toEqual(tensors);
  });

  test('bytes that are no UTF-8 are reported', () => {
    const text = new TextEncoder().encode(`{${tensor}}`);
    text[2] = 0xff;
    const opened = open(writeHeader(text, data));
    expect(codes(opened)).toEqual(['safetensors-header-not-json']);
    expect(opened.problems[0]?.byteOffset).toBe(10);
    expect(opened.model?.tensors[0]?.name).toBe('\ufffd');
  });
  test('damage is told with its byte, and what stands before it is kept', () => {
    const opened = open(writeHeader(`{${tensor},"b":?}`, data));
    const offset = 8 + `{${tensor},"b":`.length;
    expect(opened.problems[0]).toMatchObject({ byteOffset: offset });
    expect(opened.problems[0]?.text).toBe(
      `The header is damaged at byte ${offset}: a value is expected where there is "?". 1 tensor before it can be shown.`,
    );
    expect(states(opened)).toEqual({ a: 'whole' });
  });
});

describe('__metadata__', () => {
  const withTexts = (texts: string): Opened =>
    open(writeHeader(`{"__metadata__":${texts},"a":${entry({})}}`, 8));
  test.each<{ title: string; texts: string; expected: ProblemCode[]; keys: string[] }>([
    { title: 'of texts is kept', texts: '{"format":"pt","x":""}', expected: [], keys: ['format', 'x'] },
    {
      title: 'with a number leaves it out',
      texts: '{"n":1,"x":"y"}',
      expected: ['safetensors-metadata-invalid'],
      keys: ['x'],
    },
    {
      title: 'with an object leaves it out',
      texts: '{"n":{"x":"y"}}',
      expected: ['safetensors-metadata-invalid'],
      keys: [],
    },
    {
      title: 'that is a list is left out',
      texts: '["x"]',
      expected: ['safetensors-metadata-invalid'],
      keys: [],
    },
    {
      title: 'with a key twice is reported',
      texts: '{"x":"1","x":"2"}',
      expected: ['safetensors-key-duplicate'],
      keys: ['x', 'x'],
    },
    {
      title: 'with more keys than anybody reads is left aside from there on',
      texts: `{${Array.from({ length: 50_001 }, (_, key) => `"${key}":1`).join(',')}}`,
      expected: ['safetensors-metadata-invalid', 'header-too-large'],
      keys: [],
    },
    { title: 'with __proto__ is kept', texts: '{"__proto__":"x"}', expected: [], keys: ['__proto__'] },
  ])('$title', ({ texts, expected, keys }) => {
    const opened = withTexts(texts);
    expect(codes(opened)).toEqual(expected);
    expect(opened.model?.metadata.map(({ key }) => key)).toEqual(keys);
    expect(states(opened)).toEqual({ a: 'whole' });
  });
});

describe('a file that ends early', () => {
  const file = writeSafetensors([
    { name: 'a', dtype: 'F32', shape: [2] },
    { name: 'b', dtype: 'F32', shape: [2] },
    { name: 'c', dtype: 'F32', shape: [2] },
  ]);
  test('inside its data shows what is whole, cut and missing', () => {
    const opened = open(file.slice(0, -10));
    expect(states(opened)).toEqual({ a: 'whole', b: 'cut', c: 'missing' });
    expect(codes(opened)).toEqual(['file-truncated', 'tensor-out-of-file']);
    expect(opened.model?.files[0]?.expectedSize).toBe(file.length);
  });
  test('inside its header shows the tensors before the cut as missing', () => {
    const opened = open(file.slice(0, 100));
    expect(states(opened)).toEqual({ a: 'missing' });
    expect(codes(opened)).toEqual(['header-truncated']);
    expect(opened.problems[0]?.text).toMatch(/^The header is .* long, but the file ends after 100 bytes/);
  });
});
