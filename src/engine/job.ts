// One job from its order to its result: libraries, models, text, measurement.
import { readFileSync } from 'node:fs';
import { availableMemory } from 'node:process';
import { cancelled, wrongUsage } from '../core/base/failure.ts';
import { type ChunkPlan, planChunks } from '../core/quality/chunkPlan.ts';
import { createRowKernel, type RowKernel } from '../core/quality/rowKernel.ts';
import type { CheckedModel, EngineJob, EngineNews, EngineResult } from '../protocol/engine.ts';
import { type CancelFlag, createCancelFlag } from './cancelFlag.ts';
import { baseBeside, type Compared, compareModels } from './compareModels.ts';
import { type DevicePlan, planDevices } from './devices.ts';
import { bindLlama, type Llama } from './llama.ts';
import { type LoadedModel, openLoaded } from './loadedModel.ts';
import { loadLibraries } from './libraries.ts';
import type { Measuring } from './measuring.ts';
import { measurePerplexity } from './measurePerplexity.ts';
import { batchShape, rowsOfPart } from './rowParts.ts';
import { baseStored, storeRows } from './storedRows.ts';
import { createPieces, tokenize, type TokenizedText } from './tokens.ts';

export interface RunningJob {
  readonly result: Promise<EngineResult>;
  cancel(): void;
}

/** @throws Failure when llama.cpp cannot be loaded */
export function startJob(job: EngineJob, tell: (news: EngineNews) => void): RunningJob {
  const llama = bindLlama(loadLibraries(job.engineFolders));
  const flag = createCancelFlag(llama);
  return { result: run({ llama, job, flag, tell }), cancel: () => flag.set() };
}

interface Run {
  readonly llama: Llama;
  readonly job: EngineJob;
  readonly flag: CancelFlag;
  readonly tell: (news: EngineNews) => void;
}

async function run({ llama, job, flag, tell }: Run): Promise<EngineResult> {
  llama.loadBackends();
  const devices = planDevices(llama.devices, job.device);
  const setting = { llama, job, flag, tell, devices };
  if (job.base === null) {
    const opened = await openReader(setting, job.model, 'model');
    const measuring = measuringOf(setting, [opened], false);
    return await timed(setting, measuring, async () => ({
      score: await measurePerplexity(measuring),
      comparison: null,
      damage: null,
    }));
  }
  return job.passes === 'two' || (job.passes === 'auto' && !bothFit(job, devices))
    ? await inTwoPasses(setting, job.base)
    : await inOnePass(setting, job.base);
}

interface Setting extends Run {
  readonly devices: DevicePlan;
}

interface Reader {
  readonly model: LoadedModel;
  readonly text: TokenizedText;
  readonly plan: ChunkPlan;
}

async function openReader(setting: Setting, checked: CheckedModel, which: 'model' | 'base'): Promise<Reader> {
  const { llama, job, flag, devices, tell } = setting;
  const { contextTokens, chunkLimit } = job;
  if (flag.isSet()) throw cancelled();
  const rowsPerChunk = contextTokens - 1 - Math.floor(contextTokens / 2);
  let told = -1;
  const model = await openLoaded(llama, checked, {
    plan: devices,
    settings: { ...job.device, extraBuffers: job.device.extraBuffers ?? job.base === null },
    flag,
    tell(share) {
      if (share - told < 0.01) return; // a hundred messages are enough
      told = share;
      tell({ kind: 'loading', which, share });
    },
    shapeOf: (vocabularySize) => batchShape({ contextTokens, rowsPerChunk }, vocabularySize),
  });
  const text = await tokenize(llama, model, job.text);
  const plan = planChunks({ tokenCount: text.tokens.length, contextTokens, chunkLimit });
  return { model, text, plan };
}

function measuringOf(
  { llama, job, flag, tell }: Setting,
  readers: readonly [Reader, ...Reader[]],
  withBase: boolean,
): Measuring {
  const [{ model, text, plan }] = readers;
  tell({ kind: 'started', chunks: plan.chunkCount, device: model.use });
  const kernel = rowKernel(job.rowsFile, plan, model.vocabularySize, withBase);
  return { llama, models: readers.map((reader) => reader.model), plan, text, kernel, flag, tell };
}

function rowKernel(file: string, plan: ChunkPlan, vocabulary: number, withBase: boolean): RowKernel {
  const module = new WebAssembly.Module(readFileSync(file));
  return createRowKernel(module, { rows: rowsOfPart(plan, vocabulary), vocabulary, withBase });
}

async function inOnePass(setting: Setting, checkedBase: CheckedModel): Promise<EngineResult> {
  const { llama, job } = setting;
  const base = await openReader(setting, checkedBase, 'base');
  const reader = await openReader(setting, job.model, 'model');
  checkSameText(reader.text, base.text);
  const measuring = measuringOf(setting, [reader, base], true);
  const pieces = createPieces(llama, reader.model);
  return await timed(setting, measuring, () =>
    compareModels(measuring, baseBeside(measuring), pieces, job.worstTokenLimit),
  );
}

async function inTwoPasses(setting: Setting, checkedBase: CheckedModel): Promise<EngineResult> {
  const { llama, job } = setting;
  const base = await openReader(setting, checkedBase, 'base');
  const firstPass = measuringOf(setting, [base], false);
  const start = performance.now();
  const stored = await storeRows(firstPass, job.temporaryFolder);
  const firstSeconds = (performance.now() - start) / 1000;
  try {
    base.model.close();
    const reader = await openReader(setting, job.model, 'model');
    checkSameText(reader.text, base.text);
    const measuring = measuringOf(setting, [reader], true);
    const pieces = createPieces(llama, reader.model);
    const result = await timed(setting, measuring, () =>
      compareModels(measuring, baseStored(measuring, stored), pieces, job.worstTokenLimit),
    );
    const seconds = result.seconds + firstSeconds;
    return { ...result, seconds, tokensPerSecond: tokensRead(measuring, 2) / seconds, twoPasses: true };
  } finally {
    stored.close();
  }
}

async function timed(
  { llama }: Setting,
  measuring: Measuring,
  measure: () => Promise<Compared | (Pick<Compared, 'score'> & { comparison: null; damage: null })>,
): Promise<EngineResult> {
  const { plan, models } = measuring;
  const start = performance.now();
  const measured = await measure();
  const seconds = (performance.now() - start) / 1000;
  const { use } = models[0] as LoadedModel;
  return {
    ...measured,
    contextTokens: plan.contextTokens,
    chunks: plan.chunkCount,
    availableChunks: plan.availableChunks,
    device: use,
    engineVersion: `llama.cpp ${llama.version}`,
    seconds,
    tokensPerSecond: tokensRead(measuring, models.length) / seconds,
    twoPasses: false,
  };
}

const tokensRead = ({ plan }: Measuring, times: number): number =>
  times * plan.chunkCount * plan.contextTokens;

/** Memory for what is computed, beside the weights. */
const WORKING_BYTES = 2 ** 30;

function bothFit({ model, base }: EngineJob, { gpus }: DevicePlan): boolean {
  const needed = model.tensorBytes + (base?.tensorBytes ?? 0) + 2 * WORKING_BYTES;
  // A build of Node without this function is older than the one of any editor we run in.
  const free =
    gpus.length === 0 ? availableMemory() : gpus.reduce((sum, { freeBytes }) => sum + freeBytes, 0);
  return needed <= free;
}

function checkSameText(one: TokenizedText, other: TokenizedText): void {
  const same =
    one.bos === other.bos &&
    one.tokens.length === other.tokens.length &&
    one.tokens.every((token, at) => token === other.tokens[at]);
  if (!same)
    throw wrongUsage(
      'The two models split the text into different tokens; only models with the same vocabulary can be compared.',
    );
}
