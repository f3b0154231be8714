// One run over the tensors of a model that are still to be done: first estimates of all, then exact numbers of each.
import { Failure } from '../../core/base/failure.ts';
import type { Tensor } from '../../core/formats/model.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import { UNAVAILABLE } from '../present/statsColumns.ts';
import { type AnalysisPool, EXACT_BEYOND, tensorResult, type TensorResult } from './modelAnalysisJobs.ts';
import { createProgress } from './modelAnalysisProgress.ts';
import { createJobQueue, type JobQueue } from './modelAnalysisQueue.ts';
import { bytesExact, keyOf, markUnavailable, restOf, type Session } from './modelAnalysisSession.ts';
import { joinParts, searchLimits, withOutliers } from './tensorAnalysis.ts';
import { tensorData } from './tensorData.ts';
import { rangeBytes, rowLayout, splitRows } from './tensorRows.ts';

/** Of fewer weights the exact numbers are there in a moment: estimates would only flicker. */
const MIN_WEIGHTS_TO_ESTIMATE = 1e8;
/** A tensor of more than two pieces is shared out among the workers. */
const PIECE_BYTES = 2 ** 25;
/** A piece's counts take up to 1.5 MB until they are joined: larger tensors are cut into larger pieces. */
const MAX_PIECES = 16;

export interface RunHost {
  /** Starts the workers. */
  readonly startPool: () => AnalysisPool;
  /** Does somebody watch, for whom a large model begins with estimates? */
  readonly isWatched: boolean;
  /** Is called whenever something has changed, often. */
  readonly tell: () => void;
  /** Hears the exact results, about in the order of the table; or a sentence why a tensor has none after all. */
  readonly hear?: (row: number, result: TensorResult | string) => void;
}

/**
 * Leaves its results in the session.
 * @throws Failure when it was cancelled, when a worker died and when a file of the model changed
 */
export async function runAnalysis(
  session: Session,
  { startPool, isWatched, tell, hear }: RunHost,
  signal: AbortSignal,
): Promise<void> {
  const { tensors, results, kept } = session;
  markUnavailable(session);
  const rest = restOf(session);
  if (rest.length === 0) return;
  const failIfChanged = changeCheck(session);
  const pool = startPool();
  const progress = createProgress(bytesExact(session), () => Date.now());
  session.running = { progress, threads: pool.workers.length };
  try {
    const queue = createJobQueue(pool.workers, signal, progress, tell);
    const unknown = rest.filter((row) => results.get(row) === null);
    if (isWatched && sumOf(unknown, (row) => tensors[row]?.elementCount ?? 0) >= MIN_WEIGHTS_TO_ESTIMATE) {
      session.state = 'estimating';
      tell();
      await eachInTurn(unknown, queue, async (row) => {
        const tensor = tensors[row];
        if (tensor === undefined) return;
        const { path, model } = session;
        const numbers = await queue.run({ kind: 'estimate', path, model, tensor, bytes: 0 });
        failIfChanged(typeof numbers === 'string');
        if (typeof numbers === 'string' || numbers === null) return; // its own turn will tell
        results.set(row, numbers);
        tell();
      });
    }
    session.state = 'running';
    tell();
    await eachInTurn(rest, queue, async (row) => {
      const tensor = tensors[row];
      if (tensor === undefined) return;
      const result = await exactResult(session, tensor, queue);
      failIfChanged(typeof result === 'string');
      results.set(row, typeof result === 'string' ? UNAVAILABLE : result.numbers);
      if (typeof result !== 'string') {
        const isKept = kept.keep(keyOf(tensor), result.numbers, result.view);
        session.isKept &&= isKept;
      }
      hear?.(row, result);
      tell();
    });
    failIfChanged(true);
  } finally {
    pool.end();
    session.running = null;
  }
}

export const FILE_CHANGED = 'The file changed while it was analyzed; reload it and analyze again.';

/** A sentence where its data cannot be read after all. */
async function exactResult(
  { path, model }: Session,
  tensor: Tensor,
  queue: JobQueue,
): Promise<TensorResult | string> {
  const start = Date.now();
  const data = tensorData(model, tensor);
  const bytes = tensor.byteLength ?? 0;
  const place = { path, model, tensor };
  if (bytes <= 2 * PIECE_BYTES) return queue.run({ kind: 'tensor', ...place, bytes });
  const layout = rowLayout(data);
  const ranges = splitRows(data, Math.max(PIECE_BYTES, bytes / MAX_PIECES));
  const parts = allOrWhy(
    await Promise.all(
      ranges.map((range) =>
        queue.run({ kind: 'rows', ...place, range, bytes: rangeBytes(data, layout, range) }),
      ),
    ),
  );
  if (typeof parts === 'string') return parts;
  const analysis = joinParts(data, parts);
  const limits = searchLimits(analysis, EXACT_BEYOND);
  if (limits === null) return tensorResult(analysis, Date.now() - start);
  const found = allOrWhy(
    await Promise.all(
      parts.map(({ range, extremes }) =>
        queue.run({ kind: 'search', ...place, part: { range, extremes }, limits, bytes: 0 }),
      ),
    ),
  );
  if (typeof found === 'string') return found;
  return tensorResult(withOutliers(analysis, limits, found), Date.now() - start);
}

/** All results, or the sentence of one that is none. */
function allOrWhy<T>(answers: readonly (T | string)[]): T[] | string {
  const results = answers.filter((answer): answer is T => typeof answer !== 'string');
  return answers.find((answer) => typeof answer === 'string') ?? results;
}

/** The stamps of the files are looked at so often. */
const CHANGE_CHECK_MILLISECONDS = 250;

function changeCheck({ hasChanged }: Session): (isDue: boolean) => void {
  let checked = Date.now();
  return (isDue) => {
    if (!isDue && Date.now() - checked < CHANGE_CHECK_MILLISECONDS) return;
    checked = Date.now();
    if (hasChanged()) throw new Failure('gone', FILE_CHANGED);
  };
}

const sumOf = (rows: readonly number[], of: (row: number) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0);

/** Begins with each row as soon as workers might run out of jobs; ends when all have ended, with the first failure if any. */
async function eachInTurn(
  rows: readonly number[],
  queue: JobQueue,
  work: (row: number) => Promise<void>,
): Promise<void> {
  const open = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const row of rows) {
    await queue.needsJobs();
    if (failures.length > 0) break;
    const working = work(row)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => open.delete(working));
    open.add(working);
  }
  await Promise.all(open);
  if (failures.length > 0) throw failures[0];
}
