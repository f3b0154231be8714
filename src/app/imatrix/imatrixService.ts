// What the page of an importance matrix may ask, answered from its reader and the editor's own services.
import type { ImatrixCommand, ImatrixHost } from '../../protocol/imatrixView.ts';
import type { ImatrixReader } from './imatrixReader.ts';
import { copyInParts, nothing } from '../pageAnswers.ts';

/** The editor around the page. */
export interface ImatrixShell {
  run(command: ImatrixCommand): Promise<void>;
  copy(text: string): Promise<void>;
  /** Asks where to, writes, and tells how it went. */
  saveFile(name: string, bytes: Uint8Array): Promise<void>;
  loadState(): unknown;
  saveState(state: unknown): Promise<void>;
}

/** @param path of the importance matrix */
export function createImatrixService(path: string, reader: ImatrixReader, shell: ImatrixShell): ImatrixHost {
  return {
    async open(_argument, signal) {
      const snapshot = await reader.open(path, signal);
      if (snapshot.kind !== 'imatrix') return snapshot;
      return { ...snapshot, savedState: shell.loadState() ?? null };
    },
    rows: ({ first }, signal) => reader.rows(path, first, signal),
    tensor: ({ row, expert }, signal) => reader.tensor(path, row, expert, signal),
    run: ({ command }) => nothing(shell.run(command)),
    copy: copyInParts(shell.copy),
    saveFile: ({ name, bytes }) => nothing(shell.saveFile(name, bytes)),
    saveState: ({ state }) => nothing(shell.saveState(state)),
  };
}
