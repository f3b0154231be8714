// Files on the disk as byte sources: opened for the time they are read, closed at once, so that Windows can replace them.
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { stat as statLater } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, notReadable } from '../core/base/failure.ts';
import type { FileAccess, OpenFile } from '../app/ports.ts';

const IS_FOLDER = 'it is a folder';

/** @throws Failure not-readable, also for a folder or a device; null when there is no such file. */
function openFileSource(path: string): OpenFile | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw notReadable(path, reasonOf(error));
  }
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    closeSync(descriptor);
    throw notReadable(path, stat.isDirectory() ? IS_FOLDER : 'it is not a regular file');
  }
  return {
    size: stat.size,
    read(offset, target) {
      let done = 0;
      try {
        while (done < target.length) {
          const count = readSync(descriptor, target, done, target.length - done, offset + done);
          if (count === 0) break;
          done += count;
        }
      } catch (error) {
        throw notReadable(path, reasonOf(error));
      }
      return done;
    },
    close: () => closeSync(descriptor),
  };
}

/** The disk behind the header reader. Opens only files that lie in the folder of the model. */
export const diskAccess: FileAccess = {
  withFolder(path, use) {
    const folder = dirname(path);
    const open = new Map<string, OpenFile | null>();
    try {
      return use(
        {
          open(name) {
            if (!isFileName(name)) return null;
            const known = open.get(name);
            if (known !== undefined) return known;
            const source = openFileSource(join(folder, name));
            open.set(name, source);
            return source;
          },
        },
        basename(path),
      );
    } finally {
      for (const source of open.values()) source?.close();
    }
  },
  openFile: (path, name) => (isFileName(name) ? openFileSource(join(dirname(path), name)) : null),
  stamp(path, names) {
    const folder = dirname(path);
    return names.map((name) => stampOf(join(folder, name))).join('|');
  },
};

/** A name of a file in a folder, and not a way out of it. */
const isFileName = (name: string): boolean => name !== '' && basename(name) === name && name !== '..';

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : stampText(stat);
}

/** The same as FileAccess.stamp of one file, without waiting for a disk; null where there is none. */
export async function fileStamp(path: string): Promise<string | null> {
  try {
    return stampText(await statLater(path));
  } catch {
    return null; // not to be had, for whatever reason
  }
}

const stampText = ({ ino, size, mtimeMs }: Stats): string => `${ino}:${size}:${mtimeMs}`;

const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

const REASONS: Record<string, string> = {
  EACCES: 'permission denied: check the permissions of the file',
  EPERM: 'permission denied: check the permissions of the file',
  EISDIR: IS_FOLDER,
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  EBUSY: 'another program has locked it',
};
const reasonOf = (error: unknown): string => REASONS[codeOf(error)] ?? messageOf(error);
