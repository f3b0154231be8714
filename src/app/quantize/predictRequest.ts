// What is asked of the prediction of errors, from an order and what a dry run has decided: the part that reads files.
import { internal } from '../../core/base/failure.ts';
import type { FileAccess } from '../ports.ts';
import { type DryRun, filesOf, type QuantizeOrder } from './dryRun.ts';
import type { PredictRequest } from './predict.ts';
import { targetNamed } from './targets.ts';

/** @throws Failure where a file is gone */
export function predictRequest(
  files: FileAccess,
  { source, recipe, threads }: QuantizeOrder,
  { model, plan, request }: Pick<DryRun, 'model' | 'plan' | 'request'>,
): PredictRequest {
  const target = targetNamed(recipe.type);
  if (target === null) throw internal(`There is no type ${recipe.type}.`);
  const names = model.files.map(({ name }) => name);
  return {
    files: filesOf(source, model),
    identity: `${source}|${files.stamp(source, names)}`,
    headerBytes: model.files.reduce((sum, { dataOffset }) => sum + (dataOffset ?? 0), 0),
    target,
    tensors: plan.tensors,
    importance:
      request.importance === null
        ? null
        : { source: request.importance, identity: identityOf(files, request.importance.path) },
    threads,
    sampleWeights: null,
  };
}

function identityOf(files: FileAccess, path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return `${path}|${files.stamp(path, [name])}`;
}
