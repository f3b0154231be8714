// A model file that is open: its snapshot, read once for all its editors, and the watch over its files.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import type { ModelSnapshot } from '../protocol/modelView.ts';

export type FileChange = 'changed' | 'gone' | 'back';

export interface ModelDocument extends vscode.CustomDocument {
  /** Absolute path; '' for a file that is not on a disk of this machine. */
  readonly path: string;
  /** The model as it was last read; read again when its file has changed since. */
  snapshot(): Promise<ModelSnapshot>;
  /** What was last read, when it has been. */
  readonly current: ModelSnapshot | null;
  /** Read again at the next ask. */
  forget(): void;
  /** Looks now whether the file changed: something else has noticed it before the watch. */
  checkFile(): void;
  /** The file changed since it was read. */
  readonly isOutdated: boolean;
  readonly onDidChangeFile: vscode.Event<FileChange>;
}

/** A download writes many times a second; the page is told once it rests this long. */
const SETTLE_MILLISECONDS = 300;

export function openModelDocument(
  uri: vscode.Uri,
  reader: ModelReader,
  onRead: (snapshot: ModelSnapshot) => void,
): ModelDocument {
  const path = uri.scheme === 'file' ? uri.fsPath : '';
  const abort = new AbortController();
  const change = new vscode.EventEmitter<FileChange>();
  const watch =
    path === ''
      ? null
      : watchFiles(path, (state) => {
          isOutdated = true;
          change.fire(state);
        });
  let current: ModelSnapshot | null = null;
  let isOutdated = false;
  let reading: Promise<ModelSnapshot> | null = null;

  const read = async (): Promise<ModelSnapshot> => {
    if (path === '') return notOnDisk(uri);
    isOutdated = false;
    await watch?.settle();
    const snapshot = await reader.open(path, abort.signal);
    if (snapshot.kind === 'model') watch?.also(snapshot.files.map(({ name }) => name));
    current = snapshot;
    onRead(snapshot);
    return snapshot;
  };
  return {
    uri,
    path,
    onDidChangeFile: change.event,
    get current() {
      return current;
    },
    checkFile() {
      watch?.check();
    },
    get isOutdated() {
      return isOutdated;
    },
    snapshot() {
      if (isOutdated) reading = null;
      const asked = (reading ??= read());
      asked.catch(() => {
        if (reading === asked) reading = null; // the next ask tries again
      });
      return asked;
    },
    forget() {
      reading = null;
    },
    dispose() {
      abort.abort();
      watch?.dispose();
      change.dispose();
    },
  };
}

interface FileWatch extends vscode.Disposable {
  /** Watch these names in the same folder too. */
  also(names: readonly string[]): void;
  /** Looks now, and tells of a change. */
  check(): void;
  /** What is on the disk now is what is about to be read. */
  settle(): Promise<void>;
}

function watchFiles(path: string, tell: (state: FileChange) => void): FileWatch {
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

function notOnDisk(uri: vscode.Uri): ModelSnapshot {
  const text = `Quantscope reads files on a disk; this one comes from "${uri.scheme}:". Save it to a folder and open it there.`;
  const problem = {
    code: 'file-unreadable',
    severity: 'error',
    text,
    byteOffset: null,
    file: '',
    tensor: -1,
  } as const;
  return { kind: 'unreadable', fileName: basename(uri.path), fileBytes: null, problems: [problem] };
}
