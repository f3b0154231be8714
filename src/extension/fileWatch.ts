// Watches over files that are open: told when they changed, are gone or are back, once they rest.
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { fileStamp } from '../node/fileSource.ts';

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
  const own = basename(path);
  /** What each watched name was when it was last looked at; '': not yet; null: not to be had, for whatever reason. */
  const last = new Map<string, string | null>([[own, '']]);
  let wasGone = false;
  let timer: NodeJS.Timeout | undefined;

  const stampOf = (name: string): Promise<string | null> => fileStamp(join(folder, name));
  /** Looks at all names again. @returns whether one of them is another file than before */
  const look = async (): Promise<boolean> => {
    const names = [...last.keys()];
    const stamps = await Promise.all(names.map(stampOf));
    const hasChanged = names.some((name, index) => last.get(name) !== stamps[index]);
    names.forEach((name, index) => last.set(name, stamps[index] ?? null));
    return hasChanged;
  };
  const check = async (): Promise<void> => {
    if (!(await look())) return;
    const gone = last.get(own) === null;
    tell(gone ? 'gone' : wasGone ? 'back' : 'changed');
    wasGone = gone;
  };
  const later = (uri: vscode.Uri): void => {
    if (!last.has(basename(uri.fsPath))) return;
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
      // Names that were watched keep their stamps: what changed while the model was read must still be told.
      for (const name of more) if (!last.has(name)) void stampOf(name).then((stamp) => last.set(name, stamp)); // it never rejects
    },
    check() {
      void check(); // never rejects
    },
    async settle() {
      await look();
      wasGone = false;
    },
    dispose() {
      clearTimeout(timer);
      watcher.dispose();
    },
  };
}
