// Which models may be quantized: native code trusts a file, so our own reader has looked at all of its ranges before.
import { Failure, notReadable, wrongUsage } from '../../core/base/failure.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import { metadataNumber, metadataText, type Model, type Opened } from '../../core/formats/model.ts';
import { fileTypeName } from '../present/facts.ts';

/** @throws Failure with the first reason why it must not be quantized */
export function checkSource(path: string, { model, problems }: Opened): Model {
  if (model?.container === 'safetensors')
    throw wrongUsage(
      `${visibleText(path)} is a safetensors model, which must be converted first: llama.cpp's ` +
        'convert_hf_to_gguf.py makes a GGUF file of F32, F16 or BF16 weights; quantize that one.',
    );
  const worst = problems.find(({ severity }) => severity === 'error');
  if (worst !== undefined || model === null)
    throw unfit(path, worst?.text ?? problems[0]?.text ?? 'nothing could be read.');
  const why = whyUnfit(model);
  if (why !== null) throw unfit(path, why);
  return model;
}

function whyUnfit(model: Model): string | null {
  if (model.endianness !== 'little') return 'it is a big-endian file, which llama.cpp does not read here.';
  if (metadataText(model, 'general.type') === 'imatrix') return 'it is an importance matrix, and no model.';
  if (model.tensors.length === 0) return 'it has no tensors.';
  const broken = model.tensors.find(({ state }) => state !== 'whole');
  if (broken !== undefined) return `the data of ${visibleText(broken.name)} is not all there.`;
  const foreign = model.tensors.find(({ scheme }) => scheme.blockBytes === null);
  if (foreign !== undefined) return `${visibleText(foreign.name)} is of a type that llama.cpp does not know.`;
  // llama.cpp divides by it; what comes out would not load.
  if (metadataNumber(model, `${model.architecture}.attention.head_count`) === 0)
    return 'its header says that it has no attention heads.';
  return null;
}

const unfit = (path: string, why: string): Failure =>
  new Failure(notReadable(path, '').code, `${visibleText(path)} cannot be quantized: ${why}`);

/** What speaks against quantizing a model that is quantized already. */
export function requantizeAdvice(path: string, model: Model, tensor: string): string {
  const type = fileTypeName(model);
  return (
    `${visibleText(path)} is quantized already${type === null || type === '' ? '' : ` (${visibleText(type)})`}: ` +
    `quantizing ${visibleText(tensor)} again adds the error of the new type to that of the old one. ` +
    'Take the original (F16, BF16 or F32) instead.'
  );
}
