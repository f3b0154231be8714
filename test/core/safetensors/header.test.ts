// Every check of a single safetensors file: what is refused stands beside what is accepted.
import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../src/core/base/problem.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { memoryFolder, writeHeader, writeSafetensors } from '../../support/safetensorsWriter.ts';

const open = (file: Uint8Array): Opened =>
  openModel(memoryFolder({ 'm.safetensors': file }), 'm.safetensors');
const codes = ({ problems }: Opened): ProblemCode[] => [...new Set(problems.map(({ code }) => code))];
const states = ({ model }: Opened): Record<string, string> =>
  Object.fromEntries((model?.tensors ?? []).map(({ name, state }) => [name, state]));

/** One F32 vector of 2 with these fields instead of its own. */
const entry = (fields: object): string =>
  JSON.stringify({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields });
const one = (fields: object, dataBytes = 8): Uint8Array => writeHeader(`{"a":${entry(fields)}}`, dataBytes);

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

describe('an entry', () => {
  test.each<{ title: string; fields: object; expected: ProblemCode[]; state: string }>([
    { title: 'that fits is whole', fields: {}, expected: [], state: 'whole' },
    {
      title: 'of another type that fits is whole',
      fields: { dtype: 'I64', shape: [1] },
      expected: [],
      state: 'whole',
    },
    {
      title: 'of an unknown type is shown',
      fields: { dtype: 'F99' },
      expected: ['type-unknown'],
      state: 'whole',
    },
    {
      title: 'with a type that is no text',
      fields: { dtype: 7 },
      expected: ['safetensors-entry-invalid'],
      state: 'invalid',
    },
    {
      title: 'without type',
      fields: { dtype: undefined },
      expected: ['safetensors-entry-invalid'],
      state: 'invalid',
    },
    {
      title: 'without shape',
      fields: { shape: undefined },
      expected: ['safetensors-entry-invalid'],
      state: 'invalid',
    },
    {
      title: 'without offsets',
      fields: { data_offsets: undefined },
      expected: ['safetensors-entry-invalid'],
      state: 'invalid',
    },
    {
      title: 'with an unknown field',
      fields: { extra: [1] },
      expected: ['safetensors-entry-invalid'],
      state: 'invalid',
    },
    {
      title: 'with a negative dimension',
      fields: { shape: [-2] },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with a broken dimension',
      fields: { shape: [2.5] },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with a text as dimension',
      fields: { shape: ['2'] },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with a dimension beyond 2^53',
      fields: { shape: [2 ** 53] },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with a product beyond 2^53',
      fields: { shape: [2 ** 32, 2 ** 32] },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with a product that wraps to 2 in 64 bits',
      fields: { shape: [2 ** 33 + 1, 2 ** 32, 2] },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with 65 dimensions',
      fields: { shape: Array.from({ length: 65 }, () => 1) },
      expected: ['tensor-shape-invalid'],
      state: 'invalid',
    },
    {
      title: 'with too few bytes',
      fields: { shape: [3] },
      expected: ['tensor-size-mismatch'],
      state: 'invalid',
    },
    {
      title: 'with too many bytes',
      fields: { shape: [1] },
      expected: ['tensor-size-mismatch'],
      state: 'invalid',
    },
    {
      title: 'of 4-bit weights that end inside a byte',
      fields: { dtype: 'F4', shape: [15] },
      expected: ['tensor-size-mismatch'],
      state: 'invalid',
    },
    {
      title: 'that ends before it begins',
      fields: { data_offsets: [8, 0] },
      expected: ['tensor-offset-invalid'],
      state: 'invalid',
    },
    {
      title: 'with one offset',
      fields: { data_offsets: [8] },
      expected: ['tensor-offset-invalid'],
      state: 'invalid',
    },
    {
      title: 'with three offsets',
      fields: { data_offsets: [0, 8, 8] },
      expected: ['tensor-offset-invalid'],
      state: 'invalid',
    },
    {
      title: 'with offsets beyond 2^53',
      fields: { data_offsets: [0, 2 ** 53 - 1] },
      expected: ['tensor-offset-invalid'],
      state: 'invalid',
    },
    {
      title: 'that reaches beyond the file',
      fields: { shape: [4], data_offsets: [0, 16] },
      expected: ['file-truncated', 'tensor-out-of-file'],
      state: 'cut',
    },
    {
      title: 'behind a hole',
      fields: { shape: [1], data_offsets: [4, 8] },
      expected: ['tensor-gap'],
      state: 'whole',
    },
    {
      title: 'before bytes of nobody',
      fields: { shape: [1], data_offsets: [0, 4] },
      expected: ['trailing-bytes'],
      state: 'whole',
    },
  ])('$title', ({ fields, expected, state }) => {
    const opened = open(one(fields));
    expect(codes(opened)).toEqual(expected);
    expect(states(opened)).toEqual({ a: state });
  });

  test('that is no object is reported, and the next one is read', () => {
    const opened = open(writeHeader(`{"a":[1],"b":${entry({})}}`, 8));
    expect(codes(opened)).toEqual(['safetensors-entry-invalid']);
    expect(states(opened)).toEqual({ a: 'invalid', b: 'whole' });
  });
  test('with a field twice is reported', () => {
    const text = `{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}`;
    expect(codes(open(writeHeader(text, 8)))).toEqual(['safetensors-entry-invalid']);
  });
  test('that overlaps another is reported with both names', () => {
    const text = `{"a":${entry({})},"b":${entry({ data_offsets: [4, 12] })}}`;
    const opened = open(writeHeader(text, 12));
    expect(codes(opened)).toEqual(['tensor-overlap']);
    expect(opened.problems[0]?.text).toMatch(/^"b" begins at byte .*, inside "a"/);
  });
  test('with a very long name is cut', () => {
    const opened = open(writeHeader(`{"${'n'.repeat(2_000_000)}":${entry({})}}`, 8));
    expect(codes(opened)).toEqual(['header-too-large', 'tensor-name-invalid']);
    expect(opened.model?.tensors[0]?.name).toHaveLength(4096);
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
