// Watches over files that are open: told when they changed, are gone or are back, once they rest.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';

export type FileChange = 'changed' | 'gone' | 'back';

/** A download writes many times a second; the page is told once it rests this long. */
const SETTLE_MILLISECONDS = 300;

export interface FileWatch extends vscode.Disposable {
  /** Watch these names in the same folder too. */
  also(names: readonly string[]): void;
  /** Looks now, and tells of a change. */
  check(): void;
  /** What is on the disk now is what is about to be read. */
  settle(): Promise<void>;
}

export function watchFiles(path: string, tell: (state: FileChange) => void): FileWatch {
  const folder = dirname(path);
  const names = new Set([basename(path)]);
  let last = '';
  let wasGone = false;
  let timer: NodeJS.Timeout | undefined;

  const stampOf = async (name: string): Promise<string> => {
    try {
      const { size, mtimeMs } = await stat(join(folder, name));
      return `${size}:${mtimeMs}`;
    } catch {
      return 'gone'; // not to be had, for whatever reason: the reader words it
    }
  };
  const stamp = async (): Promise<string> => (await Promise.all([...names].map(stampOf))).join('|');
  const check = async (): Promise<void> => {
    const now = await stamp();
    if (now === last) return;
    const gone = (await stampOf(basename(path))) === 'gone';
    tell(gone ? 'gone' : wasGone ? 'back' : 'changed');
    wasGone = gone;
    last = now;
  };
  const later = (uri: vscode.Uri): void => {
    if (!names.has(basename(uri.fsPath))) return;
    clearTimeout(timer);
    timer = setTimeout(() => void check(), SETTLE_MILLISECONDS); // check never rejects
  };
  // All names of the folder: a pattern of exact names would have to escape what a glob reads into them.
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.file(folder), '*'),
  );
  watcher.onDidChange(later);
  watcher.onDidCreate(later);
  watcher.onDidDelete(later);
  return {
    also(more) {
      const before = names.size;
      for (const name of more) names.add(name);
      if (names.size > before) void stamp().then((now) => (last = now)); // stamp never rejects
    },
    check() {
      void check(); // never rejects
    },
    async settle() {
      last = await stamp();
      wasGone = false;
    },
    dispose() {
      clearTimeout(timer);
      watcher.dispose();
    },
  };
}
