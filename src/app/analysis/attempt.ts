// The analysis of a tensor in a file that may be damaged, or change meanwhile: numbers, or a sentence why there are none.
import { Failure } from '../../core/base/failure.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { ByteSource } from '../../core/formats/byteSource.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { FileAccess } from '../ports.ts';
import { analyzeTensor, type TensorAnalysis } from './tensorAnalysis.ts';
import { tensorData, whyUnavailable } from './tensorData.ts';

export const CHANGED_MEANWHILE = 'The file changed while it was read; open it again and ask again.';

/** Yields as analyzeTensor does. @param path of the file that was opened as `model` */
export function* attemptAnalysis(
  files: FileAccess,
  path: string,
  model: Model,
  tensor: Tensor,
  kernel: () => Kernel,
): Generator<number, TensorAnalysis | string> {
  const why = whyUnavailable(tensor);
  if (why !== null) return why;
  const names = [fileOf(model, tensor)];
  const before = files.stamp(path, names);
  const hasChanged = (): boolean => files.stamp(path, names) !== before;
  try {
    const source = tensorSource(files, path, model, tensor);
    const analysis = yield* analyzeTensor(tensorData(model, tensor), source, kernel());
    return hasChanged() ? CHANGED_MEANWHILE : analysis;
  } catch (error) {
    if (hasChanged()) return CHANGED_MEANWHILE; // it may have become shorter
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** The file of a tensor, open only while it is read, so that it can be replaced meanwhile. */
export function tensorSource(
  files: FileAccess,
  path: string,
  model: Model,
  tensor: Tensor,
): Pick<ByteSource, 'read'> {
  const name = fileOf(model, tensor);
  return {
    read: (offset, target) =>
      files.withFolder(path, (folder) => folder.open(name)?.read(offset, target) ?? 0),
  };
}

const fileOf = (model: Model, { file }: Tensor): string => model.files[file]?.name ?? '';
