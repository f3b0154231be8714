// Opens models and answers everything that needs their headers. Runs where waiting is allowed: a worker thread or a terminal.
import { gone, notFound } from '../core/base/failure.ts';
import { shorten, visibleBlock, visibleText } from '../core/base/visibleText.ts';
import { isArrayRef, type Opened } from '../core/formats/model.ts';
import { MAX_TEXT } from '../protocol/inspector.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { arrayPage } from './arrayPages.ts';
import type { FileAccess, ModelReader } from './ports.ts';
import { headerNumbers } from './plan/headerNumbers.ts';
import { memoryVerdict } from './plan/memoryVerdict.ts';
import { planBasis } from './plan/planBasis.ts';
import { layerView } from './present/layerView.ts';
import { valueText } from './present/metadataViews.ts';
import { present, type Presented } from './present/modelView.ts';
import { partViews } from './present/partViews.ts';
import { reportOf } from './present/report.ts';
import { shownName, tensorColumns } from './present/tensorColumns.ts';
import { measurableModel } from './quality/measurableModel.ts';
import { openStamped } from './stampedModel.ts';

/** Models kept parsed: one for each editor a person looks at in turn. */
const MAX_OPEN_MODELS = 6;

interface Entry {
  readonly opened: Opened;
  readonly isStale: () => boolean;
  readonly presented: Presented;
}

export function createHeaderReader(files: FileAccess): ModelReader {
  const entries = new Map<string, Entry>();

  const entryOf = (path: string, signal: AbortSignal): Entry => {
    const known = entries.get(path);
    if (known !== undefined && !known.isStale()) return known;
    const { opened, fileBytes, isStale } = openStamped(files, path, signal);
    const entry: Entry = { opened, isStale, presented: present(path, fileBytes, opened) };
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
    async parts(path, name, signal) {
      const { rows } = entryOf(path, signal).presented.order;
      const row = rows.find(({ tensor }) => tensor.packed !== null && shownName(tensor.name) === name);
      return row === undefined ? [] : partViews(row.tensor);
    },
    async layer(path, storedName, signal) {
      const { model } = entryOf(path, signal).opened;
      return model === null ? null : layerView(model, storedName);
    },
    async metadataText(path, key, signal) {
      return shorten(visibleBlock(valueText(valueOf(path, key, signal).metadata)), MAX_TEXT);
    },
    async arrayPage(path, query, signal) {
      const { model, metadata } = valueOf(path, query.key, signal);
      const array = metadata.value;
      if (!isArrayRef(array)) throw gone(`The array ${query.key}`);
      const name = model.files[array.file]?.name ?? '';
      return files.withFolder(path, (folder) => {
        const source = folder.open(name);
        if (source === null) throw notFound(name);
        return arrayPage(source, model, array, query, signal);
      });
    },
    async report(path, format, signal) {
      const { opened, presented } = entryOf(path, signal);
      return reportOf(opened, presented, format);
    },
    async planBasis(path, signal) {
      const { model } = entryOf(path, signal).opened;
      return model === null
        ? { unavailable: 'There is no model in this file.' }
        : planBasis(model, headerNumbers(files, path, model));
    },
    async memoryVerdict(path, device, signal) {
      const { model } = entryOf(path, signal).opened;
      return model === null ? null : memoryVerdict(model, headerNumbers(files, path, model), device);
    },
    async measurable(path, signal) {
      const { opened } = entryOf(path, signal);
      return measurableModel(path, opened, (name) => files.stamp(path, [name]));
    },
  };
}
