// What the reader says of tensors: infos that contradict themselves, data that lies where it must not.
import { describe, expect, it } from 'vitest';
import type { Opened } from '../../../src/core/formats/model.ts';
import { ggufBytes, writeGguf, type GgufSpec, type TensorSpec } from '../../support/ggufWriter.ts';
import { codes, openBytes, openSpec as open } from './opening.ts';

const withTensor = (tensor: Partial<TensorSpec>): GgufSpec => ({
  tensors: [{ name: 'output.weight', dims: [256, 2], type: 12, ...tensor }],
});
const invalidUtf8 = new Uint8Array([0x66, 0xff, 0x6f]);

describe('damage in the tensor infos', () => {
  it.each<[string, Partial<TensorSpec>, string[], string]>([
    ['a whole row of blocks', {}, [], 'whole'],
    ['a row that ends inside a block', { dims: [255, 2] }, ['gguf-row-not-blocks'], 'invalid'],
    ['no name', { name: '' }, ['tensor-name-invalid'], 'whole'],
    ['a name of 63 bytes', { name: 'n'.repeat(63) }, [], 'whole'],
    ['a name of 64 bytes', { name: 'n'.repeat(64) }, ['tensor-name-invalid'], 'whole'],
    ['a name that is no UTF-8', { name: invalidUtf8 }, ['tensor-name-invalid'], 'whole'],
    ['4 dimensions', { dims: [256, 2, 1, 1] }, [], 'whole'],
    ['5 dimensions', { dims: [256, 2, 1, 1, 1] }, ['tensor-shape-invalid'], 'invalid'],
    [
      'a product beyond 2^53',
      { dims: [2 ** 32, 2 ** 32], byteLength: 64 },
      ['tensor-shape-invalid'],
      'invalid',
    ],
    ['a dimension beyond 2^53', { dims: [2n ** 63n], byteLength: 64 }, ['tensor-shape-invalid'], 'invalid'],
    [
      'more bytes than a number',
      { dims: [2 ** 52], type: 0, byteLength: 64 },
      ['tensor-shape-invalid'],
      'invalid',
    ],
    [
      'an offset beyond 2^53',
      { offset: 2n ** 63n, byteLength: -(2 ** 63) },
      ['tensor-offset-invalid'],
      'invalid',
    ],
    [
      'an offset that is exact only without the header',
      { offset: 2 ** 53 - 32, byteLength: -(2 ** 53) },
      ['tensor-offset-invalid'],
      'invalid',
    ],
    ['an offset of no multiple', { offset: 8 }, ['tensor-offset-invalid'], 'whole'],
  ])('%s', (_what, tensor, expected, state) => {
    const opened = open(withTensor(tensor));
    expect(codes(opened)).toEqual(expected);
    expect(opened.model?.tensors[0]?.state).toBe(state);
  });
});

describe('where the data lies', () => {
  const size = 288; // of a tensor of 2 blocks of Q4_K, and as much as 9 times the alignment
  const three = (second: Partial<TensorSpec> = {}): GgufSpec => ({
    tensors: ['first', 'second', 'third'].map((name) => ({
      name,
      dims: [256, 2],
      type: 12,
      ...(name === 'second' ? second : {}),
    })),
  });
  const states = ({ model }: Opened): unknown => model?.tensors.map(({ state }) => state);

  it('side by side is right', () => {
    const opened = open(three());
    expect(opened.problems).toEqual([]);
    expect(opened.model?.files[0]).toMatchObject({
      dataOffset: 160,
      expectedSize: 160 + 3 * size,
      size: 160 + 3 * size,
    });
  });

  it('without the padding of the last tensor is right too', () => {
    const spec = { tensors: [{ name: 'a', dims: [3], type: 0 }] };
    expect(openBytes(ggufBytes(spec).slice(0, -20)).problems).toEqual([]);
  });

  it('in a cut file is shown as far as it goes', () => {
    const opened = openBytes(ggufBytes(three()).slice(0, 160 + size + 1));
    expect(states(opened)).toEqual(['whole', 'cut', 'missing']);
    expect(codes(opened)).toEqual(['file-truncated', 'tensor-out-of-file']);
    expect(opened.problems.map(({ text: sentence }) => sentence)).toEqual([
      'The file ends after 449 bytes; the header promises 1.02 kB. Is the download complete?',
      '"second" is cut in the middle, 1 more tensor is missing. 1 tensor is whole.',
    ]);
  });

  it('in a file that ends with its header is missing', () => {
    expect(states(openBytes(writeGguf(three()).header))).toEqual(['missing', 'missing', 'missing']);
  });

  it('in a file whose header is cut is missing', () => {
    const { header } = writeGguf(three());
    const opened = openBytes(header.slice(0, -30));
    expect(states(opened)).toEqual(['missing', 'missing']);
    expect(codes(opened)).toEqual(['header-truncated']);
  });

  it('behind a damaged info is not known', () => {
    expect(states(open(three({ dimCount: 1000 })))).toEqual(['invalid']);
    expect(codes(open(three({ dimCount: 1000 })))).toEqual(['tensor-shape-invalid']);
  });

  it('inside another tensor is reported', () => {
    const opened = open(three({ offset: 64 }));
    expect(codes(opened)).toContain('tensor-overlap');
    expect(opened.problems[0]?.text).toBe('"second" begins at byte 224, inside "first", which ends at 448.');
  });

  it('with a hole before it is reported', () => {
    expect(codes(open(three({ offset: size + 32 })))).toEqual(['tensor-gap']);
    expect(open(three({ offset: size + 32 })).problems[0]?.text).toBe(
      '32 bytes before "second" belong to no tensor.',
    );
  });

  it('followed by something else is reported', () => {
    const bytes = ggufBytes(three());
    const longer = new Uint8Array(bytes.length + 100);
    longer.set(bytes);
    expect(codes(openBytes(longer))).toEqual(['trailing-bytes']);
  });

  it('with a name twice is reported', () => {
    const opened = open(three({ name: 'first' }));
    expect(codes(opened)).toEqual(['tensor-name-duplicate']);
    expect(states(opened)).toEqual(['whole', 'whole', 'whole']);
  });

  it('of an unknown type reaches to the next tensor', () => {
    const opened = open(three({ type: 139, byteLength: 640 }));
    expect(codes(opened)).toEqual(['type-unknown']);
    expect(opened.problems[0]?.text).toBe(
      '"second" has the type unknown (139). Type 139 is not one of llama.cpp v0.5.0. Ids from 100 on are private types of forks of llama.cpp, such as ik_llama.cpp.',
    );
    expect(opened.model?.tensors[1]).toMatchObject({ byteLength: 640, elementCount: 512, state: 'whole' });
  });

  it('of an unknown type at the end reaches to the end of the file', () => {
    const spec = { tensors: [{ name: 'a', dims: [10, 10], type: 4, byteLength: 96 }] };
    expect(open(spec).model?.tensors[0]).toMatchObject({ byteLength: 96, state: 'whole' });
    const empty = { tensors: [{ name: 'a', dims: [10, 10], type: 4, byteLength: 0 }] };
    expect(open(empty).model?.tensors[0]).toMatchObject({ byteLength: 0, state: 'missing' });
  });
});
