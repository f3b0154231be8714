// Damage of every kind at every place: opening answers with problems, quickly and in little memory, and never throws.
import { describe, expect, test } from 'vitest';
import { memorySource, type ByteSource } from '../../../src/core/formats/byteSource.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import {
  hostileSafetensors,
  memoryFolder,
  writeHeader,
  writeSafetensors,
} from '../../support/safetensorsWriter.ts';

const SMALL = [
  writeSafetensors(
    [
      { name: 'model.layers.0.mlp.experts.3.up_proj.weight', dtype: 'BF16', shape: [3, 4] },
      { name: 'é\n', dtype: 'F4', shape: [2] },
    ],
    { format: 'pt' },
  ),
  writeHeader(
    '{"a":{"dtype":"F32","shape":[ 0 ],"data_offsets":[0,0]}, "b" : {"dtype":"U8","shape":[],"data_offsets":[0,1]}}',
    1,
  ),
];
const FLIPS = [0x00, 0x01, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x80, 0xff];
/** Far above what a small file needs, far below what would be felt. */
const MAX_BYTES_AT_ONCE = 64 << 20;

/** Opens a file whose reads are watched: how much memory is there for them at once? */
function openWatched(file: Uint8Array): ReturnType<typeof openModel> {
  const source = memorySource(file);
  let largest = 0;
  const watched: ByteSource = {
    size: source.size,
    read(offset, target) {
      largest = Math.max(largest, target.buffer.byteLength);
      return source.read(offset, target);
    },
  };
  const opened = openModel({ open: (name) => (name === 'm.safetensors' ? watched : null) }, 'm.safetensors');
  if (largest > MAX_BYTES_AT_ONCE) throw new Error(`${largest} bytes were allocated for one read.`);
  const astray = opened.problems.find(({ byteOffset, text }) => text === '' || (byteOffset ?? 0) < 0);
  if (astray !== undefined) throw new Error(`A problem has no text or place: ${JSON.stringify(astray)}`);
  return opened;
}

describe.each(SMALL.map((file, at) => ({ file, at })))('small file $at', ({ file }) => {
  test('is sound', () => {
    expect(openWatched(file).problems).toEqual([]);
  });
  test('cut at any byte opens with problems', () => {
    for (let length = 0; length < file.length; length += 1) {
      const { problems } = openWatched(file.slice(0, length));
      expect(problems.length, `cut to ${length} bytes`).toBeGreaterThan(0);
    }
  });
  test('with any byte changed opens', () => {
    const copy = file.slice();
    for (let at = 0; at < file.length; at += 1) {
      const before = copy[at] ?? 0;
      for (const byte of [...FLIPS, before ^ 0x01, before ^ 0x80]) {
        copy[at] = byte;
        openWatched(copy);
      }
      copy[at] = before;
    }
  });
});

test('two thousand hostile files open, each in less than a second', () => {
  const seed = 20_261_121;
  const random = mulberry32(seed);
  for (let round = 0; round < 2000; round += 1) {
    const file = hostileSafetensors(random);
    const start = performance.now();
    try {
      openWatched(file);
    } catch (error) {
      throw new Error(`Round ${round} of seed ${seed} failed.`, { cause: error });
    }
    if (performance.now() - start > 1000) throw new Error(`Round ${round} of seed ${seed} took a second.`);
  }
});

test('sixty thousand broken tensors are some fifty problems', () => {
  const members = Array.from({ length: 60_000 }, (_none, at) => `"t${at}":{"dtype":"F99","shape":[-1]}`);
  const { model, problems } = openModel(
    memoryFolder({ 'm.safetensors': writeHeader(`{${members.join(',')}}`) }),
    'm.safetensors',
  );
  expect(model?.tensors).toHaveLength(60_000);
  expect(problems.length).toBeLessThan(200);
  expect(problems.some(({ text }) => text.includes('not listed'))).toBe(true);
});

test('a header longer than what is read at once is read whole', () => {
  const tensors = Array.from({ length: 30_000 }, (_none, at) => {
    return {
      name: `model.layers.${at % 64}.mlp.experts.${at}.gate_proj.weight`,
      dtype: 'U8',
      shape: [at % 3],
    };
  });
  const texts = { long: 'é"'.repeat(200_000), other: 'x'.repeat(900_000) };
  const { model, problems } = openModel(
    memoryFolder({ 'm.safetensors': writeSafetensors(tensors, texts) }),
    'm.safetensors',
  );
  expect(problems).toEqual([]);
  expect(model?.tensors.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
  expect(model?.metadata.map(({ value }) => value)).toEqual([texts.long, texts.other]);
});

test('a text longer than what is read at once is cut, and what follows is read', () => {
  // Whatever lies on the border of two windows: a letter, half a letter, a backslash, the quote it escapes.
  for (const unit of ['é', '"', '"\\é']) {
    for (const shift of ['', 'y']) {
      const texts = { long: shift + unit.repeat(1_200_000), short: 'z' };
      const file = writeSafetensors([{ name: 'a', dtype: 'U8', shape: [1] }], texts);
      const { model, problems } = openModel(memoryFolder({ 'm.safetensors': file }), 'm.safetensors');
      expect(problems.map(({ severity, code }) => [severity, code])).toEqual([
        ['warning', 'header-too-large'],
      ]);
      expect(model?.metadata.map(({ key }) => key)).toEqual(['long', 'short']);
      expect(model?.tensors).toHaveLength(1);
    }
  }
});

test('reading stops when it is cancelled', () => {
  const tensors = Array.from({ length: 5000 }, (_none, at) => ({ name: `t${at}`, dtype: 'U8', shape: [1] }));
  const folder = memoryFolder({ 'm.safetensors': writeSafetensors(tensors) });
  expect(() => openModel(folder, 'm.safetensors', { aborted: true })).toThrow('Cancelled.');
});

/** A small seeded generator of numbers in [0, 1), by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
