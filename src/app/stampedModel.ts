// A model with the stamps of the files it was read from, each taken before the file was read: what changes while the header
// is read makes the model stale, instead of passing for what was read.
import type { Opened } from '../core/formats/model.ts';
import { openModel } from '../core/formats/openModel.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import type { FileAccess } from './ports.ts';

export interface StampedModel {
  readonly opened: Opened;
  readonly fileName: string;
  /** Of the file that was asked for; null: there is no such file. */
  readonly fileBytes: number | null;
  /** Is any of the files another now: changed, gone, or there when it was missing? */
  isStale(): boolean;
}

/** @throws Failure where the file does not exist or cannot be read */
export function openStamped(files: FileAccess, path: string, signal: AbortSignal): StampedModel {
  return files.withFolder(path, (folder, fileName) => {
    const stamps = new Map<string, string>();
    const opened = openModel(
      {
        open(name) {
          if (!stamps.has(name)) stamps.set(name, files.stamp(path, [name]));
          return folder.open(name);
        },
      },
      fileName,
      signal,
    );
    const names = [...stamps.keys()];
    const stamp = [...stamps.values()].join('|');
    const fileBytes = folder.open(fileName)?.size ?? null;
    return { opened, fileName, fileBytes, isStale: () => files.stamp(path, names) !== stamp };
  });
}
