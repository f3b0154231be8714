// The analysis of a whole model in its threads, as they ship: one of them against two, and the memory of the process.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { resourceUsage } from 'node:process';
import { createThreadModelAnalyzer } from '../src/node/modelAnalysisClient.ts';
import { buildAnalysisThreads, type ThreadPrograms } from '../test/support/threads.ts';
import { SHAPE_OF_7B, writeWeightsModel } from '../test/support/weightsModel.ts';
import { inProcess } from './inProcess.ts';
import { atLeast, below, line, type Line } from './lines.ts';

const PROCESSES = 2;
/** Of SHAPE_OF_7B. */
const WEIGHTS = 7_241_732_096;
/** Of processor time, codes and the second pass included. */
const MOST_NANOSECONDS = 1.5;
const LEAST_TIMES = 1.8;
const MOST_MEGABYTES = 250;

interface MeasuredModel {
  readonly seconds: number;
  /** Of processor time of all threads. */
  readonly cpuSeconds: number;
  /** Of the process at its peak. */
  readonly peakBytes: number;
}

/** The tensors of a llama of 7 billion weights in 4.4 GB of tiled blocks: all of it is read from the memory of the system. */
export async function modelAnalysis(folder: string): Promise<Line[]> {
  const model = join(folder, 'model.gguf');
  writeWeightsModel(model, SHAPE_OF_7B);
  const programs = await buildAnalysisThreads(folder);
  const run = (threads: number): MeasuredModel =>
    inProcess('model', model, `${threads}`, ...inOrder(programs));
  run(2); // reads the file into the memory of the system
  const pairs = Array.from({ length: PROCESSES }, () => [run(1), run(2)] as const);
  const least = (of: (pair: (typeof pairs)[number]) => number): number => Math.min(...pairs.map(of));
  const [one, two] = [least(([first]) => first.seconds), least(([, second]) => second.seconds)];
  const cpus = [least(([first]) => first.cpuSeconds), least(([, second]) => second.cpuSeconds)];
  const peak = Math.max(...pairs.map(([, second]) => second.peakBytes));
  return [
    line(
      '7.2 billion weights of Q4_K_M: one thread, two threads',
      `${one.toFixed(2)} s, ${two.toFixed(2)} s`,
    ),
    ...cpus.map((cpu, index) =>
      below(
        MOST_NANOSECONDS,
        (cpu * 1e9) / WEIGHTS,
        `ns of processor time per weight, all statistics with codes, ${index === 0 ? 'one thread' : 'two threads'}`,
      ),
    ),
    availableParallelism() < 2
      ? line('two threads', 'this machine has one core')
      : atLeast(LEAST_TIMES, one / two, 'times as fast with two threads as with one'),
    below(MOST_MEGABYTES, peak / 1e6, 'MB of memory at the peak, the whole process'),
  ];
}

const inOrder = ({ kernelFile, modelAnalysisThread, sliceThread }: ThreadPrograms) => [
  kernelFile,
  modelAnalysisThread,
  sliceThread,
];

/** In a process of its own. */
export async function measureModel(args: readonly string[]): Promise<MeasuredModel> {
  const [model = '', threads = '', kernelFile = '', modelAnalysisThread = '', sliceThread = ''] = args;
  const analyzer = createThreadModelAnalyzer(
    modelAnalysisThread,
    { kernelFile, sliceThread, storeFolder: null },
    (sentence) => console.error(sentence),
    () => Number(threads),
  );
  const before = process.cpuUsage();
  const start = performance.now();
  const status = await analyzer.analyze(model, new AbortController().signal);
  const seconds = (performance.now() - start) / 1000;
  if (status.state !== 'done') throw new Error(`The analysis ended as ${status.state}: ${status.why}`);
  const { user, system } = process.cpuUsage(before);
  analyzer.dispose();
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes: resourceUsage().maxRSS * 1024 };
}
