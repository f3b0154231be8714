// Makes an importance matrix: reads a text with a model, chunk by chunk, and keeps what its weights are multiplied with.
import { join } from 'node:path';
import { cancelled } from '../core/base/failure.ts';
import { formatCount } from '../core/base/units.ts';
import { type ChunkPlan, chunkTokens, planChunks, rowsThatFit } from '../core/quality/chunkPlan.ts';
import type { DeviceUse } from '../protocol/engine.ts';
import type { ImatrixJob, ImatrixNews, ImatrixResult } from '../protocol/quantize.ts';
import { type ActivationCollector, createCollector } from './activations.ts';
import { type CancelFlag, createCancelFlag } from './cancelFlag.ts';
import { planDevices } from './devices.ts';
import { writeImatrix } from './imatrixFile.ts';
import { loadLibraries } from './libraries.ts';
import { bindLlama, type Llama } from './llama.ts';
import { type BatchShape, type LoadedModel, openLoaded } from './loadedModel.ts';
import { createBatch, decode } from './rowParts.ts';
import { createKeeper, loadPartial, type PartialKeeper, savePartial } from './partialImatrix.ts';
import { tokenize, type TokenizedText } from './tokens.ts';

export interface RunningImatrix {
  readonly result: Promise<ImatrixResult>;
  cancel(): void;
}

/** @throws Failure when llama.cpp cannot be loaded */
export function startImatrix(job: ImatrixJob, tell: (news: ImatrixNews) => void): RunningImatrix {
  const libraries = loadLibraries(job.engineFolders);
  const llama = bindLlama(libraries);
  const flag = createCancelFlag(llama);
  const collector = createCollector(libraries.koffi, libraries.ggmlBase, llama);
  return { result: run({ llama, job, flag, collector, tell }), cancel: () => flag.set() };
}

interface Run {
  readonly llama: Llama;
  readonly job: ImatrixJob;
  readonly flag: CancelFlag;
  readonly collector: ActivationCollector;
  readonly tell: (news: ImatrixNews) => void;
}

async function run(setting: Run): Promise<ImatrixResult> {
  const { llama, job, flag, collector, tell } = setting;
  const { contextTokens, chunkLimit } = job;
  llama.loadBackends();
  let told = -1;
  const model = await openLoaded(llama, job.model, {
    plan: planDevices(llama.devices, job.device),
    settings: { ...job.device, extraBuffers: job.device.extraBuffers ?? true },
    flag,
    tell(share) {
      if (share - told < 0.01) return; // a hundred messages are enough
      told = share;
      tell({ kind: 'loading', which: 'model', share });
    },
    shapeOf: (vocabularySize) => shapeOf(contextTokens, vocabularySize),
    evaluationHook: collector.hook,
  });
  const text = await tokenize(llama, model, job.text);
  const plan = planChunks({ tokenCount: text.tokens.length, contextTokens, chunkLimit });
  const start = performance.now();
  const before = resumedFrom(setting, model, plan);
  tell({ kind: 'reading', chunks: plan.chunkCount, from: before.chunks, device: before.device });
  const keeper = keeperOf(setting, model, plan, before, start);
  await readAll(setting, model, plan, text, before.chunks, keeper);
  const { collected } = collector;
  writeImatrix(
    join(job.output.folder, job.output.fileName),
    {
      dataset: job.textName,
      chunkCount: chunksCounted(collected, contextTokens),
      chunkTokens: contextTokens,
    },
    collected,
  );
  return {
    chunks: plan.chunkCount,
    resumedFrom: before.chunks,
    contextTokens,
    tensorCount: collected.size,
    device: before.device,
    engineVersion: versionOf(llama),
    seconds: before.seconds + (performance.now() - start) / 1000,
  };
}

const versionOf = (llama: Llama): string => `llama.cpp ${llama.version}`;

/** What an earlier run had done. */
interface Before {
  readonly chunks: number;
  readonly seconds: number;
  /** What is computed on now, with a note where it was something else before. */
  readonly device: DeviceUse;
}

function resumedFrom({ llama, job, collector }: Run, { use }: LoadedModel, plan: ChunkPlan): Before {
  const nothing = { chunks: 0, seconds: 0, device: use };
  if (job.partial?.resume !== true) return nothing;
  const { path, identity } = job.partial;
  const found = loadPartial(path, { identity, engineVersion: versionOf(llama) });
  if (found === null || found.head.chunks !== plan.chunkCount) return nothing;
  const { chunksDone, seconds, device } = found.head;
  collector.restore(found.collected);
  const isSame = placeOf(device) === placeOf(use);
  const note = `The first ${formatCount(chunksDone)} chunks were computed on something else (${placeOf(device)}): the result may differ in its last digits.`;
  return { chunks: chunksDone, seconds, device: isSame ? use : { ...use, notes: [...use.notes, note] } };
}

/** What rounding depends on. */
const placeOf = ({ backend, names, gpuLayers, threads, extraBuffers }: DeviceUse): string =>
  [
    backend,
    ...names,
    `${gpuLayers} layers on GPUs`,
    `${threads} threads`,
    ...(extraBuffers ? [] : ['plain']),
  ].join(', ');

/** Keeps nothing where nothing was ordered. */
function keeperOf(
  { llama, job: { partial }, collector }: Run,
  { use }: LoadedModel,
  plan: ChunkPlan,
  before: Before,
  start: number,
): PartialKeeper {
  if (partial === null) return { after: () => false };
  const { path, identity, everyChunks } = partial;
  return createKeeper({ everyChunks, from: before.chunks }, (chunksDone) =>
    savePartial(
      path,
      {
        ...{ identity, engineVersion: versionOf(llama), device: use, chunksDone, chunks: plan.chunkCount },
        seconds: before.seconds + (performance.now() - start) / 1000,
      },
      collector.collected,
    ),
  );
}

/** As llama-imatrix counts them: the rest of a batch may have been too small to be looked at. */
function chunksCounted(collected: ActivationCollector['collected'], contextTokens: number): number {
  let most = 0;
  for (const { counts } of collected.values()) for (const count of counts) most = Math.max(most, count);
  return Math.floor(most / contextTokens);
}

/** Tokens that llama-imatrix gives to one decode. */
const BATCH_TOKENS = 2048;
/** Logits of a decode. Nobody looks at them, but without them the last layer is not computed for every token. */
const LOGITS_BYTES = 192 * 2 ** 20;
/** Fewer tokens than this at once are passed over by the rule of llama-imatrix. */
const MIN_BATCH_TOKENS = 16;

/** Several chunks side by side, or with a large vocabulary a part of one. */
export function shapeOf(contextTokens: number, vocabularySize: number): BatchShape {
  const limit = Math.max(MIN_BATCH_TOKENS, rowsThatFit(vocabularySize, LOGITS_BYTES));
  const sequences = Math.max(1, Math.floor(Math.min(BATCH_TOKENS, limit) / contextTokens));
  const batchTokens = Math.min(sequences * contextTokens, limit, BATCH_TOKENS);
  return { sequences, contextTokens, batchTokens, outputRows: batchTokens };
}

/** Cuts a context into pieces of about the same length, none longer than `limit`. */
export function piecesOf(contextTokens: number, limit: number): readonly { from: number; count: number }[] {
  const pieces = Math.ceil(contextTokens / limit);
  return Array.from({ length: pieces }, (_piece, index) => {
    const from = Math.floor((index * contextTokens) / pieces);
    return { from, count: Math.floor(((index + 1) * contextTokens) / pieces) - from };
  });
}

async function readAll(
  { llama, flag, collector, tell }: Run,
  model: LoadedModel,
  plan: ChunkPlan,
  text: TokenizedText,
  from: number,
  keeper: PartialKeeper,
): Promise<void> {
  const shape = shapeOf(plan.contextTokens, model.vocabularySize);
  const batch = createBatch(llama, shape);
  const pieces = piecesOf(plan.contextTokens, Math.floor(shape.batchTokens / shape.sequences));
  let kept = from;
  for (let first = from; first < plan.chunkCount; first += shape.sequences) {
    const count = Math.min(shape.sequences, plan.chunkCount - first);
    const chunks = Array.from({ length: count }, (_item, at) =>
      chunkTokens(plan, text.tokens, first + at, text.bos),
    );
    llama.clearMemory(model.context);
    for (const { from: firstPosition, count: positionCount } of pieces) {
      if (flag.isSet()) throw cancelled();
      batch.fill(chunks, {
        firstPosition,
        positionCount,
        logitsFrom: 0,
        firstRow: 0,
        rowCount: positionCount,
      });
      await decode(llama, model.context, batch, flag);
      collector.check();
    }
    const done = first + count;
    if (keeper.after(done)) kept = done;
    tell({ kind: 'read', done, kept, chunks: plan.chunkCount });
  }
}
