// Writes down what has been collected of an importance matrix now and then, and reads it back to go on from there.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import {
  bodyBytes,
  FORMAT,
  MAX_HEAD_BYTES,
  parsePartialHead,
  type PartialHead,
} from '../protocol/partialImatrix.ts';
import type { Activations } from './activations.ts';

export type Collected = ReadonlyMap<string, Activations>;
export type HeadParts = Omit<PartialHead, 'format' | 'tensors' | 'sha256'>;

/** What is there stays until the new one is whole. @param path is created or replaced */
export function savePartial(path: string, parts: HeadParts, collected: Collected): void {
  const hash = createHash('sha256');
  for (const part of bodyOf(collected)) hash.update(part);
  const tensors = [...collected].map(([name, { sums, counts }]) => ({
    ...{ name, countCount: counts.length, sumCount: sums.length },
  }));
  const head: PartialHead = { format: FORMAT, ...parts, tensors, sha256: hash.digest('hex') };
  const unfinished = `${path}.${process.pid}.new`; // another process may keep the same
  try {
    const file = openSync(unfinished, 'w');
    try {
      writeWhole(file, Buffer.from(`${JSON.stringify(head)}\n`));
      for (const part of bodyOf(collected)) writeWhole(file, part);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function* bodyOf(collected: Collected): Generator<Buffer> {
  for (const { sums, counts } of collected.values())
    for (const { buffer, byteOffset, byteLength } of [counts, sums])
      yield Buffer.from(buffer, byteOffset, byteLength);
}

/** null: there is none of this identity and version, or it is damaged. */
export function loadPartial(
  path: string,
  { identity, engineVersion }: Pick<PartialHead, 'identity' | 'engineVersion'>,
): { readonly head: PartialHead; readonly collected: Collected } | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null; // not there, or not to be read: it begins anew
  }
  try {
    const found = headOf(file);
    if (found === null || found.head.identity !== identity || found.head.engineVersion !== engineVersion)
      return null;
    const { head, bodyOffset } = found;
    if (fstatSync(file).size !== bodyOffset + bodyBytes(head)) return null;
    const hash = createHash('sha256');
    let position = bodyOffset;
    const collected = new Map<string, Activations>();
    for (const { name, countCount, sumCount } of head.tensors) {
      const counts = new Float64Array(countCount);
      const sums = new Float32Array(sumCount);
      position = readWhole(file, counts, position, hash);
      position = readWhole(file, sums, position, hash);
      collected.set(name, { sums, counts });
    }
    return hash.digest('hex') === head.sha256 ? { head, collected } : null;
  } finally {
    closeSync(file);
  }
}

const STEP_BYTES = 65_536;
const LINE_FEED = 10;

function headOf(file: number): { readonly head: PartialHead; readonly bodyOffset: number } | null {
  const steps: Buffer[] = [];
  for (let length = 0; length < MAX_HEAD_BYTES; length += STEP_BYTES) {
    const step = Buffer.alloc(STEP_BYTES);
    const read = readSync(file, step, 0, STEP_BYTES, length);
    const end = step.subarray(0, read).indexOf(LINE_FEED);
    steps.push(step.subarray(0, end < 0 ? read : end));
    if (end < 0 && read === STEP_BYTES) continue;
    const head = end < 0 ? null : parsePartialHead(Buffer.concat(steps).toString('utf8'));
    return head === null ? null : { head, bodyOffset: length + end + 1 };
  }
  return null;
}

function readWhole(file: number, target: Float32Array | Float64Array, position: number, hash: Hash): number {
  const bytes = Buffer.from(target.buffer);
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) break; // it became shorter meanwhile: the sum will tell
    done += read;
  }
  hash.update(bytes);
  return position + bytes.length;
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

/** Of the time of a run at most this much is spent on writing it down. */
const MAX_SHARE = 0.05;
/** Nobody shall lose more than this: chunks of a large model take minutes. */
const LOST_MILLISECONDS = 60_000;

export interface PartialKeeper {
  /** To be asked after every batch: writes down what there is, where it is due. Answers whether it did. */
  after(chunksDone: number): boolean;
}

/**
 * @param everyChunks so often, or every minute; less often where writing takes long
 * @param save answers nothing; what it throws, the run does not suffer from: it could only not go on later
 */
export function createKeeper(
  { everyChunks, from }: { readonly everyChunks: number; readonly from: number },
  save: (chunksDone: number) => void,
  now: () => number = () => performance.now(),
): PartialKeeper {
  let last = { chunks: from, at: now(), cost: 0 };
  return {
    after(chunksDone) {
      const start = now();
      const passed = start - last.at;
      const isDue = chunksDone - last.chunks >= everyChunks || passed >= LOST_MILLISECONDS;
      if (!isDue || passed < last.cost / MAX_SHARE) return false;
      try {
        save(chunksDone);
      } catch {
        return false; // a full disk, most likely: the run itself needs no room until its end
      }
      last = { chunks: chunksDone, at: now(), cost: now() - start };
      return true;
    },
  };
}
