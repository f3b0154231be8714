// What a quantization would do before anything is written: llama.cpp's own dry run, and what stands in the way of the real one.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { Failure, internal } from '../../core/base/failure.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import type { Model } from '../../core/formats/model.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess } from '../ports.ts';
import { checkSource, requantizeAdvice } from './checkSource.ts';
import { checkImportance, importanceMetadata, importanceSource, openImportance } from './importance.ts';
import { Obstacle } from './obstacle.ts';
import { planOf, type QuantizePlan } from './plan.ts';
import type { QuantizeEngine, QuantizeRequest } from './quantizeEngine.ts';
import { checkRecipe, type Recipe } from './recipe.ts';
import { type QuantizeTarget, targetNamed, tensorSchemeNamed } from './targets.ts';

export interface QuantizeOrder {
  /** Absolute paths. */
  readonly source: string;
  readonly output: string;
  /** Its `imatrix` is an absolute path. */
  readonly recipe: Recipe;
  /** Null: all that the machine has. */
  readonly threads: number | null;
  /** Whether an output that is there may be replaced. */
  readonly force: boolean;
}

export interface PlanPorts {
  readonly files: FileAccess;
  readonly engine: QuantizeEngine;
}

export interface DryRun {
  readonly model: Model;
  readonly imatrix: Imatrix | null;
  readonly plan: QuantizePlan;
  /** What the run would be refused for, the first to be said first. */
  readonly obstacles: readonly Obstacle[];
  readonly request: QuantizeRequest;
  /** Paths of all files of the output. */
  readonly finals: readonly string[];
  readonly seconds: number;
  readonly engineVersion: string;
}

/**
 * What every tensor would become, and what stands in the way of it; nothing is written.
 * @throws Failure; EngineFailure when llama.cpp refuses or dies
 */
export async function dryRun(
  { files, engine }: PlanPorts,
  order: QuantizeOrder,
  signal: AbortSignal,
): Promise<DryRun> {
  const { recipe } = order;
  checkRecipe(recipe);
  const target = targetNamed(recipe.type);
  if (target === null) throw internal(`There is no type ${recipe.type}.`);
  const model = files.withFolder(order.source, (folder, fileName) =>
    checkSource(order.source, openModel(folder, fileName, NEVER_CANCELLED)),
  );
  const imatrix = recipe.imatrix === null ? null : openImportance(files, recipe.imatrix);
  const request = requestOf(order, model, target, imatrix);
  const { decisions, seconds, engineVersion } = await engine.quantize(
    { ...request, allowRequantize: true },
    () => undefined,
    signal,
  );
  const plan = planOf(model, recipe, target, decisions, request.metadata);
  const obstacles: Obstacle[] = [];
  const lacks = noted(obstacles, () => checkImportance(plan.tensors, target, imatrix)) ?? [];
  const again = plan.tensors.find(({ from, to }) => from !== to && from.kind !== 'float');
  if (again !== undefined && !recipe.allowRequantize)
    obstacles.push(new Obstacle('requantize', requantizeAdvice(order.source, model, again.source.name)));
  const finals = outputFiles(order.output, recipe, model);
  return {
    ...{ model, imatrix, obstacles },
    plan: { ...plan, notes: [...plan.notes, ...lacks] },
    request,
    finals,
    seconds,
    engineVersion,
  };
}

/** What a check says; where it refuses, that is noted. */
function noted<T>(obstacles: Obstacle[], check: () => T): T | null {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    obstacles.push(error instanceof Obstacle ? error : new Obstacle('imatrix', error.message, error.code));
    return null;
  }
}

function requestOf(
  { source, recipe, threads }: QuantizeOrder,
  model: Model,
  { fileType }: QuantizeTarget,
  imatrix: Imatrix | null,
): QuantizeRequest {
  const { keepSplit, pure, allowRequantize, leaveOutput, metadata, pruneLayers } = recipe;
  const typeId = (name: string | null): number | null =>
    name === null ? null : (tensorSchemeNamed(name)?.ggmlId ?? null);
  const path = recipe.imatrix ?? '';
  return {
    source: filesOf(source, model)[0] ?? source,
    output: null,
    fileType,
    outputType: typeId(recipe.outputType),
    embeddingType: typeId(recipe.embeddingType),
    ...{ keepSplit, pure, allowRequantize, leaveOutput, pruneLayers },
    tensorTypes: recipe.tensorTypes.flatMap(({ pattern, type }) => {
      const id = typeId(type);
      return id === null ? [] : [{ pattern, type: id }];
    }),
    metadata: imatrix === null ? metadata : [...metadata, ...importanceMetadata(path, imatrix)],
    importance: imatrix === null ? null : importanceSource(path, imatrix),
    threads,
  };
}

/** All files of a model, by the path of one of them. */
export const filesOf = (path: string, { files }: Model): string[] =>
  files.length < 2 ? [path] : files.map(({ name }) => path.replace(/[^/\\]*$/, () => name));

/** Paths of all files that an output will have. */
export const outputFiles = (output: string, { keepSplit }: Recipe, { files }: Model): string[] =>
  keepSplit
    ? files.map((_file, index) => shardName(output.replace(/\.gguf$/i, ''), index, files.length))
    : [output];

/** llama_split_path of llama.cpp. */
export const shardName = (stem: string, index: number, count: number): string =>
  `${stem}-${String(index + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`;
