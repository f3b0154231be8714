// Importance matrices as files: both formats, and files that only look like one.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/core/formats/byteSource.ts';
import { readSums } from '../../src/core/formats/imatrix/imatrix.ts';
import { openImatrix } from '../../src/core/formats/imatrix/openImatrix.ts';
import { sample } from '../support/engine.ts';
import { arrayOf, type GgufSpec, ggufBytes, text, uint32 } from '../support/ggufWriter.ts';
import { createRandom } from '../support/random.ts';

const [F32, F16] = [0, 1] as const;
const open = (bytes: Uint8Array) => openImatrix(memorySource(bytes), 'x.gguf');
const real = readFileSync(sample('sotu-5m.imatrix.gguf'));

describe('an importance matrix in GGUF', () => {
  it('has its tensors with counts and sums', () => {
    const { imatrix, problems } = open(real);
    expect(problems).toEqual([]);
    expect(imatrix).toMatchObject({
      format: 'gguf',
      datasets: ['corpus/sotu-calib.txt'],
      chunkCount: 100,
      chunkTokens: 256,
    });
    expect(imatrix!.entries.length).toBe(28);
    const [entry] = imatrix!.entries;
    expect(entry).toMatchObject({ name: 'blk.0.attn_k.weight', rowLength: 256, counts: [25_600] });
    const sums = readSums(memorySource(real), entry!);
    expect(sums.length).toBe(256);
    expect(sums.every((sum) => sum > 0)).toBe(true);
  });

  const METADATA = [
    { key: 'general.type', value: text('imatrix') },
    { key: 'imatrix.datasets', value: arrayOf('string', ['a.txt', 'b.txt']) },
    { key: 'imatrix.chunk_count', value: uint32(3) },
    { key: 'imatrix.chunk_size', value: uint32(512) },
  ];
  const tensor = (name: string, dims: number[], type: number = F32) => ({ name, dims, type });
  const written = (tensors: GgufSpec['tensors'], metadata = METADATA, spec: Partial<GgufSpec> = {}) =>
    ggufBytes({ metadata, tensors: tensors ?? [], ...spec });

  it('counts every expert by itself', () => {
    const { imatrix } = open(written([tensor('e.in_sum2', [64, 4]), tensor('e.counts', [1, 4])]));
    expect(imatrix).toMatchObject({
      datasets: ['a.txt', 'b.txt'],
      entries: [{ name: 'e', rowLength: 64, counts: [0, 0, 0, 0] }],
    });
  });

  const negative = written([tensor('e.in_sum2', [8]), tensor('e.counts', [1])]);
  new DataView(negative.buffer).setFloat32(negative.length - 32, -1, true);
  const bad: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      'a model',
      readFileSync(sample('sotu-5m-Q4_K_M.gguf')),
      /no importance matrix: it does not say imatrix\.chunk_size/,
    ],
    ['no tensors', written([]), /is empty/],
    ['sums without counts', written([tensor('e.in_sum2', [8])]), /e has sums without counts/],
    [
      'counts that do not divide the sums',
      written([tensor('e.in_sum2', [8]), tensor('e.counts', [1, 3])]),
      /8 sums for 3 counts/,
    ],
    ['other numbers', written([tensor('e.in_sum2', [8], F16), tensor('e.counts', [1])]), /not whole float32/],
    ['counts below zero', negative, /counts that are no counts/],
    [
      'too many experts',
      written([tensor('e.in_sum2', [100_000]), tensor('e.counts', [1, 100_000])]),
      /65,536 are read at most/,
    ],
    [
      'another byte order',
      written([tensor('e.in_sum2', [8]), tensor('e.counts', [1])], METADATA, { endianness: 'big' }),
      /big-endian/,
    ],
    ['half of the bytes', real.subarray(0, 20_000), /ends|missing|cut|bytes/],
  ];
  it.each(bad)('with %s is none', (_what, bytes, sentence) => {
    const { imatrix, problems } = open(bytes);
    expect(imatrix).toBeNull();
    expect(problems.find(({ severity }) => severity === 'error')?.text).toMatch(sentence);
  });
});

const int32 = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
const entry = (name: string, values: readonly number[], calls = 2): Buffer =>
  Buffer.concat([
    int32(Buffer.byteLength(name)),
    Buffer.from(name),
    int32(calls),
    int32(values.length),
    Buffer.from(Float32Array.from(values).buffer),
  ]);

describe('an importance matrix of the old format', () => {
  const two = Buffer.concat([int32(2), entry('blk.0.a', [1, 2, 3]), entry('blk.0.b', [4])]);
  it('has its tensors, with the number of chunks and the text or without', () => {
    expect(open(two)).toMatchObject({
      imatrix: { format: 'legacy', datasets: [], chunkCount: null, chunkTokens: null },
      problems: [],
    });
    const { imatrix } = open(Buffer.concat([two, int32(7), int32(3), Buffer.from('x.t')]));
    expect(imatrix).toMatchObject({ datasets: ['x.t'], chunkCount: 7 });
    expect(imatrix!.entries.map(({ name, rowLength, counts }) => [name, rowLength, counts])).toEqual([
      ['blk.0.a', 3, [2]],
      ['blk.0.b', 1, [2]],
    ]);
    expect([...readSums(memorySource(two), imatrix!.entries[0]!)]).toEqual([1, 2, 3]);
  });

  const bad: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['nothing', Buffer.alloc(0), /no importance matrix/],
    ['a text', Buffer.from('Fellow citizens of the Senate'), /no importance matrix/],
    ['no tensors', int32(0), /0 stands at byte 0/],
    ['too many tensors', int32(1e9), /1,000,000,000 stands at byte 0/],
    [
      'a name without end',
      Buffer.concat([int32(1), int32(2 ** 30), Buffer.alloc(99)]),
      /for the length of a name/,
    ],
    [
      'a negative length',
      Buffer.concat([int32(1), entry('a', [1]).fill(255, 9, 13)]),
      /for a number of values/,
    ],
    [
      'values beyond the file',
      Buffer.concat([int32(1), entry('a', [1, 2, 3])]).subarray(0, -1),
      /inside of tensor 1 of 1/,
    ],
    ['one tensor too few', Buffer.concat([int32(3), two.subarray(4)]), /ends inside/],
    ['one tensor twice', Buffer.concat([int32(2), entry('a', [1]), entry('a', [1])]), /"a" stands .* twice/],
  ];
  it.each(bad)('with %s is none', (_what, bytes, sentence) => {
    const { imatrix, problems } = open(bytes);
    expect(imatrix).toBeNull();
    expect(problems[0]?.text).toMatch(sentence);
  });

  it('with any byte changed is read or refused, and never throws', () => {
    const random = createRandom(20_261_121);
    const whole = Buffer.concat([two, int32(7), int32(3), Buffer.from('x.t')]);
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Buffer.from(round % 2 === 0 ? whole : real.subarray(0, 4000));
      for (let change = 0; change <= random.below(3); change += 1)
        bytes[random.below(bytes.length)] = random.below(256);
      const { imatrix, problems } = open(
        bytes.subarray(0, random.once(3) ? random.below(bytes.length) : bytes.length),
      );
      expect(imatrix === null).toBe(problems.some(({ severity }) => severity === 'error'));
    }
  });
});
