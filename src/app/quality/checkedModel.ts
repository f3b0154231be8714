// What the engine may open: native code trusts a file, so our own reader has looked at all of its ranges before.
import { Failure, notReadable } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import { metadataText, type Model, type Opened } from '../../core/formats/model.ts';
import { hyperparametersOf } from '../present/hyperparameters.ts';
import { totalsOf } from '../present/totals.ts';
import type { CheckedModel } from './engine.ts';

/**
 * @param path of any of its files
 * @throws Failure with the first reason why it must not be opened
 */
export function checkedModel(path: string, { model, problems }: Opened): CheckedModel {
  const worst = problems.find(({ severity }) => severity === 'error');
  if (worst !== undefined) throw unfit(path, worst.text);
  if (model === null) throw unfit(path, problems[0]?.text ?? 'nothing could be read.');
  const why = whyUnfit(model);
  if (why !== null) throw unfit(path, why);
  const { tensorBytes } = totalsOf(model);
  const blocks = hyperparametersOf(model).layers?.value ?? 0;
  return { path: firstFile(path, model), tensorBytes, layers: blocks === 0 ? 0 : blocks + 1 };
}

function whyUnfit(model: Model): string | null {
  if (model.container !== 'gguf') return 'llama.cpp reads GGUF only; convert the model to GGUF first.';
  if (model.endianness !== 'little') return 'it is a big-endian file, which llama.cpp does not read here.';
  if (model.tensors.length === 0) return 'it has no tensors.';
  const broken = model.tensors.find(({ state }) => state !== 'whole');
  if (broken !== undefined) return `the data of ${visibleText(broken.name)} is not all there.`;
  if (metadataText(model, 'tokenizer.ggml.model') === null)
    return 'it has no vocabulary, so it is a part of a model, as a projector or an adapter is.';
  return null;
}

const unfit = (path: string, why: string): Failure =>
  new Failure(notReadable(path, '').code, `${visibleText(path)} cannot be measured: ${why}`);

/** llama.cpp finds the other shards by the first. */
function firstFile(path: string, { files }: Model): string {
  const first = files[0]?.name;
  return first === undefined || files.length < 2 ? path : path.replace(/[^/\\]*$/, () => first);
}
