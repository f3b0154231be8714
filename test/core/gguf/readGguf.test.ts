// What the reader accepts and what it says of everything else: each rejection beside an acceptance.
import { describe, expect, it } from 'vitest';
import { openGguf } from '../../../src/core/formats/gguf/openGguf.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { dumpOpened } from '../../support/ggufDump.ts';
import {
  arrayOf,
  ggufBytes,
  sparseSource,
  text,
  uint32,
  writeGguf,
  type GgufSpec,
  type TensorSpec,
  type ValueSpec,
} from '../../support/ggufWriter.ts';
import { codes, nothingElse, openBytes, openSpec as open } from './opening.ts';

const valueOf = (opened: Opened, key: string): unknown =>
  opened.model?.metadata.find((entry) => entry.key === key)?.value;

const withValue = (value: ValueSpec): GgufSpec => ({ metadata: [{ key: 'a.key', value }] });
const invalidUtf8 = new Uint8Array([0x66, 0xff, 0x6f]);

/** Everything a header can hold, small enough to be reviewed. */
const EVERYTHING: GgufSpec = {
  metadata: [
    { key: 'general.architecture', value: text('llama') },
    { key: 'general.name', value: text('Möbius ▁') },
    { key: 'general.file_type', value: uint32(15) },
    { key: 'a.uint8', value: { type: 'uint8', value: 255 } },
    { key: 'a.int8', value: { type: 'int8', value: -1 } },
    { key: 'a.uint16', value: { type: 'uint16', value: 65535 } },
    { key: 'a.int16', value: { type: 'int16', value: -2 } },
    { key: 'a.int32', value: { type: 'int32', value: -3 } },
    { key: 'a.float32', value: { type: 'float32', value: 0.5 } },
    { key: 'a.float64', value: { type: 'float64', value: 0.1 } },
    { key: 'a.bool', value: { type: 'bool', value: true } },
    { key: 'a.uint64', value: { type: 'uint64', value: 2n ** 53n - 1n } },
    { key: 'a.uint64.large', value: { type: 'uint64', value: 2n ** 64n - 1n } },
    { key: 'a.int64', value: { type: 'int64', value: -4 } },
    { key: 'a.int64.large', value: { type: 'int64', value: -(2n ** 62n) } },
    { key: 'an.array', value: arrayOf('float32', [1, 2, 3]) },
    { key: 'an.empty.array', value: arrayOf('string', []) },
    { key: 'tokenizer.ggml.tokens', value: arrayOf('string', ['<s>', '', '▁the']) },
    {
      key: 'arrays.in.arrays',
      value: arrayOf('array', [arrayOf('uint8', [1, 2]), arrayOf('string', ['x'])]),
    },
  ],
  tensors: [
    { name: 'token_embd.weight', dims: [256, 4], type: 12 },
    { name: 'blk.0.attn_norm.weight', dims: [256], type: 0 },
    { name: 'blk.0.ffn_up_exps.weight', dims: [32, 2, 3], type: 8 },
    { name: 'scalar', dims: [], type: 0 },
    { name: 'empty', dims: [0, 7], type: 1 },
  ],
};

describe('a good file', () => {
  it('is read whole', async () => {
    await expect(dumpOpened(open(EVERYTHING))).toMatchFileSnapshot('../../golden/gguf-everything.txt');
  });

  const little = open(EVERYTHING).model;
  for (const version of [1, 2, 3])
    for (const endianness of ['little', 'big'] as const)
      it(`says the same as version ${version}, ${endianness} endian`, () => {
        const { model, problems } = open({ ...EVERYTHING, version, endianness });
        expect(problems).toEqual([]);
        expect(model).toMatchObject({ version, endianness, name: 'Möbius ▁', architecture: 'llama' });
        expect(model?.tensors.map(({ name, byteLength }) => [name, byteLength])).toEqual(
          little?.tensors.map(({ name, byteLength }) => [name, byteLength]),
        );
        const scalars = (entries: typeof little): unknown =>
          entries?.metadata.filter(({ type }) => type !== 'array').map(({ key, value }) => [key, value]);
        expect(scalars(model)).toEqual(scalars(little));
      });

  it('may have no tensors', () => {
    const { model, problems } = open({ metadata: [{ key: 'general.type', value: text('vocab') }] });
    expect(problems).toEqual([]);
    expect(model?.tensors).toEqual([]);
  });

  it('may have no architecture', () => {
    expect(open({}).model).toMatchObject({ architecture: null, name: null });
  });

  it('may have another alignment', () => {
    const alignment = { key: 'general.alignment', value: uint32(4096) };
    const opened = open({ metadata: [alignment], tensors: manySmall, alignment: 4096 });
    expect(opened.problems).toEqual([]);
    expect(opened.model?.tensors.map(({ byteOffset }) => byteOffset)).toEqual([4096, 8192]);
  });

  it('is read without reading its data', () => {
    const { header, fileSize } = writeGguf({
      tensors: [{ name: 'large', dims: [2 ** 20, 2 ** 20], type: 1 }],
    });
    const source = sparseSource(header, fileSize);
    const reads: number[] = [];
    const counted = {
      ...source,
      read: (at: number, target: Uint8Array) => (reads.push(target.length), source.read(at, target)),
    };
    const { model, problems } = openGguf(counted, 'model.gguf', nothingElse);
    expect(problems).toEqual([]);
    expect(model?.tensors[0]).toMatchObject({ byteLength: 2 ** 41, state: 'whole' });
    expect(reads.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(128 * 1024);
  });
});

const manySmall: TensorSpec[] = [
  { name: 'a', dims: [4], type: 0 },
  { name: 'b', dims: [4], type: 0 },
];

describe('a file that is no GGUF', () => {
  it.each([
    ['nothing at all', new Uint8Array(0), 'file-empty'],
    ['another magic', ggufBytes({ magic: 'GGUf' }), 'format-unknown'],
    ['a magic that is cut', new Uint8Array([0x47, 0x47]), 'format-unknown'],
    ['no version', new Uint8Array([0x47, 0x47, 0x55, 0x46, 3]), 'header-truncated'],
    ['version 0', ggufBytes({ version: 0 }), 'gguf-version-unsupported'],
    ['version 4', ggufBytes({ version: 4 }), 'gguf-version-unsupported'],
  ])('with %s is refused with one problem', (_what, bytes, code) => {
    const opened = openBytes(bytes);
    expect(opened.model).toBeNull();
    expect(codes(opened)).toEqual([code]);
  });
});

describe('damage in the metadata', () => {
  const after = { key: 'after', value: uint32(7) };

  it.each<[string, GgufSpec, string]>([
    ['an empty key', { metadata: [{ key: '', value: uint32(1) }, after] }, 'gguf-key-invalid'],
    [
      'a key that is no UTF-8',
      { metadata: [{ key: invalidUtf8, value: uint32(1) }, after] },
      'gguf-key-invalid',
    ],
    ['a key twice', { metadata: [after, after] }, 'gguf-key-duplicate'],
    [
      'a text that is no UTF-8',
      { metadata: [{ key: 'a', value: text(invalidUtf8) }, after] },
      'gguf-value-invalid',
    ],
    [
      'a truth value of 2',
      { metadata: [{ key: 'a', value: { type: 7, bytes: new Uint8Array([2]) } }, after] },
      'gguf-value-invalid',
    ],
  ])('%s is reported and reading goes on', (_what, spec, code) => {
    const opened = open(spec);
    expect(codes(opened)).toEqual([code]);
    expect(valueOf(opened, 'after')).toBe(7);
  });

  it.each<[string, GgufSpec, string]>([
    ['a value type 13', withValue({ type: 13, bytes: new Uint8Array(8) }), 'gguf-value-invalid'],
    ['an array of type 13', withValue(arrayOf(13, [])), 'gguf-array-invalid'],
    [
      'a text longer than the file',
      withValue({ type: 'string', value: 'x', length: 1000 }),
      'header-truncated',
    ],
    [
      'a text longer than any',
      withValue({ type: 'string', value: 'x', length: 2n ** 63n }),
      'gguf-value-invalid',
    ],
    [
      'an array longer than the file',
      withValue({ ...arrayOf('uint8', [1]), count: 1000 }),
      'header-truncated',
    ],
    [
      'an array longer than any',
      withValue({ ...arrayOf('uint8', [1]), count: 2n ** 63n }),
      'gguf-array-invalid',
    ],
    [
      'strings without end',
      withValue({ ...arrayOf('string', ['a']), count: 2n ** 64n - 1n }),
      'gguf-array-invalid',
    ],
    ['arrays without end', withValue({ ...arrayOf('array', []), count: 2n ** 40n }), 'gguf-array-invalid'],
    [
      'a key longer than any',
      { metadata: [{ key: 'k'.repeat(65_536), value: uint32(1) }] },
      'gguf-key-invalid',
    ],
    [
      'arrays in arrays in arrays in arrays in arrays',
      withValue(
        arrayOf('array', [arrayOf('array', [arrayOf('array', [arrayOf('array', [arrayOf('uint8', [])])])])]),
      ),
      'gguf-array-invalid',
    ],
  ])('%s ends the reading, and what stands before is shown', (_what, spec, code) => {
    const metadata = [{ key: 'before', value: uint32(7) }, ...(spec.metadata ?? [])];
    const opened = open({ metadata, tensors: manySmall });
    expect(codes(opened)).toEqual([code]);
    expect(valueOf(opened, 'before')).toBe(7);
    expect(opened.model?.tensors).toEqual([]);
  });

  it('accepts arrays in arrays in arrays in arrays', () => {
    const deep = arrayOf('array', [arrayOf('array', [arrayOf('array', [arrayOf('uint8', [1])])])]);
    expect(open(withValue(deep)).problems).toEqual([]);
  });

  it('keeps of an endless text the beginning', () => {
    const opened = open({ metadata: [{ key: 'a', value: text('x'.repeat(5 * 2 ** 20)) }, after] });
    expect(codes(opened)).toEqual(['gguf-value-invalid']);
    expect(valueOf(opened, 'a')).toHaveLength(4 * 2 ** 20);
    expect(valueOf(opened, 'after')).toBe(7);
  });

  it('finds no property of all objects among the keys', () => {
    const opened = open({ metadata: [{ key: '__proto__', value: uint32(1) }, after] });
    expect(opened.problems).toEqual([]);
    expect(valueOf(opened, '__proto__')).toBe(1);
  });

  it.each<[string, ValueSpec, number]>([
    ['0', uint32(0), 1],
    ['not a power of two', uint32(48), 1],
    ['larger than any', uint32(2 ** 30), 1],
    ['not a uint32', { type: 'uint64', value: 32 }, 1],
    ['a text', text('32'), 1],
    ['the usual one', uint32(32), 0],
    ['a smaller power of two, which only the specification forbids', uint32(4), 1],
  ])('general.alignment that is %s', (_what, value, problems) => {
    const opened = open({
      metadata: [{ key: 'general.alignment', value }],
      tensors: manySmall.slice(0, 1),
      alignment: 'value' in value && value.value === 4 ? 4 : 32,
    });
    expect(codes(opened)).toEqual(Array.from({ length: problems }, () => 'gguf-alignment-invalid'));
    expect(opened.model?.tensors).toHaveLength(1);
  });
});

describe('counts that lie', () => {
  it.each<[string, GgufSpec]>([
    ['tensors', { tensorCount: 2n ** 64n - 1n }],
    ['keys', { keyCount: 2n ** 63n }],
    ['keys that nearly fit', { keyCount: 3 }],
  ])('%s: reading goes on to the end of the file', (_what, lie) => {
    const opened = open({ metadata: [{ key: 'before', value: uint32(7) }], ...lie });
    expect(codes(opened)).toEqual(['gguf-count-impossible', 'header-truncated']);
    expect(valueOf(opened, 'before')).toBe(7);
  });

  it('a header that goes on for ever is left at a limit', () => {
    const { header } = writeGguf({ tensorCount: 2n ** 40n });
    const opened = openGguf(sparseSource(header, 100e9), 'model.gguf', nothingElse);
    expect(codes(opened)).toContain('header-too-large');
    expect(opened.model?.tensors).toHaveLength(262_144);
    expect(opened.problems.length).toBeLessThan(200);
  });

  it('an array of a hundred billion empty strings is left at a limit', () => {
    const { header } = writeGguf(withValue({ ...arrayOf('string', []), count: 3e7 }));
    expect(codes(openGguf(sparseSource(header, 240e6 + 64), 'model.gguf', nothingElse))).toEqual([]);
    const { header: longer } = writeGguf(withValue({ ...arrayOf('string', []), count: 1e10 }));
    expect(codes(openGguf(sparseSource(longer, 100e9), 'model.gguf', nothingElse))).toEqual([
      'gguf-array-invalid',
    ]);
  });
});
