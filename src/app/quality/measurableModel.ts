// A model as the Quality page sees it before anything is measured: how it is called, and whether llama.cpp may open it.
import { messageOf } from '../../core/base/failure.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import type { Model, Opened } from '../../core/formats/model.ts';
import type { ModelMark } from '../../protocol/quality.ts';
import { fileTypeName } from '../present/facts.ts';
import { hyperparametersOf } from '../present/hyperparameters.ts';
import { totalsOf } from '../present/totals.ts';
import { checkedModel } from './checkedModel.ts';
import type { CheckedModel } from './engine.ts';

export interface MeasurableModel {
  readonly mark: ModelMark;
  readonly architecture: string | null;
  /** Tokens of the contexts it was trained on; null where the header does not say. */
  readonly trainedContext: number | null;
  /** null: it must not be opened, and `unfit` says why. */
  readonly checked: CheckedModel | null;
  readonly unfit: string | null;
}

const MAX_NAME = 60;

/** @param stampOf changes with the file of this name beside `path` */
export function measurableModel(
  path: string,
  opened: Opened,
  stampOf: (name: string) => string,
): MeasurableModel {
  const { model } = opened;
  const { checked, unfit } = check(path, opened);
  const file = checked?.path ?? path;
  const fileName = baseName(file);
  const totals = model === null ? null : totalsOf(model);
  return {
    mark: {
      path: file,
      fileName: visibleText(fileName),
      ...labels(fileName, model),
      bitsPerWeight: totals?.bitsPerWeight ?? null,
      fileBytes: totals?.fileBytes ?? 0,
      stamp: stampOf(fileName),
    },
    architecture: model?.architecture ?? null,
    trainedContext: model === null ? null : (hyperparametersOf(model).context?.value ?? null),
    checked,
    unfit,
  };
}

function check(path: string, opened: Opened): Pick<MeasurableModel, 'checked' | 'unfit'> {
  try {
    return { checked: checkedModel(path, opened), unfit: null };
  } catch (error) {
    return { checked: null, unfit: messageOf(error) };
  }
}

function labels(fileName: string, model: Model | null): Pick<ModelMark, 'label' | 'shortLabel'> {
  const stem = fileName.replace(/(-00001-of-\d{5})?\.gguf$/i, '');
  const name = model?.name ?? '';
  const type = model === null ? '' : (fileTypeName(model) ?? '');
  // A name that was made of the file's has the type in it already.
  const isNamed = type === '' || name.toLowerCase().includes(type.toLowerCase());
  const label = name === '' ? stem : isNamed ? name : `${name} ${type}`;
  return { label: shown(label), shortLabel: shown(type === '' ? stem : type) };
}

const shown = (text: string): string => shorten(visibleText(text), MAX_NAME);

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
