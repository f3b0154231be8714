// Items of arrays, wherever one looks in them.
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../src/core/formats/byteSource.ts';
import { readArrayItems, searchArrayItems } from '../../../src/core/formats/gguf/arrays.ts';
import { openGguf } from '../../../src/core/formats/gguf/openGguf.ts';
import { isArrayRef, type ArrayRef } from '../../../src/core/formats/model.ts';
import { arrayOf, ggufBytes, type ArraySpec, type GgufSpec } from '../../support/ggufWriter.ts';
import { watchedSource } from '../../support/watchedSource.ts';

const ENCODINGS = [1, 2, 3].flatMap((version) =>
  (['little', 'big'] as const).map((endianness) => ({ version, endianness })),
);

function arrayIn(array: ArraySpec, encoding: GgufSpec & (typeof ENCODINGS)[number]) {
  const source = memorySource(ggufBytes({ ...encoding, metadata: [{ key: 'a', value: array }] }));
  const value = openGguf(source, 'm.gguf', { open: () => null }).model?.metadata[0]?.value;
  if (value === undefined || !isArrayRef(value)) throw new Error('There is no array.');
  return { source, array: value };
}

const V3 = { version: 3, endianness: 'little' } as const;
const tokens = Array.from({ length: 5000 }, (_item, id) => `${'é'.repeat(id % 7)}${id}`);

describe.each(ENCODINGS)('version $version, $endianness endian', (encoding) => {
  it.each<[ArraySpec['itemType'], ArraySpec['items']]>([
    ['uint8', [0, 255]],
    ['int8', [-128, 127]],
    ['uint16', [65535]],
    ['int16', [-32768]],
    ['uint32', [4294967295]],
    ['int32', [-2147483648]],
    ['uint64', [7, 18446744073709551615n]],
    ['int64', [-7, -9223372036854775808n]],
    ['float32', [0.5, Infinity]],
    ['float64', [0.1]],
    ['bool', [true, false]],
    ['string', ['', 'ä', 'the']],
  ])('reads items of type %s', (itemType, items) => {
    const { source, array } = arrayIn(arrayOf(itemType, items), encoding);
    const read = readArrayItems(source, array, encoding, 0, 10);
    expect(read.map(({ value }) => value)).toEqual(items);
    expect(read.map(({ index }) => index)).toEqual([...items.keys()]);
  });

  it('reads any page of many strings', () => {
    const { source, array } = arrayIn(arrayOf('string', tokens), encoding);
    for (const first of [0, 1, 1023, 1024, 1025, 3000, 4998, 5000, 9000])
      expect(readArrayItems(source, array, encoding, first, 3).map(({ value }) => value)).toEqual(
        tokens.slice(first, first + 3),
      );
  });
});

describe('an array', () => {
  it('of arrays gives them unread', () => {
    const { source, array } = arrayIn(
      arrayOf('array', [arrayOf('uint8', [1, 2]), arrayOf('string', ['x'])]),
      V3,
    );
    const [first, second] = readArrayItems(source, array, V3, 0, 5).map(({ value }) => value as ArrayRef);
    expect([first?.count, second?.count]).toEqual([2, 1]);
    expect(second && readArrayItems(source, second, V3, 0, 5)).toEqual([{ index: 0, value: 'x' }]);
    expect(readArrayItems(source, array, V3, 1, 5)).toHaveLength(1);
  });

  it('gives the beginning of an endless item', () => {
    const { source, array } = arrayIn(arrayOf('string', ['x'.repeat(100_000), 'next']), V3);
    const [long, next] = readArrayItems(source, array, V3, 0, 2);
    expect(String(long?.value)).toHaveLength(65_535);
    expect(next?.value).toBe('next');
  });

  it('is read again near by without reading it whole', () => {
    const { source, array } = arrayIn(
      arrayOf(
        'string',
        Array.from({ length: 200_000 }, (_item, id) => `token ${id}`),
      ),
      V3,
    );
    readArrayItems(source, array, V3, 100_000, 1);
    const watched = watchedSource(source);
    expect(readArrayItems(watched, array, V3, 150_000, 1)[0]?.value).toBe('token 150000');
    expect(watched.bytesRead()).toBeLessThan(100_000);
  });

  it('in a file that became shorter gives what is left', () => {
    const { source, array } = arrayIn(arrayOf('string', tokens), V3);
    const bytes = new Uint8Array(array.byteOffset + 100);
    source.read(0, bytes);
    expect(readArrayItems(memorySource(bytes), array, V3, 0, 5000)).toEqual([]);
  });
});

describe('a search', () => {
  const { source, array } = arrayIn(arrayOf('string', ['The', 'other', 'ÄTHER', '12', 'x']), V3);
  const found = (query: string, most = 10): number[] =>
    searchArrayItems(source, array, V3, query, most).map(({ index }) => index);

  it.each([
    ['the', [0, 1, 2]],
    ['äth', [2]],
    ['12', [3]],
    ['4', [4]],
    ['99', []],
    ['', [0, 1, 2, 3, 4]],
  ])('for %j', (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  it('ends with the hits that were asked for', () => {
    expect(found('', 2)).toEqual([0, 1]);
    expect(found('', 0)).toEqual([]);
  });

  it('finds numbers by how they are written', () => {
    const numbers = arrayIn(arrayOf('int32', [10, -21, 7]), V3);
    expect(searchArrayItems(numbers.source, numbers.array, V3, '-2', 5)).toEqual([{ index: 1, value: -21 }]);
  });

  it('stops when it is cancelled', () => {
    expect(() => searchArrayItems(source, array, V3, 'x', 5, { aborted: true })).toThrow('Cancelled.');
  });
});
