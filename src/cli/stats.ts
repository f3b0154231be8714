// quantscope stats: the numbers in every tensor of a model, by all cores but one, or in one tensor, in this process.
import { availableParallelism } from 'node:os';
import { setImmediate as pause } from 'node:timers/promises';
import { attemptAnalysis, attemptGroups } from '../app/analysis/attempt.ts';
import { type AnalysisPool, createWorker } from '../app/analysis/modelAnalysisJobs.ts';
import { runAnalysis } from '../app/analysis/modelAnalysisRun.ts';
import { openSession, type Session, statusOf } from '../app/analysis/modelAnalysisSession.ts';
import { whyUnavailable } from '../app/analysis/tensorData.ts';
import { groupsLines } from '../app/present/groupsReport.ts';
import { statsCells } from '../app/present/statsCells.ts';
import { statsReport } from '../app/present/statsReport.ts';
import { tensorStatsView, unavailableStats } from '../app/present/tensorStatsView.ts';
import { Failure, wrongUsage } from '../core/base/failure.ts';
import { formatBytes, formatCount } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { Model, Tensor } from '../core/formats/model.ts';
import { loadKernel } from '../node/diskAnalyzer.ts';
import { diskAccess } from '../node/fileSource.ts';
import { startSlicePool } from '../node/slicePool.ts';
import { NO_STORE } from '../node/statsStore.ts';
import { readArguments } from './arguments.ts';
import { openPath, whyUnreadable } from './openPath.ts';
import { table } from './table.ts';
import { EXIT, type Terminal } from './terminal.ts';

/** Parts of this program that are files of their own. */
export interface Programs {
  readonly kernelFile: string;
  readonly sliceThread: string;
}

type View = ReturnType<typeof tensorStatsView>;
type Groups = Parameters<typeof groupsLines>[0];

/** In less data threads take longer to start than to work. */
const MIN_BYTES_FOR_THREADS = 2 ** 25;
const MAX_THREADS = 256;

export async function stats(
  args: readonly string[],
  terminal: Terminal,
  programs: Programs,
): Promise<number> {
  const { path, json, options } = readArguments('stats', args, ['--tensor', '--threads']);
  const threads = options['--threads'] === undefined ? null : threadCount(options['--threads']);
  const { absolute, opened } = openPath(path);
  const { model } = opened;
  if (model === null) throw new Failure('not-readable', `${path}: ${whyUnreadable(opened)}`);
  const name = options['--tensor'];
  const tensors = name === undefined ? null : chosen(path, model, name);
  const views =
    tensors === null
      ? await viewsOfAll(absolute, threads, terminal, programs)
      : viewsOf(absolute, model, tensors, programs);
  const groups = groupsOf(absolute, model, tensors ?? [], views);
  terminal.progress?.('');
  terminal.out(json ? statsReport(views, groups) : lines(table(statsCells(views), [true, true])));
  if (!json) for (const each of groups.values()) terminal.out(lines(['', ...groupsLines(each)]));
  const unavailable = views.filter((view) => view.unavailable !== null);
  if (!json && unavailable.length > 0)
    terminal.out(lines(['', ...unavailable.map((view) => `${view.name}: ${view.unavailable}`)]));
  return EXIT.ok;
}

function threadCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_THREADS) return count;
  throw wrongUsage(`--threads needs a number from 1 to ${MAX_THREADS}, not "${text}"`);
}

/** In the order of the table. */
async function viewsOfAll(
  path: string,
  threads: number | null,
  terminal: Terminal,
  { kernelFile, sliceThread }: Programs,
): Promise<View[]> {
  const { signal } = new AbortController();
  const session = openSession(diskAccess, NO_STORE, path, signal);
  if (session === null) throw new Failure('gone', `${path} changed while it was read; try again.`);
  const count = threads ?? Math.max(1, availableParallelism() - 1);
  const isSmall = statusOf(session).bytes < MIN_BYTES_FOR_THREADS;
  const views = session.tensors.map((tensor) => unavailableStats(tensor, whyUnavailable(tensor)));
  await runAnalysis(
    session,
    {
      startPool: () =>
        threads === null && isSmall ? here(kernelFile) : startSlicePool(sliceThread, { kernelFile }, count),
      isWatched: false,
      tell: progressOf(terminal, session),
      hear(row, result) {
        const tensor = session.tensors[row];
        if (tensor === undefined) return;
        views[row] = typeof result === 'string' ? unavailableStats(tensor, result) : printed(result.view);
      },
    },
    signal,
  );
  return views;
}

/** Charts are not printed: without them a hundred thousand tensors fit into memory. */
const printed = (view: View): View => ({ ...view, values: null, channels: null });

/** A worker in this thread. */
function here(kernelFile: string): AnalysisPool {
  const kernel = loadKernel(kernelFile);
  const worker = createWorker({ files: diskAccess, kernel: () => kernel, pause: () => pause() });
  return { workers: [worker], end: () => undefined };
}

/** Small enough to be done before somebody asks how far it is. */
function viewsOf(path: string, model: Model, tensors: readonly Tensor[], { kernelFile }: Programs): View[] {
  const kernel = loadKernel(kernelFile);
  return tensors.map((tensor) => {
    const start = Date.now();
    const analysis = resultOf(attemptAnalysis(diskAccess, path, model, tensor, () => kernel));
    if (typeof analysis === 'string') return unavailableStats(tensor, analysis);
    return tensorStatsView(analysis, Date.now() - start);
  });
}

/** Of the packed matrices among some tensors. */
function groupsOf(
  path: string,
  model: Model,
  tensors: readonly Tensor[],
  views: readonly View[],
): Map<View, Groups> {
  const groups = new Map<View, Groups>();
  tensors.forEach((tensor, index) => {
    const view = views[index];
    if (tensor.packed === null || view === undefined || view.unavailable !== null) return;
    groups.set(view, resultOf(attemptGroups(diskAccess, path, model, tensor)));
  });
  return groups;
}

/** Whatever it yields on its way. */
function resultOf<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Two tensors of a damaged file may have the same name. */
function chosen(path: string, model: Model, name: string): Tensor[] {
  const tensors = model.tensors.filter((tensor) => tensor.name === name || visibleText(tensor.name) === name);
  if (tensors.length > 0) return tensors;
  throw new Failure('not-found', `${path} has no tensor "${name}"; inspect lists them.`);
}

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`;

const TELL_MILLISECONDS = 100;

/** Tells now and then how far it is. */
function progressOf(terminal: Terminal, session: Session): () => void {
  let told = 0;
  return () => {
    if (terminal.progress === undefined || Date.now() - told < TELL_MILLISECONDS) return;
    told = Date.now();
    const { bytes, bytesDone, bytesPerSecond, threads } = statusOf(session);
    const percent = `${formatCount(Math.floor((100 * bytesDone) / Math.max(1, bytes)))} % of ${formatBytes(bytes)}`;
    const speed = bytesPerSecond > 0 ? ` · ${formatBytes(Math.round(bytesPerSecond))}/s` : '';
    const by = threads > 1 ? ` · ${threads} threads` : '';
    terminal.progress(`${percent}${speed}${by}`);
  };
}
