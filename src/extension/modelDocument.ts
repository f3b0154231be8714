// A model file that is open: its snapshot, read once for all its editors, and the watch over its files.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import type { ModelSnapshot } from '../protocol/modelView.ts';
import { type FileChange, watchFiles } from './fileWatch.ts';

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
