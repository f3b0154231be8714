// Opens importance matrices and answers what their pages ask. Runs where waiting is allowed: a worker thread or a terminal.
import type { CancelSignal } from '../../core/base/cancel.ts';
import { gone, notFound } from '../../core/base/failure.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import { openImatrix } from '../../core/formats/imatrix/openImatrix.ts';
import type { ImatrixRows, ImatrixSnapshot, TensorImportance } from '../../protocol/imatrixView.ts';
import type { AbortSignal } from '../../protocol/rpc.ts';
import type { FileAccess } from '../ports.ts';
import { collectedOf, type ImportanceRow, importanceRows } from './importanceRows.ts';
import { imatrixRows, imatrixView, tensorImportance, unreadableImatrix } from './imatrixView.ts';

/** Reads off the main thread. Every method reads the file again when it has changed since it was last read. */
export interface ImatrixReader {
  open(path: string, signal: AbortSignal): Promise<ImatrixSnapshot>;
  rows(path: string, first: number, signal: AbortSignal): Promise<ImatrixRows>;
  tensor(path: string, row: number, expert: number | null, signal: AbortSignal): Promise<TensorImportance>;
}

/** Files kept: a page looks at one. */
const MAX_OPEN = 4;

interface Entry {
  readonly stamp: string;
  readonly snapshot: ImatrixSnapshot;
  readonly imatrix: Imatrix | null;
  readonly rows: readonly ImportanceRow[];
  readonly roles: readonly string[];
}

export function createImatrixReader(files: FileAccess): ImatrixReader {
  const entries = new Map<string, Entry>();
  const entryOf = (path: string, signal: AbortSignal): Entry => {
    const fileName = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    const stamp = files.stamp(path, [fileName]);
    const known = entries.get(path);
    if (known !== undefined && known.stamp === stamp) return known;
    const entry = { stamp, ...readImatrix(files, path, signal) };
    entries.delete(path); // the newest stands last
    entries.set(path, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= MAX_OPEN) break;
      entries.delete(oldest);
    }
    return entry;
  };
  return {
    open: async (path, signal) => entryOf(path, signal).snapshot,
    async rows(path, first, signal) {
      const { rows, roles } = entryOf(path, signal);
      return imatrixRows(rows, roles, first);
    },
    async tensor(path, at, expert, signal) {
      const { rows, imatrix } = entryOf(path, signal);
      const row = rows[at];
      if (imatrix === null || row === undefined) throw gone('This tensor');
      const collected = files.withFolder(path, (folder, fileName) => {
        const source = folder.open(fileName);
        if (source === null) throw notFound(fileName);
        return collectedOf(source, imatrix, row.entry);
      });
      return tensorImportance(at, row, collected, expert);
    },
  };
}

/** An importance matrix with its numbers, or why there is none. */
export interface ReadImatrix {
  readonly snapshot: ImatrixSnapshot;
  readonly imatrix: Imatrix | null;
  readonly problems: readonly Problem[];
  readonly rows: readonly ImportanceRow[];
  readonly roles: readonly string[];
}

/** @throws Failure when the file is not there or cannot be read */
export function readImatrix(files: FileAccess, path: string, signal: CancelSignal): ReadImatrix {
  return files.withFolder(path, (folder, fileName) => {
    const source = folder.open(fileName);
    if (source === null) throw notFound(fileName);
    const { imatrix, problems } = openImatrix(source, fileName, signal);
    if (imatrix === null)
      return {
        snapshot: unreadableImatrix(fileName, source.size, problems),
        ...{ imatrix, problems, rows: [], roles: [] },
      };
    const rows = importanceRows(source, imatrix, signal);
    const { view, roles } = imatrixView(fileName, source.size, imatrix, problems, rows);
    return { snapshot: view, imatrix, problems, rows, roles };
  });
}
