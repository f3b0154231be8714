// Files in the making, on the disk: a folder beside the output, with a note of whose it is, so that what a dead process left
// is told from what a living one is writing.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Obstacle } from '../app/quantize/obstacle.ts';
import type { OutputFacts, OutputOrder, OutputPlace, OutputPlaces } from '../app/quantize/outputPlace.ts';
import { Failure, messageOf, wrongUsage } from '../core/base/failure.ts';
import { diskAccess } from './fileSource.ts';

export const diskPlaces: OutputPlaces = { reserve, look };

/** In the folder, beside what is written. */
const OWNER_FILE = 'quantscope-owner.json';

function reserve(order: OutputOrder): OutputPlace {
  const { output } = order;
  checkTargets(order);
  const folder = `${output}.part`;
  makeOwn(folder, output);
  return {
    folder,
    files: diskAccess,
    freeBytes: () => freeOf(folder),
    commit(moves) {
      checkTargets(order);
      const done: (readonly [name: string, path: string])[] = [];
      try {
        for (const move of moves) {
          renameSync(join(folder, move[0]), move[1]);
          done.push(move);
        }
      } catch (error) {
        // Some shards of a model are no model.
        for (const [name, path] of done) renameSync(path, join(folder, name));
        throw unwritable(output, error);
      }
    },
    discard() {
      try {
        rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      } catch {
        // A virus scanner may hold a file of it; the next run to this output clears it away.
      }
    },
  };
}

function look(order: OutputOrder): OutputFacts {
  const freeBytes = freeOf(dirname(order.output));
  try {
    checkTargets({ ...order, force: true });
    checkWritable(order.output);
    return { freeBytes, exists: order.files.some((file) => existsSync(file)), why: null };
  } catch (error) {
    return { freeBytes, exists: false, why: messageOf(error) };
  }
}

/** Whether a folder can be made beside it, as `reserve` will. */
function checkWritable(output: string): void {
  const folder = `${output}.part`;
  try {
    accessSync(dirname(output), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(output, error);
  }
  const owner = existsSync(folder) ? readOwner(folder) : undefined;
  if (owner === null) throw inTheWay(folder);
  if (owner !== undefined && isTaken(owner)) throw takenBy(output, folder);
}

/** Names that may be taken, and are no source under another name. */
function checkTargets({ output, files, sources, force }: OutputOrder): void {
  const real = new Set(sources.map((path) => identity(path) ?? path));
  for (const file of files) {
    const own = identity(file);
    if (real.has(own ?? file))
      throw wrongUsage(`${basename(file)} is the source itself; choose another name for the output.`);
    if (own === null) continue;
    if (!statSync(file).isFile()) throw wrongUsage(`${file} is there already, and is not a file.`);
    if (!force)
      throw new Obstacle('output', `${file} is there already; choose another name, or have it replaced.`);
  }
  const folder = dirname(output);
  if (!existsSync(folder)) throw new Failure('not-found', `The folder ${folder} does not exist.`);
}

/** The same for all names and links of one file; null where there is none. */
function identity(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    if (stat === undefined) return null;
    return stat.ino === 0n ? realpathSync.native(path) : `${stat.dev}:${stat.ino}`;
  } catch (error) {
    throw unwritable(path, error);
  }
}

function makeOwn(folder: string, output: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(output, error);
    clearLeft(folder, output);
    try {
      mkdirSync(folder);
    } catch (again) {
      throw unwritable(output, again);
    }
  }
  try {
    writeFileSync(join(folder, OWNER_FILE), JSON.stringify({ process: process.pid, host: hostname() }));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw unwritable(output, error);
  }
}

/** Removes what a run left that is over; refuses to touch anything else. */
function clearLeft(folder: string, output: string): void {
  const owner = readOwner(folder);
  if (owner === null) throw inTheWay(folder);
  if (isTaken(owner)) throw takenBy(output, folder);
  rmSync(folder, { recursive: true, force: true });
}

interface Owner {
  readonly process: number;
  readonly host: string;
}

const isTaken = (owner: Owner): boolean => owner.host !== hostname() || isAlive(owner.process);

const inTheWay = (folder: string): Failure =>
  wrongUsage(`${folder} is in the way; move it elsewhere, or choose another name for the output.`);

const takenBy = (output: string, folder: string): Failure =>
  wrongUsage(`Another run is writing ${output}; wait for it. If there is none any more, remove ${folder}.`);

function readOwner(folder: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')) as Record<string, unknown>;
    const { process: id, host } = owner;
    return typeof id === 'number' && typeof host === 'string' ? { process: id, host } : null;
  } catch {
    return null; // not one of ours
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

function freeOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null; // some network drives do not say
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  ENOTDIR: 'what should be its folder is a file',
  ENOENT: 'its folder does not take files',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'another program has locked it',
};

function unwritable(path: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new Failure('not-readable', `${path} cannot be written (${REASONS[code] ?? messageOf(error)}).`);
}
