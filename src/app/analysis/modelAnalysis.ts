// The analysis of whole models: which are known, which runs, and what is told of it. Runs where waiting is allowed: in a thread,
// or in a terminal.
import { Failure, messageOf } from '../../core/base/failure.ts';
import type { AnalysisStatus } from '../../protocol/analysis.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess, ModelAnalyzer, StatsStore } from '../ports.ts';
import type { AnalysisPool } from './modelAnalysisJobs.ts';
import { createModelResults } from './modelAnalysisResults.ts';
import { FILE_CHANGED, runAnalysis } from './modelAnalysisRun.ts';
import {
  keyOf,
  NOTHING_TO_ANALYZE,
  openSession,
  rowNamed,
  type Session,
  statusOf,
} from './modelAnalysisSession.ts';

export interface ModelAnalysisHost {
  readonly files: FileAccess;
  readonly store: StatsStore;
  /** Starts the workers of one analysis. */
  readonly startPool: () => AnalysisPool;
  readonly newAbort: () => { readonly signal: AbortSignal; abort(): void };
}

export interface LocalModelAnalyzer extends ModelAnalyzer {
  /** Would results be lost if this ended now? */
  holdsUnkept(): boolean;
}

/** Models whose results stay in memory when they could be read from the store again. */
const MAX_SESSIONS = 6;
const TELL_MILLISECONDS = 100;

interface Run {
  abort(): void;
  readonly ended: Promise<AnalysisStatus>;
}

export function createModelAnalyzer({
  files,
  store,
  startPool,
  newAbort,
}: ModelAnalysisHost): LocalModelAnalyzer {
  const sessions = new Map<string, Session>();
  const runs = new Map<string, Run>();
  const tellers = new Set<(path: string, status: AnalysisStatus) => void>();

  const tell = (path: string, status: AnalysisStatus): void => {
    for (const teller of tellers) teller(path, status);
  };
  /** The model as it is on the disk now; while it is analyzed, as it was when that began. */
  const sessionOf = (path: string, signal: AbortSignal): Session | null => {
    const known = sessions.get(path);
    if (known !== undefined && (runs.has(path) || !known.hasChanged())) return known;
    sessions.delete(path);
    const session = openSession(files, store, path, signal);
    if (session !== null) sessions.set(path, session); // the newest stands last
    for (const [oldPath, { isKept }] of sessions) {
      if (sessions.size <= MAX_SESSIONS) break;
      if (isKept && !runs.has(oldPath) && oldPath !== path) sessions.delete(oldPath);
    }
    return session;
  };
  const run = async (session: Session, signal: AbortSignal): Promise<AnalysisStatus> => {
    const { path } = session;
    let told = 0;
    const tellSometimes = (): void => {
      if (Date.now() - told < TELL_MILLISECONDS) return;
      told = Date.now();
      tell(path, statusOf(session));
    };
    try {
      await runAnalysis(session, { startPool, isWatched: true, tell: tellSometimes }, signal);
      session.state = 'done';
    } catch (error) {
      session.state = signal.aborted ? 'cancelled' : 'failed';
      if (session.state === 'failed') session.why = messageOf(error);
      if (session.hasChanged()) {
        session.state = 'failed';
        session.why = FILE_CHANGED;
        session.results = createModelResults(); // those that came are of another file
        sessions.delete(path);
      }
    }
    runs.delete(path);
    const status = statusOf(session);
    tell(path, status);
    return status;
  };

  return {
    async analysis(path, signal) {
      const session = sessionOf(path, signal);
      return session === null ? NOTHING_TO_ANALYZE : statusOf(session);
    },
    async analyze(path, signal) {
      const session = openedOrWhy(() => sessionOf(path, signal));
      if (typeof session === 'string') {
        const status = { ...NOTHING_TO_ANALYZE, state: 'failed', why: session } as const;
        tell(path, status);
        return status;
      }
      if (session === null) return NOTHING_TO_ANALYZE;
      let running = runs.get(path);
      if (running === undefined) {
        const abort = newAbort();
        session.why = '';
        running = { abort: () => abort.abort(), ended: run(session, abort.signal) };
        runs.set(path, running);
      }
      const { abort, ended } = running;
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort);
      return ended.finally(() => signal.removeEventListener('abort', abort));
    },
    async cancel(path) {
      const running = runs.get(path);
      running?.abort();
      await running?.ended;
    },
    onStatus(teller) {
      tellers.add(teller);
      return () => void tellers.delete(teller);
    },
    async statsColumns(path, since, signal) {
      const session = sessionOf(path, signal);
      if (session === null) return createModelResults().columns(since);
      return session.results.columns(since);
    },
    async channelUse(path, signal) {
      const session = sessionOf(path, signal);
      return session === null ? { tensorCount: 0, channels: [] } : session.results.channelUse();
    },
    async keptStats(path, name, signal) {
      const session = sessionOf(path, signal);
      const tensor = session?.tensors[rowNamed(session, name)];
      return (tensor && session?.kept.readView(keyOf(tensor))) ?? null;
    },
    async keepStats(path, view) {
      const session = sessions.get(path);
      if (session === undefined || session.hasChanged()) return;
      const row = rowNamed(session, view.name);
      const [tensor, numbers] = [session.tensors[row], session.results.get(row)];
      if (tensor && numbers?.known === 'exact') session.kept.keep(keyOf(tensor), numbers, view);
    },
    holdsUnkept: () => [...sessions.values()].some(({ isKept }) => !isKept),
  };
}

/** A sentence where the file cannot be read. */
function openedOrWhy<T>(open: () => T): T | string {
  try {
    return open();
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
