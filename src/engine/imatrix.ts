// Makes an importance matrix: reads a text with a model, chunk by chunk, and keeps what its weights are multiplied with.
import { join } from 'node:path';
import { cancelled } from '../core/base/failure.ts';
import { type ChunkPlan, chunkTokens, planChunks, rowsThatFit } from '../core/quality/chunkPlan.ts';
import type { ImatrixJob, ImatrixNews, ImatrixResult } from '../protocol/quantize.ts';
import { type ActivationCollector, createCollector } from './activations.ts';
import { type CancelFlag, createCancelFlag } from './cancelFlag.ts';
import { planDevices } from './devices.ts';
import { writeImatrix } from './imatrixFile.ts';
import { loadLibraries } from './libraries.ts';
import { bindLlama, type Llama } from './llama.ts';
import { type BatchShape, type LoadedModel, openLoaded } from './loadedModel.ts';
import { createBatch, decode } from './rowParts.ts';
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
  tell({ kind: 'reading', chunks: plan.chunkCount, device: model.use });
  const start = performance.now();
  await readAll(setting, model, plan, text);
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
    contextTokens,
    tensorCount: collected.size,
    device: model.use,
    engineVersion: `llama.cpp ${llama.version}`,
    seconds: (performance.now() - start) / 1000,
  };
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
): Promise<void> {
  const shape = shapeOf(plan.contextTokens, model.vocabularySize);
  const batch = createBatch(llama, shape);
  const pieces = piecesOf(plan.contextTokens, Math.floor(shape.batchTokens / shape.sequences));
  for (let first = 0; first < plan.chunkCount; first += shape.sequences) {
    const count = Math.min(shape.sequences, plan.chunkCount - first);
    const chunks = Array.from({ length: count }, (_item, at) =>
      chunkTokens(plan, text.tokens, first + at, text.bos),
    );
    llama.clearMemory(model.context);
    for (const { from, count: positionCount } of pieces) {
      if (flag.isSet()) throw cancelled();
      batch.fill(chunks, {
        firstPosition: from,
        positionCount,
        logitsFrom: 0,
        firstRow: 0,
        rowCount: positionCount,
      });
      await decode(llama, model.context, batch, flag);
      collector.check();
    }
    tell({ kind: 'read', done: first + count, chunks: plan.chunkCount });
  }
}
