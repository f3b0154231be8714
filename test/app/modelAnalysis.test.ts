// The analysis of a whole model: the same numbers as tensor by tensor, told as they come, stopped and gone on with.
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setImmediate as pause } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt } from '../../src/app/analysis/attempt.ts';
import { createModelAnalyzer, type LocalModelAnalyzer } from '../../src/app/analysis/modelAnalysis.ts';
import {
  type AnalysisWorker,
  createWorker,
  tensorResult,
  type TensorResult,
} from '../../src/app/analysis/modelAnalysisJobs.ts';
import { openSession } from '../../src/app/analysis/modelAnalysisSession.ts';
import { analyzeTensor } from '../../src/app/analysis/tensorAnalysis.ts';
import type { StatsStore } from '../../src/app/ports.ts';
import type { TensorNumbers } from '../../src/app/present/statsColumns.ts';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { internal } from '../../src/core/base/failure.ts';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { NO_STORE } from '../../src/node/statsStore.ts';
import {
  type AnalysisStatus,
  QUANTILE_LEVELS,
  STATS_NUMBERS,
  type StatsColumns,
} from '../../src/protocol/analysis.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';
import { writeWeightsModel } from '../support/weightsModel.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
const never = new AbortController().signal;
let folder = '';
let large = '';
let kernel: Kernel;

beforeAll(async () => {
  await buildKernel();
  kernel = loadKernel(KERNEL_WASM);
  folder = mkdtempSync(join(tmpdir(), 'quantscope-model-'));
  large = join(folder, 'large.gguf');
  // 150 million weights; the embedding and the output are larger than two pieces.
  writeWeightsModel(large, { layers: 1, width: 512, feedForward: 1024, vocabulary: 150_000 });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Options {
  readonly store?: StatsStore;
  readonly workers?: number;
  /** Is called before every job with how many there were; the job waits for it. */
  readonly before?: (jobs: number, analyzer: LocalModelAnalyzer) => void | Promise<void>;
}

function analyzerWith({ store = NO_STORE, workers = 1, before = () => undefined }: Options = {}) {
  let jobs = 0;
  const told: AnalysisStatus[] = [];
  const analyzer: LocalModelAnalyzer = createModelAnalyzer({
    files: diskAccess,
    store,
    newAbort: () => new AbortController(),
    startPool: () => ({
      workers: Array.from({ length: workers }, (): AnalysisWorker => {
        const own = workers === 1 ? kernel : loadKernel(KERNEL_WASM);
        const worker = createWorker({ files: diskAccess, kernel: () => own, pause: () => pause() });
        return {
          async run(job, onBytes, signal) {
            await before(jobs++, analyzer);
            return worker.run(job, onBytes, signal);
          },
        };
      }),
      end: () => undefined,
    }),
  });
  analyzer.onStatus((_path, status) => told.push(status));
  return { analyzer, told, jobs: () => jobs };
}

/** Every tensor by itself, in the order of the table. */
function oneByOne(path: string): (TensorResult | string)[] {
  const session = openSession(diskAccess, NO_STORE, path, never);
  return (session?.tensors ?? []).map((tensor) => {
    const steps = attempt(diskAccess, path, session!.model, tensor, (data, source) =>
      analyzeTensor(data, source, kernel, { exactBeyond: 6 }),
    );
    for (;;) {
      const step = steps.next();
      if (step.done === true)
        return typeof step.value === 'string' ? step.value : tensorResult(step.value, 0);
    }
  });
}

const knownOf = ({ row, known }: StatsColumns): number[] => {
  const codes: number[] = [];
  row.forEach((at, index) => (codes[at] = known[index] ?? -1));
  return codes;
};
const same = (path: string) => {
  const copy = join(mkdtempSync(join(folder, 'copy-')), 'model.gguf');
  copyFileSync(path, copy);
  return copy;
};

describe('the analysis of a model', () => {
  it.each([1, 3])('by %i workers has the numbers of its tensors one by one', async (workers) => {
    const { analyzer } = analyzerWith({ workers });
    expect((await analyzer.analyze(large, never)).state).toBe('done');
    const columns = await analyzer.statsColumns(large, 0, never);
    const expected = oneByOne(large);
    expect(columns.count).toBe(expected.length);
    columns.row.forEach((row, index) => {
      const { numbers } = expected[row] as TensorResult;
      STATS_NUMBERS.forEach((name, column) => {
        const [value, wanted] = [columns[name][index]!, numbers.numbers[column]!];
        // Power sums of pieces are added in another order.
        if (Math.abs(value - wanted) > 1e-9 * Math.abs(wanted)) expect({ name, row, value }).toEqual(wanted);
        expect(Number.isNaN(value)).toBe(Number.isNaN(wanted));
      });
      const { length } = QUANTILE_LEVELS;
      expect(columns.quantiles.subarray(index * length, (index + 1) * length)).toEqual(numbers.quantiles);
    });
  });

  it('begins with estimates of the large tensors, whose extremes and rare weights are not known', async () => {
    const estimates: StatsColumns[] = [];
    const { analyzer, told } = analyzerWith({
      async before(_jobs, running) {
        if (told.at(-1)?.state === 'running' && estimates.length === 0)
          estimates.push(await running.statsColumns(large, 0, never));
      },
    });
    await analyzer.analyze(large, never);
    expect(told[0]?.state).toBe('estimating');
    const [columns] = estimates;
    expect(columns?.known).toEqual(new Uint8Array(columns!.count).fill(1));
    const at = columns!.row.indexOf(0);
    expect(columns!.std[at]).toBeGreaterThan(0);
    for (const name of [
      'min',
      'max',
      'absMax',
      'kurtosis',
      'beyond6',
      'beyond20',
      'zeros',
      'scaleRange',
    ] as const)
      expect([name, columns![name][at]]).toEqual([name, NaN]);
  });

  it('tells that it runs and that it is done, and of growing results in between', async () => {
    const { analyzer, told } = analyzerWith();
    const before = await analyzer.analysis(Q4, never);
    expect(before).toMatchObject({ state: 'none', tensorCount: 39, tensorsDone: 0, serial: 0 });
    const end = await analyzer.analyze(Q4, never);
    const done = { state: 'done', tensorsDone: 39, bytes: before.bytes, bytesDone: before.bytes, serial: 39 };
    expect(end).toMatchObject(done);
    expect(await analyzer.analysis(Q4, never)).toEqual(end);
    expect([...new Set(told.map(({ state }) => state))]).toEqual(['running', 'done']);
    for (const key of ['serial', 'tensorsDone', 'bytesDone'] as const) {
      const values = told.map((status) => status[key]);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('tells at most ten times a second, but for changes of the state', async () => {
    const { analyzer, told } = analyzerWith();
    const times: number[] = [];
    analyzer.onStatus(() => times.push(Date.now()));
    await analyzer.analyze(large, never);
    const quick = times.filter((time, index) => time - (times[index - 1] ?? 0) < 100);
    const changes = told.filter(({ state }, index) => state !== told[index - 1]?.state);
    expect(quick.length).toBeLessThanOrEqual(changes.length);
  });

  it('is one, however often it is asked for', async () => {
    const { analyzer, jobs } = analyzerWith();
    const ends = await Promise.all([analyzer.analyze(Q4, never), analyzer.analyze(Q4, never)]);
    expect(ends[0]).toEqual(ends[1]);
    expect(jobs()).toBe(39);
    expect((await analyzer.analyze(Q4, never)).state).toBe('done');
    expect(jobs()).toBe(39);
  });

  it('gives the columns of what came since', async () => {
    const { analyzer } = analyzerWith();
    await analyzer.analyze(Q4, never);
    const rest = await analyzer.statsColumns(Q4, 30, never);
    expect([rest.count, rest.serial, rest.more]).toEqual([9, 39, false]);
    expect(await analyzer.statsColumns(Q4, 39, never)).toMatchObject({ count: 0, serial: 39, more: false });
  });

  it('has nothing to say of a file that is no model', async () => {
    const path = join(folder, 'text.gguf');
    writeFileSync(path, 'hello');
    const { analyzer } = analyzerWith();
    expect(await analyzer.analysis(path, never)).toMatchObject({ state: 'none', tensorCount: 0 });
    expect(await analyzer.analyze(path, never)).toMatchObject({ state: 'none' });
    expect((await analyzer.statsColumns(path, 0, never)).count).toBe(0);
    expect(await analyzer.channelUse(path, never)).toEqual({ tensorCount: 0, channels: [] });
  });
});

describe('an analysis that is cancelled', () => {
  it('keeps what was computed, and goes on with the others', async () => {
    const { analyzer, jobs } = analyzerWith({
      before: (count, { cancel }) => {
        if (count === 10) void cancel(Q4);
      },
    });
    const end = await analyzer.analyze(Q4, never);
    expect(end).toMatchObject({ state: 'cancelled', why: '', tensorsDone: 10, serial: 10, threads: 0 });
    expect((await analyzer.statsColumns(Q4, 0, never)).count).toBe(10);
    expect(await analyzer.analyze(Q4, never)).toMatchObject({ state: 'done', tensorsDone: 39, serial: 39 });
    expect(jobs()).toBe(40); // one was begun twice
  });

  it('stops by the signal of whoever asked, also when it was aborted before', async () => {
    const abort = new AbortController();
    const { analyzer } = analyzerWith({ before: (count) => (count === 3 ? abort.abort() : undefined) });
    expect(await analyzer.analyze(Q4, abort.signal)).toMatchObject({ state: 'cancelled', tensorsDone: 3 });
    expect(await analyzer.analyze(Q4, abort.signal)).toMatchObject({ state: 'cancelled' });
  });

  it('has ended when the cancel is answered; to cancel none is nothing', async () => {
    const { analyzer } = analyzerWith();
    await analyzer.cancel(large);
    const ended = analyzer.analyze(large, never);
    await pause();
    await analyzer.cancel(large);
    expect((await analyzer.analysis(large, never)).state).toBe('cancelled');
    expect((await ended).state).toBe('cancelled');
  });
});

describe('an analysis that goes wrong', () => {
  it('fails with a sentence when the file changes, drops what came before, and can begin anew', async () => {
    const path = same(Q4);
    const { analyzer } = analyzerWith({
      before: (count) => {
        if (count === 10) appendFileSync(path, 'more');
      },
    });
    const end = await analyzer.analyze(path, never);
    expect(end).toMatchObject({ state: 'failed', tensorsDone: 0, bytesDone: 0, serial: 0 });
    expect(end.why).toMatch(/^The file changed while it was analyzed; reload it/);
    expect(await analyzer.analysis(path, never)).toMatchObject({ state: 'none', serial: 0 });
    expect((await analyzer.statsColumns(path, 0, never)).count).toBe(0);
    expect(await analyzer.analyze(path, never)).toMatchObject({ state: 'done', tensorsDone: 39 });
  });

  it('fails with a sentence when the file cannot be read', async () => {
    const { analyzer, told } = analyzerWith();
    const end = await analyzer.analyze(folder, never);
    expect(end).toMatchObject({ state: 'failed', serial: 0 });
    expect(end.why).toMatch(/cannot be read \(it is a folder\)/);
    expect(told).toEqual([end]);
  });

  it('takes nothing that is kept of a file that changed since it was opened', async () => {
    const path = same(Q4);
    let asked = 0;
    const store: StatsStore = {
      resultsOf(...model) {
        if (++asked === 1) appendFileSync(path, 'more');
        return NO_STORE.resultsOf(...model);
      },
    };
    const { analyzer } = analyzerWith({ store });
    expect(await analyzer.analyze(path, never)).toMatchObject({ state: 'failed', tensorsDone: 0 });
    expect(await analyzer.analyze(path, never)).toMatchObject({ state: 'done', tensorsDone: 39 });
  });

  it('drops the results of a file that changed afterwards', async () => {
    const path = same(Q4);
    const { analyzer } = analyzerWith();
    await analyzer.analyze(path, never);
    appendFileSync(path, 'more');
    expect(await analyzer.analysis(path, never)).toMatchObject({ state: 'none', serial: 0 });
  });

  it('counts tensors without data as unavailable', async () => {
    const path = join(folder, 'cut.gguf');
    writeFileSync(path, readFileSync(Q4).subarray(0, 2_000_000));
    const { analyzer } = analyzerWith();
    const end = await analyzer.analyze(path, never);
    const codes = knownOf(await analyzer.statsColumns(path, 0, never));
    const exact = codes.filter((code) => code === 2).length;
    expect(end).toMatchObject({ state: 'done', tensorCount: exact, tensorsDone: exact });
    expect(codes.filter((code) => code === 3).length).toBe(39 - exact);
    expect(exact).toBeLessThan(39);
    expect(exact).toBeGreaterThan(10);
  });

  it('fails when a worker dies, and goes on when it is asked again', async () => {
    const { analyzer } = analyzerWith({
      before: (count) => {
        if (count === 5) throw internal('A thread of the analysis stopped (out of memory); try again.');
      },
    });
    expect(await analyzer.analyze(Q4, never)).toMatchObject({
      state: 'failed',
      why: expect.stringMatching(/out of memory/) as string,
      tensorsDone: 5,
    });
    expect(await analyzer.analyze(Q4, never)).toMatchObject({ state: 'done', why: '', tensorsDone: 39 });
  });
});

describe('an analysis with a store', () => {
  const storeOver = (kept: Map<string, TensorNumbers>): StatsStore => ({
    resultsOf: () => ({
      read: () => kept,
      readView: () => null,
      keep: (key, numbers) => {
        kept.set(key, numbers);
        return true;
      },
    }),
  });

  it('finds its results in another process, all of them or some', async () => {
    const kept = new Map<string, TensorNumbers>();
    const first = analyzerWith({ store: storeOver(kept) }).analyzer;
    await first.analyze(Q4, never);
    expect(first.holdsUnkept()).toBe(false);
    const second = analyzerWith({ store: storeOver(kept) });
    expect(await second.analyzer.analysis(Q4, never)).toMatchObject({
      state: 'done',
      tensorsDone: 39,
      serial: 39,
    });
    expect(second.jobs()).toBe(0);
    for (const key of [...kept.keys()].slice(0, 9)) kept.delete(key);
    const third = analyzerWith({ store: storeOver(kept) });
    expect(await third.analyzer.analysis(Q4, never)).toMatchObject({ state: 'cancelled', tensorsDone: 30 });
    expect(await third.analyzer.analyze(Q4, never)).toMatchObject({ state: 'done', tensorsDone: 39 });
    expect(third.jobs()).toBe(9);
  });

  it('says when it holds results that are nowhere else', async () => {
    const { analyzer } = analyzerWith();
    expect(analyzer.holdsUnkept()).toBe(false);
    await analyzer.analyze(Q4, never);
    expect(analyzer.holdsUnkept()).toBe(true);
  });
});
