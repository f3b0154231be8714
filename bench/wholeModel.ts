// The analysis of a whole model in a process that plays the extension host: how long it takes by one thread and by two, how much
// memory the process has at its peak, and how long its main thread is ever blocked.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resourceUsage } from 'node:process';
import { NEVER_CANCELLED } from '../src/core/base/cancel.ts';
import { openModel } from '../src/core/formats/openModel.ts';
import { diskAccess } from '../src/node/fileSource.ts';
import { createThreadModelAnalyzer } from '../src/node/modelAnalysisClient.ts';
import { buildAnalysisThreads, type ThreadPrograms } from '../test/support/threads.ts';
import { QUARTER_OF_7B, writeWeightsModel } from '../test/support/weightsModel.ts';

export interface HostMeasured {
  readonly bytes: number;
  /** From the start of the first thread to the last result. */
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly processorSeconds: number;
  /** Of the whole process, at most. */
  readonly peakBytes: number;
  readonly blocked: Blocked;
}

/** The longest time between two turns of the event loop of the main thread, in milliseconds. */
export interface Blocked {
  /** By the clock: also while other programs had the processor. */
  readonly clock: number;
  /** Of the processor's time: what the main thread itself took. NaN where the system does not tell. */
  readonly processor: number;
}

export interface WholeModelMeasured {
  readonly weights: number;
  readonly oneThread: HostMeasured;
  readonly twoThreads: HostMeasured;
  /** Of a process that does nothing meanwhile: what the machine itself adds. */
  readonly idle: Blocked;
}

/** The best of so many runs: the machine can make a run slower, never faster. */
const RUNS = 3;

/**
 * Writes a model of 1.1 GB shaped like one of 7B, in the mix of Q4_K_M, and analyzes it in fresh processes of this program, which
 * hands their arguments to `wholeModelJob`.
 */
export async function measureWholeModel(folder: string): Promise<WholeModelMeasured> {
  const path = join(folder, 'whole-model.gguf');
  writeWeightsModel(path, QUARTER_OF_7B);
  const programs = await buildAnalysisThreads(folder);
  const runs: { readonly one: HostMeasured; readonly two: HostMeasured; readonly idle: Blocked }[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const idle = inProcess<Blocked>(['idle']);
    const one = await inProcess<HostMeasured>(['host', path, '1', JSON.stringify(programs)]).answer;
    const two = await inProcess<HostMeasured>(['host', path, '2', JSON.stringify(programs)]).answer;
    idle.end();
    runs.push({ one, two, idle: await idle.answer });
  }
  return {
    weights: weightsIn(path),
    oneThread: best(runs.map(({ one }) => one)),
    twoThreads: best(runs.map(({ two }) => two)),
    idle: leastBlocked(runs.map(({ idle }) => idle)),
  };
}

export const WHOLE_MODEL_JOB = 'whole-model';

/** What a process of its own does: it is asked by its arguments behind WHOLE_MODEL_JOB, and answers by a message. */
export async function wholeModelJob([
  job,
  path = '',
  threads,
  programs = '',
]: readonly string[]): Promise<void> {
  const answer =
    job === 'idle'
      ? await blockedUntil(new Promise((resolve) => process.once('message', resolve)))
      : await playHost(path, Number(threads), JSON.parse(programs) as ThreadPrograms);
  process.send?.(answer);
  process.disconnect();
}

/** Does what the extension does: passes statuses on to a page, which asks for the numbers behind them. */
async function playHost(path: string, threads: number, programs: ThreadPrograms): Promise<HostMeasured> {
  const { kernelFile, modelAnalysisThread, sliceThread } = programs;
  const analyzer = createThreadModelAnalyzer(
    modelAnalysisThread,
    { kernelFile, sliceThread, storeFolder: null },
    (sentence) => console.error(sentence),
    () => threads,
  );
  const { signal } = new AbortController();
  const page = { since: 0, asked: Promise.resolve() };
  analyzer.onStatus((_path, status) => {
    if (status.serial <= page.since) return;
    page.asked = analyzer
      .statsColumns(path, page.since, signal)
      .then(({ serial }) => void (page.since = serial));
  });
  const start = performance.now();
  const before = process.cpuUsage();
  const ended = analyzer.analyze(path, signal);
  const blocked = await blockedUntil(ended);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const { state, why, bytes, tensorsDone } = await ended;
  await page.asked;
  analyzer.dispose();
  if (state !== 'done') throw new Error(`The analysis ended as ${state}: ${why} (${tensorsDone} tensors)`);
  return {
    bytes,
    seconds,
    processorSeconds: (user + system) / 1e6,
    peakBytes: resourceUsage().maxRSS * 1024,
    blocked,
  };
}

/** Until something settles. */
async function blockedUntil(ended: Promise<unknown>): Promise<Blocked> {
  let [clock, processor] = [0, 0];
  let before = { clock: performance.now(), processor: processorMilliseconds() };
  const timer = setInterval(() => {
    const now = { clock: performance.now(), processor: processorMilliseconds() };
    clock = Math.max(clock, now.clock - before.clock);
    processor = Math.max(processor, now.processor - before.processor);
    before = now;
  }, 1);
  await ended;
  clearInterval(timer);
  return { clock, processor };
}

/** What Linux says of the main thread of this process. */
function processorMilliseconds(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return NaN;
  }
}

const leastBlocked = (times: readonly Blocked[]): Blocked => ({
  clock: Math.min(...times.map(({ clock }) => clock)),
  processor: Math.max(...times.map(({ processor }) => processor)), // the machine does not disturb it
});

function best(runs: readonly HostMeasured[]): HostMeasured {
  const least = (of: (measured: HostMeasured) => number): number => Math.min(...runs.map(of));
  return {
    bytes: least(({ bytes }) => bytes),
    seconds: least(({ seconds }) => seconds),
    processorSeconds: least(({ processorSeconds }) => processorSeconds),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
    blocked: leastBlocked(runs.map(({ blocked }) => blocked)),
  };
}

function weightsIn(path: string): number {
  const { model } = diskAccess.withFolder(path, (folder, name) => openModel(folder, name, NEVER_CANCELLED));
  return (model?.tensors ?? []).reduce((sum, { elementCount }) => sum + elementCount, 0);
}

/** This program once more, with other arguments. */
function inProcess<T>(args: readonly string[]): { readonly answer: Promise<T>; end(): void } {
  const child = fork(process.argv[1] ?? '', [WHOLE_MODEL_JOB, ...args]);
  const answer = new Promise<T>((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`A process of the bench ended with ${code}.`)));
  });
  return { answer, end: () => void child.send('end') };
}
