// What engines keep of importance matrices in the making, on the disk: how far they are, and what may go.
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parsePartialHead, type PartialHead } from '../protocol/partialImatrix.ts';

const STEP_BYTES = 65_536;
/** Heads of the largest models have some hundred kilobytes. */
const MAX_LOOKED_AT_BYTES = 8 * 2 ** 20;

/** null: there is nothing of a run here. */
export function partialHead(path: string): PartialHead | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null; // not there, or not to be read
  }
  try {
    const steps: Buffer[] = [];
    for (let length = 0; length < MAX_LOOKED_AT_BYTES; length += STEP_BYTES) {
      const step = Buffer.alloc(STEP_BYTES);
      const read = readSync(file, step, 0, STEP_BYTES, length);
      const end = step.subarray(0, read).indexOf('\n');
      steps.push(step.subarray(0, end < 0 ? read : end));
      if (end >= 0) return parsePartialHead(Buffer.concat(steps).toString('utf8'));
      if (read < STEP_BYTES) return null;
    }
    return null;
  } finally {
    closeSync(file);
  }
}

/** Never throws: what stays is in nobody's way. */
export function removePartial(path: string): void {
  for (const name of [path, ...unfinishedOf(path)]) remove(name);
}

/** What a run that died while it wrote has left. */
function unfinishedOf(path: string): string[] {
  const start = `${basename(path)}.`;
  return namesIn(dirname(path))
    .filter((name) => name.startsWith(start) && /^\d+\.new$/.test(name.slice(start.length)))
    .map((name) => join(dirname(path), name));
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true, maxRetries: 3 });
  } catch {
    // locked by another program, or on a disk that is gone
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was kept yet
  }
}

export const PARTIAL_ENDING = '.partial';

/** Leaves the newest of a folder of such files. @param needed stays in any case */
export function prunePartials(folder: string, most: number, needed: string | null = null): void {
  const dated = namesIn(folder)
    .filter((name) => name.endsWith(PARTIAL_ENDING))
    .map((name) => {
      const path = join(folder, name);
      return { path, changed: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
    });
  dated.sort((one, other) => other.changed - one.changed);
  for (const { path } of dated.slice(most)) if (path !== needed) removePartial(path);
}
