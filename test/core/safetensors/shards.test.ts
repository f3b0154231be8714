// Several files as one model: through the index, from any shard, with what is missing named.
import { describe, expect, test } from 'vitest';
import { Failure, notReadable } from '../../../src/core/base/failure.ts';
import type { ModelFolder } from '../../../src/core/formats/byteSource.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { memoryFolder, writeSafetensors } from '../../support/safetensorsWriter.ts';

const vector = (name: string): Uint8Array =>
  writeSafetensors([{ name, dtype: 'F32', shape: [2] }], { format: 'pt' });
const FIRST = 'model-00001-of-00002.safetensors';
const SECOND = 'model-00002-of-00002.safetensors';
const INDEX = 'model.safetensors.index.json';
const index = (weightMap: object, totalSize = 16): string =>
  JSON.stringify({ metadata: { total_size: totalSize }, weight_map: weightMap });

const files = { [FIRST]: vector('a'), [SECOND]: vector('b'), [INDEX]: index({ b: SECOND, a: FIRST }) };
type Files = Readonly<Record<string, Uint8Array | string>>;
const without = (all: Files, name: string): Files =>
  Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));

/** "name@file state" of every tensor, and every problem as "code: text". */
function summary({ model, problems }: Opened): { tensors: string[]; problems: string[] } {
  return {
    tensors: (model?.tensors ?? []).map(({ name, file, state }) => `${name}@${file} ${state}`),
    problems: problems.map(({ code, file, text }) => `${code}@${file}: ${text}`),
  };
}
const open = (folder: Files, fileName: string): ReturnType<typeof summary> =>
  summary(openModel(memoryFolder(folder), fileName));

const whole = { tensors: ['a@0 whole', 'b@1 whole'], problems: [] };

describe('shards', () => {
  test.each([INDEX, FIRST, SECOND])('open as one model from %s', (fileName) => {
    expect(open(files, fileName)).toEqual(whole);
  });
  test('open without an index by their numbers', () => {
    expect(open(without(files, INDEX), SECOND)).toEqual(whole);
  });
  test('say the same metadata once', () => {
    const { model } = openModel(memoryFolder(files), FIRST);
    expect(model?.metadata.map(({ key, value }) => `${key}=${String(value)}`)).toEqual(['format=pt']);
    expect(model?.files.map(({ name }) => name)).toEqual([FIRST, SECOND]);
  });
  test('that are missing are named with what the index has in them', () => {
    expect(open(without(files, SECOND), FIRST)).toEqual({
      tensors: ['a@0 whole'],
      problems: [
        `shard-missing@1: ${SECOND} is missing from the folder. It holds 1 tensor of the index, not shown.`,
      ],
    });
    expect(open(without(without(files, INDEX), FIRST), SECOND)).toEqual({
      tensors: ['b@1 whole'],
      problems: [`shard-missing@0: ${FIRST} is missing from the folder. Its tensors are not shown.`],
    });
  });
  test('that are all missing leave no model', () => {
    const opened = openModel(memoryFolder({ [INDEX]: files[INDEX] ?? '' }), INDEX);
    expect(opened.model).toBeNull();
    expect(opened.problems.map(({ code }) => code)).toEqual(['shard-missing', 'shard-missing']);
  });
  test('that are Git LFS pointers are explained', () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 4920739232\n`;
    expect(open({ ...files, [SECOND]: pointer }, FIRST)).toEqual({
      tensors: ['a@0 whole'],
      problems: [
        `file-is-lfs-pointer@1: ${SECOND} is a Git LFS pointer to a file of 4.92 GB; fetch it with "git lfs pull".`,
      ],
    });
  });
  test('that cannot be read are problems, except the one asked for', () => {
    const memory = memoryFolder(files);
    const folder: ModelFolder = {
      open(name) {
        if (name === SECOND) throw notReadable(name, 'EACCES');
        return memory.open(name);
      },
    };
    expect(summary(openModel(folder, FIRST)).problems).toEqual([
      `file-unreadable@1: ${SECOND} cannot be read (EACCES).`,
    ]);
    expect(() => openModel(folder, SECOND)).toThrow(Failure);
  });
  test('with a tensor of the same name mark the later one', () => {
    const folder = { ...without(files, INDEX), [SECOND]: vector('a') };
    expect(open(folder, FIRST)).toEqual({
      tensors: ['a@0 whole', 'a@1 invalid'],
      problems: [`tensor-name-duplicate@1: "a" lies in ${FIRST} too.`],
    });
  });
  test('of a claimed number beyond any model are not looked for', () => {
    const name = 'model-00001-of-99999.safetensors';
    expect(open({ [name]: vector('a') }, name)).toEqual({
      tensors: ['a@0 whole'],
      problems: ['shard-mismatch@0: The name says 99,999 shards; only this one is read.'],
    });
  });
  test('of number 0 or beyond the count stand alone', () => {
    for (const name of ['model-00000-of-00002.safetensors', 'model-00003-of-00002.safetensors'])
      expect(open({ ...files, [name]: vector('c') }, name)).toEqual({ tensors: ['c@0 whole'], problems: [] });
  });
});

test('an index that cannot be read leaves the shards to their numbers', () => {
  const memory = memoryFolder(files);
  const folder: ModelFolder = {
    open(name) {
      if (name === INDEX) throw notReadable(name, 'EACCES');
      return memory.open(name);
    },
  };
  expect(summary(openModel(folder, FIRST))).toEqual({
    tensors: whole.tensors,
    problems: [`index-invalid@0: ${INDEX}: ${INDEX} cannot be read (EACCES).`],
  });
  expect(() => openModel(folder, INDEX)).toThrow(Failure);
});

describe('the index', () => {
  const withIndex = (text: string, fileName = INDEX): ReturnType<typeof summary> =>
    open({ ...files, [INDEX]: text }, fileName);

  test.each([
    '../a.safetensors',
    '/etc/a.safetensors',
    'C:\\a.safetensors',
    'sub/a.safetensors',
    '..',
    'config.json',
    '',
  ])('does not lead to "%s"', (name) => {
    const { tensors, problems } = withIndex(index({ a: FIRST, b: SECOND, c: name }));
    expect(tensors).toEqual(whole.tensors);
    expect(problems).toEqual([
      `index-invalid@0: ${INDEX}: "c" lies in "${name}", which is not the name of a file in this folder.`,
    ]);
  });
  test('that has a tensor in the wrong shard is told so', () => {
    expect(withIndex(index({ a: SECOND, b: SECOND, x: FIRST })).problems).toEqual([
      `index-mismatch@0: "a" lies in ${SECOND} by the index, but is in ${FIRST}.`,
      `index-mismatch@0: "x" lies in ${FIRST} by the index, but is not there.`,
    ]);
  });
  test('that leaves a tensor out is told so', () => {
    expect(withIndex(index({ a: FIRST, c: SECOND })).problems).toEqual([
      `index-mismatch@0: "b" lies in ${SECOND}, but the index does not name it.`,
      `index-mismatch@0: "c" lies in ${SECOND} by the index, but is not there.`,
    ]);
  });
  test('with another total size is told so', () => {
    expect(withIndex(index({ a: FIRST, b: SECOND }, 17)).problems).toEqual([
      'index-mismatch@0: The index says that all tensors have 17 bytes; they have 16.',
    ]);
  });
  test('with a tensor twice is told so', () => {
    const text = `{"weight_map":{"a":"${FIRST}","b":"${SECOND}","a":"${FIRST}"}}`;
    expect(withIndex(text)).toEqual({
      ...whole,
      problems: [`index-invalid@0: ${INDEX}: "a" stands in it twice.`],
    });
  });
  test('that breaks off is used as far as it goes', () => {
    const { tensors, problems } = withIndex(`{"weight_map":{"a":"${FIRST}",`);
    expect(tensors).toEqual(['a@0 whole']);
    expect(problems[0]).toContain('It is damaged at byte');
  });
  test('without a weight map leaves nothing to open', () => {
    const { model, problems } = openModel(memoryFolder({ ...files, [INDEX]: '{"weight_map":[]}' }), INDEX);
    expect(model).toBeNull();
    expect(problems.map(({ text }) => text)).toEqual([`${INDEX}: It has no "weight_map".`]);
    const empty = openModel(memoryFolder({ ...files, [INDEX]: '{"weight_map":{}}' }), INDEX);
    expect(empty.problems.map(({ text }) => text)).toEqual([`${INDEX}: Its "weight_map" names no tensor.`]);
  });
  test('that does not name the shard it lies beside is left aside', () => {
    const { tensors, problems } = withIndex(index({ c: 'other.safetensors' }), FIRST);
    expect(tensors).toEqual(whole.tensors);
    expect(problems).toEqual([
      `shard-mismatch@0: ${INDEX} does not name this file; the shards are found by their numbers.`,
    ]);
  });
  test('may have __proto__ as a tensor', () => {
    const text = `{"weight_map":{"a":"${FIRST}","b":"${SECOND}","__proto__":"${FIRST}"}}`;
    expect(withIndex(text).problems).toEqual([
      `index-mismatch@0: "__proto__" lies in ${FIRST} by the index, but is not there.`,
    ]);
  });
});
