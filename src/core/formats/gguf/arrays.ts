// Items of a GGUF array, decoded when somebody looks at them: by position, or by what they say.
import { NEVER_CANCELLED, type CancelSignal } from '../../base/cancel.ts';
import { cancelled } from '../../base/failure.ts';
import type { ByteSource } from '../byteSource.ts';
import type { ArrayRef } from '../model.ts';
import { HeaderDamage, HeaderWindow, type Encoding } from './headerWindow.ts';
import { MAX_NAME_BYTES } from './limits.ts';
import { measureArray, NUMBER_FORMATS } from './values.ts';

export interface ArrayItem {
  readonly index: number;
  /** A 64-bit integer as bigint only beyond 2^53; an array in the array as what it is, unread. */
  readonly value: string | number | bigint | boolean | ArrayRef;
}

/**
 * Items first … first + count − 1, as many of them as there are.
 * @param source the file the array lies in @param encoding of that file
 */
export function readArrayItems(
  source: ByteSource,
  array: ArrayRef,
  encoding: Encoding,
  first: number,
  count: number,
  signal: CancelSignal = NEVER_CANCELLED,
): ArrayItem[] {
  const items: ArrayItem[] = [];
  const end = Math.min(first + count, array.count);
  if (first < 0 || first >= end) return items;
  forEachItem(source, array, encoding, first, signal, (item) => items.push(item) < end - first);
  return items;
}

/**
 * Items whose text contains `query`, whatever its case, or whose position it is; the first `most` of them.
 * @param source the file the array lies in @param encoding of that file
 */
export function searchArrayItems(
  source: ByteSource,
  array: ArrayRef,
  encoding: Encoding,
  query: string,
  most: number,
  signal: CancelSignal = NEVER_CANCELLED,
): ArrayItem[] {
  const hits: ArrayItem[] = [];
  const wanted = query.toLowerCase();
  const position = /^\d{1,15}$/.test(query) ? Number(query) : -1;
  if (most <= 0) return hits;
  forEachItem(source, array, encoding, 0, signal, (item) => {
    const isHit = item.index === position || contains(item.value, wanted);
    return !isHit || hits.push(item) < most;
  });
  return hits;
}

const contains = (value: ArrayItem['value'], wanted: string): boolean =>
  typeof value !== 'object' && String(value).toLowerCase().includes(wanted);

/** How often a loop over items asks whether it is still wanted. */
const ITEMS_BETWEEN_CHECKS = 4096;

/** Hands out the items from `first` on until `visit` says false. */
function forEachItem(
  source: ByteSource,
  array: ArrayRef,
  encoding: Encoding,
  first: number,
  signal: CancelSignal,
  visit: (item: ArrayItem) => boolean,
): void {
  const window = new HeaderWindow(source, encoding, signal);
  try {
    const read = seek(window, source, array, encoding, first, signal);
    for (let index = first; index < array.count; index += 1) {
      if (index % ITEMS_BETWEEN_CHECKS === 0 && signal.aborted) throw cancelled();
      if (!visit({ index, value: read() })) return;
    }
  } catch (error) {
    // The header was whole when it was read: the file has changed since. The items up to here are what there is.
    if (!(error instanceof HeaderDamage)) throw error;
  }
}

/** Puts the window before item `first` and returns what reads one item after the other. */
function seek(
  window: HeaderWindow,
  source: ByteSource,
  array: ArrayRef,
  encoding: Encoding,
  first: number,
  signal: CancelSignal,
): () => ArrayItem['value'] {
  const { itemType, byteOffset, file } = array;
  if (itemType === 'string') {
    const marks = stringMarks(source, array, encoding, signal);
    const mark = Math.floor(first / STRINGS_PER_MARK);
    window.position = marks[mark] ?? byteOffset;
    window.skipStrings(first - mark * STRINGS_PER_MARK, 'the array');
    return () => readString(window);
  }
  window.position = byteOffset;
  if (itemType === 'array') {
    for (let index = 0; index < first; index += 1) measureArray(window, 'the array', file, 2);
    return () => measureArray(window, 'the array', file, 2);
  }
  if (itemType === 'json') throw new TypeError('A GGUF array has no items of type json.');
  const { bytes, read } = NUMBER_FORMATS[itemType];
  window.position += first * bytes;
  return () => window.number(bytes, read);
}

/** Of a longer item the beginning: nobody reads a token of 64 kB, and a search would decode it each time. */
function readString(window: HeaderWindow): string {
  const length = Number(window.size());
  const end = window.position + length;
  const text = window.itemText(Math.min(length, MAX_NAME_BYTES));
  window.position = end;
  return text;
}

/** Every so many strings their position is kept: the way to any string is then short, and 262,144 tokens cost 2 kB. */
const STRINGS_PER_MARK = 1024;

/** Marks of the arrays that were looked at; they go with the model that holds the arrays. */
const marksOfArrays = new WeakMap<ArrayRef, Float64Array>();

function stringMarks(
  source: ByteSource,
  array: ArrayRef,
  encoding: Encoding,
  signal: CancelSignal,
): Float64Array {
  const known = marksOfArrays.get(array);
  if (known !== undefined) return known;
  const marks = new Float64Array(Math.ceil(array.count / STRINGS_PER_MARK));
  const window = new HeaderWindow(source, encoding, signal);
  window.position = array.byteOffset;
  for (let mark = 0; mark < marks.length; mark += 1) {
    marks[mark] = window.position;
    window.skipStrings(Math.min(STRINGS_PER_MARK, array.count - mark * STRINGS_PER_MARK), 'the array');
  }
  marksOfArrays.set(array, marks);
  return marks;
}
