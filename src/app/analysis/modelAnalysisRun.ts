// One run over the tensors of a model that are still to be done: first estimates of all, then exact numbers of each.
import { Failure } from '../../core/base/failure.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { AnalysisPool } from './modelAnalysisJobs.ts';
import { createProgress } from './modelAnalysisProgress.ts';
import { createJobQueue, type JobQueue } from './modelAnalysisQueue.ts';
import { keyOf, markUnavailable, restOf, type Session } from './modelAnalysisSession.ts';

/** The stamps of the files are looked at so often. */
const CHANGE_CHECK_MILLISECONDS = 250;

/**
 * Leaves its results in the session.
 * @param tell is called whenever something has changed, often
 * @throws Failure when it was cancelled, when a worker died and when a file of the model changed
 */
export async function runAnalysis(
  session: Session,
  startPool: () => AnalysisPool,
  signal: AbortSignal,
  tell: () => void,
): Promise<void> {
  const { tensors, results } = session;
  markUnavailable(session);
  const rest = restOf(session);
  if (rest.length === 0) return;
  const pool = startPool();
  const done = session.rows.filter((row) => results.get(row)?.known === 'exact');
  const bytesOf = (row: number): number => tensors[row]?.byteLength ?? 0;
  const before = done.reduce((bytes, row) => bytes + bytesOf(row), 0);
  const progress = createProgress(before, () => Date.now());
  session.running = { progress, threads: pool.workers.length };
  let checked = Date.now();
  const failIfChanged = (): void => {
    checked = Date.now();
    if (session.hasChanged()) throw new Failure('gone', FILE_CHANGED);
  };
  try {
    const queue = createJobQueue(pool.workers, signal);
    session.state = 'running';
    tell();
    await eachInTurn(rest, queue, async (row) => {
      const tensor = tensors[row];
      if (tensor === undefined) return;
      const job = { path: session.path, model: session.model, tensor };
      const { numbers, view } = await queue.run(job, (bytes) => {
        progress.runs(job, bytes);
        tell();
      });
      if (Date.now() - checked > CHANGE_CHECK_MILLISECONDS || numbers.known !== 'exact') failIfChanged();
      progress.ended(job, numbers.known === 'exact' ? bytesOf(row) : 0);
      results.set(row, numbers);
      if (numbers.known === 'exact' && !session.kept.keep(keyOf(tensor), numbers, view)) {
        session.isKept = false;
      }
      tell();
    });
    failIfChanged();
  } finally {
    pool.end();
    session.running = null;
  }
}

export const FILE_CHANGED = 'The file changed while it was analyzed; reload it and analyze again.';

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
