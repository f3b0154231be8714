// A model as its analysis knows it: its tensors in the order of the table, and what is known of each.
import { gone } from '../../core/base/failure.ts';
import type { Model, Tensor } from '../../core/formats/model.ts';
import type { AnalysisStatus } from '../../protocol/analysis.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess, KeptResults, StatsStore } from '../ports.ts';
import { UNAVAILABLE } from '../present/statsColumns.ts';
import { tableOrder } from '../present/tableOrder.ts';
import { shownName } from '../present/tensorColumns.ts';
import { openStamped } from '../stampedModel.ts';
import { bareModel } from './modelAnalysisJobs.ts';
import { createModelResults, type ModelResults } from './modelAnalysisResults.ts';
import type { Progress } from './modelAnalysisProgress.ts';
import { whyUnavailable } from './tensorData.ts';

export interface Session {
  readonly path: string;
  /** Without tensors and metadata. */
  readonly model: Model;
  /** In the order of the table. */
  readonly tensors: readonly Tensor[];
  /** Rows of the tensors whose data can be read, as far as the header says. */
  readonly rows: readonly number[];
  results: ModelResults;
  readonly kept: KeptResults;
  /** Are all its results kept in the store? */
  isKept: boolean;
  /** Is any file of the model another than when it was opened? */
  hasChanged(): boolean;
  state: AnalysisStatus['state'];
  why: string;
  /** While it runs. */
  running: { readonly progress: Progress; readonly threads: number } | null;
}

/** Null for a file that is no model. @throws Failure where it cannot be read */
export function openSession(
  files: FileAccess,
  store: StatsStore,
  path: string,
  signal: AbortSignal,
): Session | null {
  const { opened, fileName, isStale } = openStamped(files, path, signal);
  const { model } = opened;
  if (model === null) return null;
  const names = [...new Set([fileName, ...model.files.map(({ name }) => name)])];
  const kept = store.resultsOf(path, names);
  if (isStale()) throw gone('The model'); // what is kept would be of another file than what was opened
  const tensors = tableOrder(model).rows.map(({ tensor }) => tensor);
  const session: Session = {
    path,
    model: bareModel(model),
    tensors,
    rows: [...tensors.keys()].filter((row) => isAnalyzable(tensors[row])),
    results: createModelResults(),
    kept,
    isKept: true,
    hasChanged: isStale,
    state: 'none',
    why: '',
    running: null,
  };
  takeKept(session);
  return session;
}

/** What stands for a tensor in the store: where its data lies and how it is read. */
export const keyOf = ({ file, byteOffset, scheme, shape }: Tensor): string =>
  [file, byteOffset, scheme.name, ...shape].join(' ');

/** @param name as pages show it. -1 where there is none. */
export const rowNamed = ({ tensors }: Session, name: string): number =>
  tensors.findIndex((tensor) => shownName(tensor.name) === name);

/** Tensors that have no numbers are results too, as soon as there are others. */
export function markUnavailable({ tensors, results }: Session): void {
  tensors.forEach((tensor, row) => {
    if (!isAnalyzable(tensor) && results.get(row) === null) results.set(row, UNAVAILABLE);
  });
}

/** Rows that are still to be done. */
export const restOf = ({ rows, results }: Session): number[] =>
  rows.filter((row) => results.get(row)?.known !== 'exact');

/** Bytes of the tensors whose exact numbers are there. */
export const bytesExact = (session: Session): number =>
  bytesIn(
    session,
    session.rows.filter((row) => session.results.get(row)?.known === 'exact'),
  );

const bytesIn = ({ tensors }: Session, rows: readonly number[]): number =>
  rows.reduce((bytes, row) => bytes + (tensors[row]?.byteLength ?? 0), 0);

export function statusOf(session: Session): AnalysisStatus {
  const { state, why, rows, results, running } = session;
  const available = rows.filter((row) => results.get(row)?.known !== 'unavailable');
  const bytes = bytesIn(session, available);
  const bytesDone = Math.min(bytes, running?.progress.bytesDone ?? bytesExact(session));
  const bytesPerSecond = running?.progress.bytesPerSecond ?? 0;
  return {
    state,
    why,
    tensorCount: available.length,
    tensorsDone: results.exactCount,
    bytes,
    bytesDone,
    bytesPerSecond,
    secondsLeft: bytesPerSecond > 0 ? (bytes - bytesDone) / bytesPerSecond : null,
    threads: running?.threads ?? 0,
    serial: results.serial,
  };
}

/** Of a file that is no model. */
export const NOTHING_TO_ANALYZE: AnalysisStatus = {
  state: 'none',
  why: '',
  tensorCount: 0,
  tensorsDone: 0,
  bytes: 0,
  bytesDone: 0,
  bytesPerSecond: 0,
  secondsLeft: null,
  threads: 0,
  serial: 0,
};

function takeKept(session: Session): void {
  const { kept, rows, tensors, results } = session;
  const known = kept.read();
  if (known.size === 0) return;
  for (const row of rows) {
    const tensor = tensors[row];
    const numbers = tensor && known.get(keyOf(tensor));
    if (numbers !== undefined) results.set(row, numbers);
  }
  if (results.exactCount === 0) return;
  markUnavailable(session);
  session.state = restOf(session).length === 0 ? 'done' : 'cancelled';
}

const isAnalyzable = (tensor: Tensor | undefined): boolean =>
  tensor !== undefined && whyUnavailable(tensor) === null;
