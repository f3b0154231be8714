// The models that are to be quantized again, with what the page of each shows of it. Runs where waiting is allowed.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { Failure, messageOf, notFound } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Model } from '../../core/formats/model.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { ObstacleView, SourceView } from '../../protocol/requantize.ts';
import type { FileAccess } from '../ports.ts';
import { fileTypeName } from '../present/facts.ts';
import { type TableOrder, tableOrder } from '../present/tableOrder.ts';
import { totalsOf, type Totals } from '../present/totals.ts';
import { checkSource } from '../quantize/checkSource.ts';
import { filesOf } from '../quantize/dryRun.ts';

/** What every page of a model begins with. */
export interface SourceReading {
  readonly source: SourceView;
  readonly obstacle: ObstacleView | null;
  readonly isSplit: boolean;
  /** Of all tensors. */
  readonly parameterCount: number;
}

export interface SourceModel {
  readonly reading: SourceReading;
  readonly model: Model;
  readonly order: TableOrder;
  readonly totals: Totals;
}

export interface SourceModels {
  /** Reads it again when a file of it changed. @throws Failure where nothing can be read */
  reading(path: string): SourceReading;
  /** @throws Failure also where it must not be quantized */
  model(path: string): SourceModel;
}

/** Models kept parsed: one for each page a person looks at in turn. */
const MAX_MODELS = 4;

interface Entry extends Partial<Pick<SourceModel, 'model' | 'order' | 'totals'>> {
  readonly stamp: string;
  readonly names: readonly string[];
  readonly reading: SourceReading;
}

export function createSourceModels(files: FileAccess): SourceModels {
  const entries = new Map<string, Entry>();
  const entryOf = (path: string): Entry => {
    const known = entries.get(path);
    if (known !== undefined && known.stamp === files.stamp(path, known.names)) return known;
    const entry = read(files, path);
    entries.delete(path); // the newest stands last
    entries.set(path, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= MAX_MODELS) break;
      entries.delete(oldest);
    }
    return entry;
  };
  return {
    reading: (path) => entryOf(path).reading,
    model(path) {
      const { reading, model, order, totals } = entryOf(path);
      if (model === undefined || order === undefined || totals === undefined)
        throw new Failure('not-readable', reading.obstacle?.text ?? '');
      return { reading, model, order, totals };
    },
  };
}

function read(files: FileAccess, path: string): Entry {
  return files.withFolder(path, (folder, fileName): Entry => {
    const source = folder.open(fileName);
    if (source === null) throw notFound(fileName);
    const opened = openModel(folder, fileName, NEVER_CANCELLED);
    const names = [...new Set([fileName, ...(opened.model?.files.map(({ name }) => name) ?? [])])];
    const stamp = files.stamp(path, names);
    const { model } = opened;
    const first = model === null ? path : (filesOf(path, model)[0] ?? path);
    const view: SourceView = {
      path: first,
      fileName: visibleText(first.slice(Math.max(first.lastIndexOf('/'), first.lastIndexOf('\\')) + 1)),
      typeName: model === null ? '' : visibleText(fileTypeName(model) ?? ''),
      isQuantized:
        model?.tensors.some(({ shape, scheme }) => shape.length > 1 && scheme.kind !== 'float') ?? false,
      stamp,
    };
    const totals = model === null ? null : totalsOf(model);
    const reading = {
      source: view,
      isSplit: (model?.files.length ?? 1) > 1,
      parameterCount: totals?.parameterCount ?? 0,
    };
    try {
      const whole = checkSource(first, opened);
      return {
        ...{ stamp, names, model: whole, totals: totalsOf(whole), order: tableOrder(whole) },
        reading: { ...reading, obstacle: null },
      };
    } catch (error) {
      const kind = model?.container === 'safetensors' ? 'safetensors' : 'unfit';
      return { stamp, names, reading: { ...reading, obstacle: { kind, text: messageOf(error) } } };
    }
  });
}
