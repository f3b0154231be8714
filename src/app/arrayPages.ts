// Pages of an array of the metadata: items by position, or those that a search finds.
import { shorten, visibleText } from '../core/base/visibleText.ts';
import type { CancelSignal } from '../core/base/cancel.ts';
import type { ByteSource } from '../core/formats/byteSource.ts';
import { readArrayItems, searchArrayItems, type ArrayItem } from '../core/formats/gguf/arrays.ts';
import { meaningOf } from '../core/formats/gguf/vocabulary.ts';
import type { ArrayRef, Model } from '../core/formats/model.ts';
import { MAX_ARRAY_PAGE, type ArrayPage, type ArrayPageQuery } from '../protocol/inspector.ts';

/** Hits counted by a search; beyond it the page says "more than". */
const MAX_HITS = 10_000;
const MAX_ITEM_TEXT = 1000;

/** @param query first and count are clamped to the array and to MAX_ARRAY_PAGE. */
export function arrayPage(
  source: ByteSource,
  model: Model,
  array: ArrayRef,
  query: ArrayPageQuery,
  signal: CancelSignal,
): ArrayPage {
  const layout = { endianness: model.endianness, version: model.version ?? 3 };
  const first = Math.max(0, Math.trunc(query.first));
  const count = Math.max(0, Math.min(Math.trunc(query.count), MAX_ARRAY_PAGE));
  const shown = (items: readonly ArrayItem[]): ArrayPage['items'] =>
    items.map(({ index, value }) => ({
      index,
      text: visibleText(shorten(itemText(value), MAX_ITEM_TEXT)),
      meaning: typeof value === 'object' ? '' : meaningOf(query.key, value),
    }));
  if (query.query !== '') {
    const hits = searchArrayItems(source, array, layout, query.query, MAX_HITS, signal);
    return {
      total: array.count,
      matching: hits.length,
      matchingIsCapped: hits.length >= MAX_HITS,
      items: shown(hits.slice(first, first + count)),
    };
  }
  const items = readArrayItems(source, array, layout, first, Math.min(count, array.count - first), signal);
  return { total: array.count, matching: array.count, matchingIsCapped: false, items: shown(items) };
}

const itemText = (value: ArrayItem['value']): string =>
  typeof value === 'object' ? `array of ${value.count}` : String(value);
