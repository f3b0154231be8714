// The reader of importance matrices as a worker thread.
import type { ImatrixReader } from '../app/imatrix/imatrixReader.ts';
import type { ImatrixRows, ImatrixSnapshot, TensorImportance } from '../protocol/imatrixView.ts';
import type { PartialHead } from '../protocol/partialImatrix.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { createServiceThread } from './serviceThread.ts';

export interface ImatrixThreadService {
  open(argument: { readonly path: string }, signal: AbortSignal): Promise<ImatrixSnapshot>;
  rows(
    argument: { readonly path: string; readonly first: number },
    signal: AbortSignal,
  ): Promise<ImatrixRows>;
  tensor(
    argument: { readonly path: string; readonly row: number; readonly expert: number | null },
    signal: AbortSignal,
  ): Promise<TensorImportance>;
  partial(argument: { readonly path: string }, signal: AbortSignal): Promise<PartialHead | null>;
  [name: string]: (argument: never, signal: AbortSignal) => Promise<unknown>;
}

export interface ThreadImatrix extends ImatrixReader {
  /** What is kept there of a run that did not come to its end; null: nothing. */
  partial(path: string, signal: AbortSignal): Promise<PartialHead | null>;
  dispose(): void;
}

/** @param entry path of the bundled imatrixThread.js. */
export function createThreadImatrix(entry: string): ThreadImatrix {
  const { ask, dispose } = createServiceThread<ImatrixThreadService>(entry, null, {
    name: 'The reader of importance matrices',
  });
  return {
    open: (path, signal) => ask((thread) => thread.open({ path }, signal)),
    rows: (path, first, signal) => ask((thread) => thread.rows({ path, first }, signal)),
    tensor: (path, row, expert, signal) => ask((thread) => thread.tensor({ path, row, expert }, signal)),
    partial: (path, signal) => ask((thread) => thread.partial({ path }, signal)),
    dispose,
  };
}
