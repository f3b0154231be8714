// What the header says of one tensor: what is refused stands beside what is accepted.
import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../src/core/base/problem.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { writeHeader } from '../../support/safetensorsWriter.ts';
import { codes, entry, open, states } from './opening.ts';

const one = (fields: object): Opened => open(writeHeader(`{"a":${entry(fields)}}`, 8));

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
    const opened = one(fields);
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
