// The analysis of a model in its threads, as they ship: conducted by one, computed by others, kept on the disk.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createThreadModelAnalyzer, type ThreadModelAnalyzer } from '../../src/node/modelAnalysisClient.ts';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import { createDirectModelAnalyzer } from '../support/directModelAnalyzer.ts';
import { buildAnalysisThreads, type ThreadPrograms } from '../support/threads.ts';
import { writeWeightsModel } from '../support/weightsModel.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const never = new AbortController().signal;
let folder = '';
let large = '';
let programs: ThreadPrograms;
const started: ThreadModelAnalyzer[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-threads-'));
  programs = await buildAnalysisThreads(folder);
  large = join(folder, 'large.gguf');
  writeWeightsModel(large, { layers: 4, width: 1024, feedForward: 4096, vocabulary: 70_000 });
}, 60_000);
afterEach(() => started.splice(0).forEach((analyzer) => analyzer.dispose()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(storeFolder: string | null = null, threads: Partial<ThreadPrograms> = {}) {
  const { kernelFile, modelAnalysisThread, sliceThread } = { ...programs, ...threads };
  const told: { readonly path: string; readonly status: AnalysisStatus }[] = [];
  const warnings: string[] = [];
  const analyzer = createThreadModelAnalyzer(
    modelAnalysisThread,
    { kernelFile, sliceThread, storeFolder },
    (sentence) => warnings.push(sentence),
  );
  analyzer.onStatus((path, status) => told.push({ path, status }));
  started.push(analyzer);
  return { analyzer, told, warnings };
}

/** Settles when a status is told that fits. */
const statusOf = (analyzer: ThreadModelAnalyzer, fits: (status: AnalysisStatus) => boolean) =>
  new Promise<AnalysisStatus>((resolve) => {
    const stop = analyzer.onStatus((_path, status) => {
      if (!fits(status)) return;
      stop();
      resolve(status);
    });
  });

describe('the threads of an analysis', () => {
  it('compute what one process computes, and tell of it', async () => {
    const { analyzer, told } = start();
    const end = await analyzer.analyze(large, never);
    expect(end).toMatchObject({ state: 'done', tensorCount: 39, tensorsDone: 39, threads: 0 });
    expect(told.map(({ path }) => path)).toEqual(told.map(() => large));
    expect(told.at(-1)?.status).toEqual(end);
    expect(told.some(({ status }) => status.threads >= 1 && status.bytesPerSecond > 0)).toBe(true);
    const direct = createDirectModelAnalyzer(programs.kernelFile);
    await direct.analyze(large, never);
    const [columns, expected] = await Promise.all([
      analyzer.statsColumns(large, 0, never),
      direct.statsColumns(large, 0, never),
    ]);
    const byRow = ({ row, std, beyond6 }: typeof columns) =>
      [...row].map((at, index) => [at, std[index], beyond6[index]]).sort(([a = 0], [b = 0]) => a - b);
    expect(byRow(columns)).toEqual(byRow(expected));
    expect(await analyzer.channelUse(large, never)).toEqual(await direct.channelUse(large, never));
  });

  it('stop when they are told to, and go on later', async () => {
    const { analyzer } = start();
    const ended = analyzer.analyze(large, never);
    await statusOf(analyzer, ({ state, tensorsDone }) => state === 'running' && tensorsDone > 3);
    await analyzer.cancel(large);
    const end = await ended;
    expect(end.state).toBe('cancelled');
    expect(end.tensorsDone).toBeGreaterThan(3);
    expect(end.tensorsDone).toBeLessThan(39);
    expect(await analyzer.analyze(large, never)).toMatchObject({ state: 'done', tensorsDone: 39 });
  });

  it('stop by the signal of whoever asked, who is told how it ended', async () => {
    const { analyzer } = start();
    const abort = new AbortController();
    const ended = analyzer.analyze(large, abort.signal);
    await statusOf(analyzer, ({ state }) => state === 'estimating' || state === 'running');
    abort.abort();
    expect((await ended).state).toBe('cancelled');
    expect((await analyzer.analyze(large, abort.signal)).state).toBe('cancelled');
  });

  it('fail with a sentence when they cannot start, and leave no analysis running', async () => {
    const { analyzer } = start(null, { sliceThread: join(folder, 'nothing.js') });
    const end = await analyzer.analyze(Q4, never);
    expect(end.state).toBe('failed');
    expect(end.why).toMatch(/^A thread of the analysis stopped \(/);
    expect((await analyzer.analysis(Q4, never)).state).toBe('failed');
  });
});

describe('results of threads', () => {
  it('are found at once by the next window', async () => {
    const store = join(folder, 'store');
    await start(store).analyzer.analyze(Q4, never);
    expect(readdirSync(store).length).toBe(1);
    const { analyzer, told } = start(store);
    expect(await analyzer.analysis(Q4, never)).toMatchObject({ state: 'done', tensorsDone: 39, serial: 39 });
    expect((await analyzer.statsColumns(Q4, 0, never)).count).toBe(39);
    expect(told).toEqual([]);
  });

  it('that came before the window was closed in the middle are not lost', async () => {
    const store = join(folder, 'half');
    const first = start(store).analyzer;
    const ended = first.analyze(large, never).catch((error: unknown) => error);
    const { tensorsDone } = await statusOf(first, (status) => status.tensorsDone > 3);
    first.dispose();
    await ended;
    const { analyzer } = start(store);
    const status = await analyzer.analysis(large, never);
    expect(status.state).toBe('cancelled');
    expect(status.tensorsDone).toBeGreaterThanOrEqual(tensorsDone);
    expect(await analyzer.analyze(large, never)).toMatchObject({ state: 'done', tensorsDone: 39 });
  });

  it('are there without a place to keep them, which is told once', async () => {
    const file = join(folder, 'large.gguf');
    expect(statSync(file).isFile()).toBe(true);
    const { analyzer, warnings } = start(join(file, 'below'));
    expect((await analyzer.analyze(Q4, never)).state).toBe('done');
    expect((await analyzer.statsColumns(Q4, 0, never)).count).toBe(39);
    expect(warnings.length).toBe(1);
  });
});
