// Quantizes a model: checks the source, plans, writes beside the output, reads that with our own reader, and only then gives it
// its name. Whatever happens, the source stays as it is and nothing unfinished is left.
import { NEVER_CANCELLED } from '../../core/base/cancel.ts';
import { cancelled, Failure, internal } from '../../core/base/failure.ts';
import { formatBytes } from '../../core/base/units.ts';
import { visibleText } from '../../core/base/visibleText.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import type { Model } from '../../core/formats/model.ts';
import { openModel } from '../../core/formats/openModel.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess } from '../ports.ts';
import { totalsOf } from '../present/totals.ts';
import { checkSource, requantizeAdvice } from './checkSource.ts';
import { checkImportance, importanceMetadata, importanceSource, openImportance } from './importance.ts';
import type { OutputPlace, OutputPlaces } from './outputPlace.ts';
import { planOf, type QuantizePlan } from './plan.ts';
import type { QuantizeEngine, QuantizeNews, QuantizeRequest } from './quantizeEngine.ts';
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

export interface QuantizePorts {
  readonly files: FileAccess;
  readonly engine: QuantizeEngine;
  readonly places: OutputPlaces;
}

export interface Quantized {
  /** Of the first file. */
  readonly output: string;
  /** As it was planned; after a run, as the output has it. */
  readonly plan: QuantizePlan;
  readonly seconds: number;
  readonly engineVersion: string;
}

/** What every tensor would become; nothing is written. @throws Failure; EngineFailure when llama.cpp refuses or dies */
export async function planQuantization(
  ports: Pick<QuantizePorts, 'files' | 'engine'>,
  order: QuantizeOrder,
  signal: AbortSignal,
): Promise<Quantized> {
  const { plan, engineVersion, seconds, finals } = await prepare(ports, order, signal);
  return { output: finals[0] ?? order.output, plan, seconds, engineVersion };
}

/** @throws Failure; EngineFailure when llama.cpp refuses or dies */
export async function quantizeModel(
  ports: QuantizePorts,
  order: QuantizeOrder,
  tell: (news: QuantizeNews, plan: QuantizePlan) => void,
  signal: AbortSignal,
): Promise<Quantized> {
  const prepared = await prepare(ports, order, signal);
  const { plan, request, finals, model } = prepared;
  const { recipe } = order;
  const place = ports.places.reserve({
    output: order.output,
    files: finals,
    sources: [...filesOf(order.source, model), ...(recipe.imatrix === null ? [] : [recipe.imatrix])],
    force: order.force,
  });
  try {
    checkSpace(place, plan, 0);
    const { folder } = place;
    const output = { folder, fileName: recipe.keepSplit ? PART_STEM : `${PART_STEM}.gguf` };
    let written = 0;
    const { seconds, engineVersion } = await ports.engine
      .quantize(
        { ...request, output },
        (news) => {
          if (news.kind === 'written') written = news.bytes;
          tell(news, plan);
        },
        signal,
      )
      .catch((error: unknown) => {
        // llama.cpp only says that a write failed.
        if (!signal.aborted) checkSpace(place, plan, written);
        throw error;
      });
    const parts = finals.map((_path, index) =>
      recipe.keepSplit ? shardName(PART_STEM, index, finals.length) : `${PART_STEM}.gguf`,
    );
    const checked = checkOutput(place, parts[0] ?? '', plan);
    if (signal.aborted) throw cancelled();
    place.commit(finals.map((path, index) => [parts[index] ?? '', path]));
    return { output: finals[0] ?? order.output, plan: { ...plan, ...checked }, seconds, engineVersion };
  } finally {
    place.discard();
  }
}

/** ASCII, whatever the output is called: llama.cpp writes it. */
const PART_STEM = 'model';

/** llama_split_path of llama.cpp. */
const shardName = (stem: string, index: number, count: number): string =>
  `${stem}-${String(index + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`;

interface Prepared {
  readonly model: Model;
  readonly plan: QuantizePlan;
  readonly request: QuantizeRequest;
  /** Paths of all files of the output. */
  readonly finals: readonly string[];
  readonly seconds: number;
  readonly engineVersion: string;
}

async function prepare(
  { files, engine }: Pick<QuantizePorts, 'files' | 'engine'>,
  order: QuantizeOrder,
  signal: AbortSignal,
): Promise<Prepared> {
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
  const lacks = checkImportance(plan.tensors, target, imatrix);
  const again = plan.tensors.find(({ from, to }) => from !== to && from.kind !== 'float');
  if (again !== undefined && !recipe.allowRequantize)
    throw new Failure('wrong-usage', requantizeAdvice(order.source, model, again.source.name));
  const finals = recipe.keepSplit
    ? model.files.map((_file, index) =>
        shardName(order.output.replace(/\.gguf$/i, ''), index, model.files.length),
      )
    : [order.output];
  return {
    model,
    plan: { ...plan, notes: [...plan.notes, ...lacks] },
    request,
    finals,
    seconds,
    engineVersion,
  };
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
const filesOf = (path: string, { files }: Model): string[] =>
  files.length < 2 ? [path] : files.map(({ name }) => path.replace(/[^/\\]*$/, () => name));

/** @throws Failure when what is still to be written does not fit */
function checkSpace(place: OutputPlace, { fileBytes }: QuantizePlan, writtenBytes: number): void {
  const free = place.freeBytes();
  const needed = fileBytes - writtenBytes;
  if (free === null || free >= needed) return;
  const all = writtenBytes === 0 ? '' : ` of ${formatBytes(fileBytes)}`;
  throw new Failure(
    'not-readable',
    `There is not enough space on the disk: ${formatBytes(needed)}${all} are still to be written, and ${formatBytes(free)} are free.`,
  );
}

/** Our own reader's opinion of what llama.cpp wrote. @throws Failure internal when it is not what was planned */
function checkOutput(
  place: OutputPlace,
  name: string,
  plan: QuantizePlan,
): Pick<QuantizePlan, 'fileBytes' | 'tensorBytes' | 'bitsPerWeight'> {
  const { model, problems } = place.files.withFolder(`${place.folder}/${name}`, (folder, fileName) =>
    openModel(folder, fileName, NEVER_CANCELLED),
  );
  const worst = problems.find(({ severity }) => severity === 'error');
  if (model === null || worst !== undefined)
    throw internal(
      `What llama.cpp wrote is damaged, and was thrown away: ${worst?.text ?? 'nothing can be read.'}`,
    );
  const found = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const wrong = plan.tensors.find((planned) => {
    const tensor = found.get(planned.name);
    return (
      tensor?.state !== 'whole' || tensor.scheme !== planned.to || tensor.byteLength !== planned.bytesAfter
    );
  });
  if (wrong !== undefined || found.size !== plan.tensors.length)
    throw internal(
      `What llama.cpp wrote is not what it planned${wrong === undefined ? '' : ` (${visibleText(wrong.name)})`}, and was thrown away.`,
    );
  const { fileBytes, tensorBytes, bitsPerWeight } = totalsOf(model);
  return { fileBytes, tensorBytes, bitsPerWeight: bitsPerWeight ?? plan.bitsPerWeight };
}
