// Split models: any file of one opens all of them, and what does not fit together is said.
import { describe, expect, it } from 'vitest';
import { NEVER_CANCELLED } from '../../../src/core/base/cancel.ts';
import { notReadable } from '../../../src/core/base/failure.ts';
import { MAX_PROBLEMS_PER_CODE } from '../../../src/core/base/problem.ts';
import { memorySource, type ModelFolder } from '../../../src/core/formats/byteSource.ts';
import { openGguf, shardNames } from '../../../src/core/formats/gguf/openGguf.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { ggufBytes, text, uint32, type EntrySpec, type GgufSpec } from '../../support/ggufWriter.ts';

const NAMES = ['m-00001-of-00003.gguf', 'm-00002-of-00003.gguf', 'm-00003-of-00003.gguf'];

/** A model in three files as llama-gguf-split writes them: the metadata in the first, a tensor in each. */
function shard(index: number, change: Partial<Record<'no' | 'count' | 'tensors', number>> = {}): GgufSpec {
  const split: EntrySpec[] = [
    { key: 'split.no', value: { type: 'uint16', value: change.no ?? index } },
    { key: 'split.count', value: { type: 'uint16', value: change.count ?? 3 } },
    { key: 'split.tensors.count', value: { type: 'int32', value: change.tensors ?? 3 } },
  ];
  const first = [
    { key: 'general.architecture', value: text('llama') },
    { key: 'general.name', value: text('Three parts') },
    { key: 'llama.block_count', value: uint32(3) },
  ];
  return {
    metadata: index === 0 ? [...first, ...split] : split,
    tensors: [{ name: `blk.${index}.attn_q.weight`, dims: [32, 32], type: 8 }],
  };
}

function openParts(specs: readonly (GgufSpec | null)[], opened = 0, names = NAMES): Opened {
  const files = new Map(
    specs.map((spec, index) => [names[index] ?? '', spec && memorySource(ggufBytes(spec))]),
  );
  const folder: ModelFolder = { open: (name) => files.get(name) ?? null };
  const name = names[opened] ?? '';
  const source = folder.open(name);
  if (source === null) throw new Error(`${name} is not there.`);
  return openGguf(source, name, folder);
}

const codes = ({ problems }: Opened): string[] => problems.map(({ code, file }) => `${code} ${file}`);
const whole = [shard(0), shard(1), shard(2)];

describe('a model in three files', () => {
  it.each([0, 1, 2])('opens as one from file %i', (opened) => {
    const { model, problems } = openParts(whole, opened);
    expect(problems).toEqual([]);
    expect(model).toMatchObject({ name: 'Three parts', architecture: 'llama' });
    expect(model?.files.map(({ name }) => name)).toEqual(NAMES);
    expect(model?.tensors.map(({ name, file }) => [name, file])).toEqual([
      ['blk.0.attn_q.weight', 0],
      ['blk.1.attn_q.weight', 1],
      ['blk.2.attn_q.weight', 2],
    ]);
  });

  it('shows what is there when one is missing, and names it', () => {
    const opened = openParts([shard(0), null, shard(2)]);
    expect(codes(opened)).toEqual(['shard-missing 1']);
    expect(opened.problems[0]?.text).toBe(
      'm-00002-of-00003.gguf is missing: part 2 of 3. Its tensors are not shown.',
    );
    expect(opened.model?.files[1]).toMatchObject({ name: NAMES[1], size: null });
    expect(opened.model?.tensors.map(({ file }) => file)).toEqual([0, 2]);
  });

  it('shows what is there when the first one is missing', () => {
    const opened = openParts([null, shard(1), shard(2)], 1);
    expect(codes(opened)).toEqual(['shard-missing 0']);
    expect(opened.model?.name).toBeNull();
    expect(opened.model?.tensors).toHaveLength(2);
  });

  it('shows what is there when one cannot be read', () => {
    const folder: ModelFolder = {
      open: (name) => {
        const index = NAMES.indexOf(name);
        if (index === 1) throw notReadable(name, 'permission denied');
        return memorySource(ggufBytes(shard(index)));
      },
    };
    const opened = openGguf(memorySource(ggufBytes(shard(0))), NAMES[0] ?? '', folder, NEVER_CANCELLED);
    expect(codes(opened)).toEqual(['file-unreadable 1']);
    expect(opened.model?.tensors).toHaveLength(2);
  });

  it('says of one that is a Git LFS pointer how to fetch it', () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 4920739232\n`;
    const folder: ModelFolder = {
      open: (name) =>
        memorySource(name === NAMES[2] ? Buffer.from(pointer) : ggufBytes(shard(NAMES.indexOf(name)))),
    };
    const opened = openGguf(memorySource(ggufBytes(shard(0))), NAMES[0] ?? '', folder);
    expect(codes(opened)).toEqual(['file-is-lfs-pointer 2']);
    expect(opened.model?.files[2]).toMatchObject({ expectedSize: 4920739232 });
  });

  it('shows what is there when one is no GGUF', () => {
    expect(codes(openParts([shard(0), { magic: 'oops' }, shard(2)]))).toEqual(['format-unknown 1']);
  });

  it.each<[string, GgufSpec[], string[]]>([
    [
      'another number in a file than in its name',
      [shard(0), shard(1, { no: 2 }), shard(2)],
      ['shard-mismatch 1'],
    ],
    [
      'another count in a file than in its name',
      [shard(0), shard(1), shard(2, { count: 5 })],
      ['shard-mismatch 2'],
    ],
    [
      'no word of a split in a file',
      [shard(0), { ...shard(1), metadata: [] }, shard(2)],
      ['shard-mismatch 1'],
    ],
    [
      'another number of tensors than promised',
      [shard(0, { tensors: 4 }), shard(1), shard(2)],
      ['shard-mismatch 0'],
    ],
    ['files of two versions', [shard(0), { ...shard(1), version: 2 }, shard(2)], ['shard-mismatch 1']],
    [
      'files of two byte orders',
      [shard(0), { ...shard(1), endianness: 'big' }, shard(2)],
      ['shard-mismatch 1'],
    ],
    [
      'a tensor in two files',
      [shard(0), { ...shard(1), tensors: shard(0).tensors ?? [] }, shard(2)],
      ['tensor-name-duplicate 1'],
    ],
  ])('reports %s', (_what, specs, expected) => {
    expect(codes(openParts(specs))).toEqual(expected);
  });
});

describe('names of split files', () => {
  it.each([
    ['model.gguf', null],
    ['model-00001-of-00001.gguf', 1],
    ['model-00002-of-00009.gguf', 9],
    ['MODEL-00002-of-00002.GGUF', 2],
    ['model-00003-of-00002.gguf', null],
    ['model-00000-of-00002.gguf', null],
    ['model-1-of-2.gguf', null],
    ['model-00001-of-99999.gguf', null],
  ])('%s', (name, count) => {
    const names = shardNames(name);
    expect(names?.length ?? null).toBe(count);
    if (names !== null) expect(names).toContain(name);
  });

  it.each([
    ['renamed.gguf', 'its name is not of the form'],
    ['m-00002-of-99999.gguf', 'the others are not looked for'],
  ])('that do not lead to the other parts are reported: %s', (name, why) => {
    const opened = openParts([shard(1)], 0, [name]);
    expect(codes(opened)).toEqual(['shard-mismatch 0']);
    expect(opened.problems[0]?.text).toContain(why);
  });

  it('that claim thousands of files name the first missing ones and count the others', () => {
    const { problems } = openParts([shard(0)], 0, ['m-00001-of-04096.gguf']);
    const missing = problems.filter(({ code }) => code === 'shard-missing');
    expect(missing.length).toBe(MAX_PROBLEMS_PER_CODE + 1);
    expect(missing.at(-1)?.text).toBe(
      `${(4095 - MAX_PROBLEMS_PER_CODE).toLocaleString('en')} more shards are missing.`,
    );
  });
});

it('stops when it is cancelled', () => {
  const source = memorySource(ggufBytes(shard(0)));
  expect(() => openGguf(source, 'm.gguf', { open: () => null }, { aborted: true })).toThrow('Cancelled.');
});
