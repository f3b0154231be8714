// Histories of measurements on the disk: a folder for each model with its list and the parts beside it. Bounded: the models that
// were measured longest ago are forgotten. What cannot be read is not there.
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QualityFiles } from '../app/quality/qualityHistory.ts';
import { fileStamp } from './fileSource.ts';

const LIST = 'history.json';
const LOCK = 'lock';
const FOLDER_NAME = /^[0-9a-f]{32}$/;
const PART_NAME = /^[0-9a-z-]{1,64}\.(curve|damage)$/;

/** A list of 200 measurements has 400 kB: what is larger is not ours. */
const MAX_LIST_BYTES = 4e6;
const MAX_PART_BYTES = 256e6;

/** @param maxModels whose histories are kept */
export function createQualityFiles(folder: string, maxModels = 64): QualityFiles {
  const folderOf = (path: string): string =>
    join(folder, createHash('sha256').update(path).digest('hex').slice(0, 32));
  const partOf = (path: string, name: string): string => {
    if (!PART_NAME.test(name)) throw new RangeError(`${name} is no name of a part.`);
    return join(folderOf(path), name);
  };
  let last: Promise<unknown> = Promise.resolve(); // changes of this program, one after the other
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // whoever asked hears of it
    return mine;
  };
  return {
    read: (path) => textOf(join(folderOf(path), LIST)),
    async readAll() {
      const names = await namesIn(folder, FOLDER_NAME);
      const texts = await Promise.all(names.map((name) => textOf(join(folder, name, LIST))));
      return texts.filter((text) => text !== null);
    },
    change: (path, change) =>
      inTurn(async () => {
        const own = folderOf(path);
        await mkdir(own, { recursive: true });
        await locked(join(own, LOCK), async () => {
          const list = join(own, LIST);
          await writeWhole(list, change(await textOf(list)));
        });
        await makeRoom(folder, maxModels);
      }),
    async readPart(path, name) {
      const file = partOf(path, name);
      try {
        return (await stat(file)).size > MAX_PART_BYTES ? null : await readFile(file);
      } catch {
        return null; // not there, or not to be read
      }
    },
    writePart: (path, name, bytes) =>
      inTurn(async () => {
        await mkdir(folderOf(path), { recursive: true });
        await writeWhole(partOf(path, name), bytes);
      }),
    removePart: (path, name) => inTurn(() => rm(partOf(path, name), { force: true })),
    parts: (path) => namesIn(folderOf(path), PART_NAME),
    stamp: fileStamp,
  };
}

/** Null for a file that is not there, is too large or cannot be read. */
async function textOf(path: string): Promise<string | null> {
  try {
    return (await stat(path)).size > MAX_LIST_BYTES ? null : await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

async function namesIn(folder: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name));
  } catch {
    return []; // nothing was measured yet
  }
}

/** A reader sees what was there before or all of it. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function makeRoom(folder: string, maxModels: number): Promise<void> {
  const names = await namesIn(folder, FOLDER_NAME);
  if (names.length <= maxModels) return;
  const dated = await Promise.all(
    names.map(async (name) => {
      const changed = await stat(join(folder, name, LIST)).catch(() => null); // without a list it goes first
      return { name, changed: changed?.mtimeMs ?? 0 };
    }),
  );
  const oldest = dated.toSorted((one, other) => one.changed - other.changed);
  for (const { name } of oldest.slice(0, names.length - maxModels))
    await rm(join(folder, name), { recursive: true, force: true });
}

/** A change takes milliseconds: who holds a lock longer is no longer alive. */
const LOCK_MILLISECONDS = 5000;
const LOCK_TRY_MILLISECONDS = 20;

/** Other windows write the same files. */
async function locked(lock: string, work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + LOCK_MILLISECONDS;
  for (;;) {
    const handle = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return null;
    });
    if (handle !== null) {
      try {
        return await work();
      } finally {
        await handle.close();
        await rm(lock, { force: true });
      }
    }
    const taken = await stat(lock).catch(() => null); // it was just given back
    const isLeft = taken !== null && Date.now() - taken.mtimeMs > LOCK_MILLISECONDS;
    if (isLeft || Date.now() > deadline) await rm(lock, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, LOCK_TRY_MILLISECONDS));
  }
}
