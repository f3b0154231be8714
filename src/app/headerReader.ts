// Opens models and answers everything that needs their headers. Runs where waiting is allowed: a worker thread or a terminal.
import { gone, notFound } from '../core/base/failure.ts';
import { shorten, visibleBlock, visibleText } from '../core/base/visibleText.ts';
import { readArrayItems, searchArrayItems } from '../core/formats/gguf/arrays.ts';
import { meaningOf } from '../core/formats/gguf/vocabulary.ts';
import { isArrayRef, type ArrayRef, type Opened } from '../core/formats/model.ts';
import { openModel } from '../core/formats/openModel.ts';
import { MAX_ARRAY_PAGE, MAX_TEXT, type ArrayPage } from '../protocol/inspector.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import type { FileAccess, ModelReader } from './ports.ts';
import { valueText } from './present/metadataViews.ts';
import { present, type Presented } from './present/modelView.ts';
import { reportOf } from './present/report.ts';
import { tensorColumns } from './present/tensorColumns.ts';

/** Models kept parsed: one for each editor a person looks at in turn. */
const MAX_OPEN_MODELS = 6;
/** Hits counted by a search in an array; beyond it the page says "more than". */
const MAX_HITS = 10_000;
const MAX_ITEM_TEXT = 1000;

interface Entry {
  readonly stamp: string;
  /** The files whose change makes this entry stale. */
  readonly names: readonly string[];
  readonly opened: Opened;
  readonly presented: Presented;
}

export function createHeaderReader(files: FileAccess): ModelReader {
  const entries = new Map<string, Entry>();

  const entryOf = (path: string, signal: AbortSignal): Entry => {
    const known = entries.get(path);
    if (known !== undefined && known.stamp === files.stamp(path, known.names)) return known;
    const entry = files.withFolder(path, (folder, fileName): Entry => {
      const source = folder.open(fileName);
      if (source === null) throw notFound(fileName);
      const opened = openModel(folder, fileName, signal);
      const names = [...new Set([fileName, ...(opened.model?.files ?? []).map(({ name }) => name)])];
      const presented = present(fileName, source.size, opened);
      return { stamp: files.stamp(path, names), names, opened, presented };
    });
    entries.delete(path); // the newest stands last
    entries.set(path, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= MAX_OPEN_MODELS) break;
      entries.delete(oldest);
    }
    return entry;
  };
  const valueOf = (path: string, key: string, signal: AbortSignal) => {
    const { opened } = entryOf(path, signal);
    const metadata = opened.model?.metadata.find((item) => visibleText(item.key) === key || item.key === key);
    if (opened.model === null || metadata === undefined) throw gone(`The entry ${key}`);
    return { model: opened.model, metadata };
  };

  return {
    async open(path, signal) {
      return entryOf(path, signal).presented.snapshot;
    },
    async tensors(path, first, signal) {
      const { order, typeIndex } = entryOf(path, signal).presented;
      return tensorColumns(order.rows, first, typeIndex);
    },
    async metadataText(path, key, signal) {
      return shorten(visibleBlock(valueText(valueOf(path, key, signal).metadata.value)), MAX_TEXT);
    },
    async arrayPage(path, query, signal) {
      const { model, metadata } = valueOf(path, query.key, signal);
      const { value } = metadata;
      if (!isArrayRef(value)) throw gone(`The array ${query.key}`);
      return files.withFolder(path, (folder) => {
        const source = folder.open(model.files[value.file]?.name ?? '');
        if (source === null) throw notFound(model.files[value.file]?.name ?? query.key);
        const layout = { endianness: model.endianness, version: model.version ?? 3 };
        const items = (indexes: readonly number[], values: readonly unknown[]): ArrayPage['items'] =>
          indexes.map((index, at) => ({
            index,
            text: visibleText(shorten(itemText(values[at]), MAX_ITEM_TEXT)),
            meaning: meaningOf(metadata.key, values[at] as number),
          }));
        return query.query === ''
          ? pageOf(value, query, (first, count) => {
              const values = readArrayItems(source, value, layout, first, count, signal);
              return items(
                values.map((_value, at) => first + at),
                values,
              );
            })
          : (() => {
              const hits = searchArrayItems(source, value, layout, query.query, MAX_HITS, signal);
              const shown = hits.slice(query.first, query.first + Math.min(query.count, MAX_ARRAY_PAGE));
              return {
                total: value.count,
                matching: hits.length,
                matchingIsCapped: hits.length >= MAX_HITS,
                items: items(
                  shown.map(({ index }) => index),
                  shown.map((hit) => hit.value),
                ),
              };
            })();
      });
    },
    async report(path, format, signal) {
      const { opened, presented } = entryOf(path, signal);
      return reportOf(opened, presented, format);
    },
  };
}

function pageOf(
  array: ArrayRef,
  { first, count }: { readonly first: number; readonly count: number },
  read: (first: number, count: number) => ArrayPage['items'],
): ArrayPage {
  const from = Math.max(0, Math.min(first, array.count));
  const items = read(from, Math.min(count, MAX_ARRAY_PAGE, array.count - from));
  return { total: array.count, matching: array.count, matchingIsCapped: false, items };
}

const itemText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `array of ${(value as ArrayRef).count}` : String(value);
