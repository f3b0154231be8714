// The analysis of a tensor in a file that may be damaged, or change meanwhile: numbers, or a sentence why there are none.
import { Failure } from '../../core/base/failure.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { GroupsView } from '../../protocol/tensorGroups.ts';
import type { FileAccess } from '../ports.ts';
import type { Source } from './rowsPass.ts';
import { analyzeTensor, type TensorAnalysis } from './tensorAnalysis.ts';
import { tensorData, type TensorData, whyUnavailable } from './tensorData.ts';
import { estimateTensor } from './tensorEstimate.ts';
import { noGroups, readGroups } from './tensorGroups.ts';

export const CHANGED_MEANWHILE = 'The file changed while it was read; open it again and ask again.';

/** Yields as analyzeTensor does. @param path of the file that was opened as `model` */
export const attemptAnalysis = (
  files: FileAccess,
  path: string,
  model: Model,
  tensor: Tensor,
  kernel: () => Kernel,
): Generator<number, TensorAnalysis | string> =>
  attempt(files, path, model, tensor, (data, source) => analyzeTensor(data, source, kernel()));

/** Yields as estimateTensor does, and answers null where it does. */
export const attemptEstimate = (
  files: FileAccess,
  path: string,
  model: Model,
  tensor: Tensor,
  kernel: () => Kernel,
): Generator<number, TensorAnalysis | string | null> =>
  attempt(files, path, model, tensor, (data, source) => estimateTensor(data, source, kernel()));

/** Yields as readGroups does. */
export function* attemptGroups(
  files: FileAccess,
  path: string,
  model: Model,
  tensor: Tensor,
): Generator<number, GroupsView> {
  const computed = yield* attempt(files, path, model, tensor, readGroups);
  return typeof computed === 'string' ? noGroups(tensor, computed) : computed;
}

/** Whatever reads the data of a tensor: what it computes, or a sentence why it cannot. */
export function* attempt<T>(
  files: FileAccess,
  path: string,
  model: Model,
  tensor: Tensor,
  compute: (data: TensorData, source: Source) => Generator<number, T>,
): Generator<number, T | string> {
  const why = whyUnavailable(tensor);
  if (why !== null) return why;
  const names = filesOf(model, tensor);
  const before = files.stamp(path, names);
  const hasChanged = (): boolean => files.stamp(path, names) !== before;
  try {
    const source = tensorSource(files, path, model, tensor);
    const computed = yield* compute(tensorData(model, tensor), source);
    return hasChanged() ? CHANGED_MEANWHILE : computed;
  } catch (error) {
    if (hasChanged()) return CHANGED_MEANWHILE; // it may have become shorter
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** The files of a tensor, open only while they are read, so that they can be replaced meanwhile. */
export const tensorSource = (files: FileAccess, path: string, model: Model, tensor: Tensor): Source => ({
  read: (offset, target, file = tensor.file) =>
    files.withFolder(path, (folder) => folder.open(nameOf(model, file))?.read(offset, target) ?? 0),
});

/** Names of the files of a tensor. */
const filesOf = (model: Model, tensor: Tensor): string[] =>
  fileNumbers(tensor).map((file) => nameOf(model, file));

/** Indexes into Model.files. The parts of a packed matrix may lie in several. */
export const fileNumbers = ({ file, packed }: Tensor): number[] => [
  ...new Set([file, ...(packed?.parts ?? []).map((part) => part.tensor.file)]),
];

export const nameOf = (model: Model, file: number): string => model.files[file]?.name ?? '';
