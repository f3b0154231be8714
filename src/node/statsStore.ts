// Results of analyses, kept on the disk: a file per model, to which records are appended as they come. What is damaged or of
// another state of the model is no result; what cannot be written is not kept.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeptResults, StatsStore } from '../app/ports.ts';
import type { TensorNumbers } from '../app/present/statsColumns.ts';
import { messageOf } from '../core/base/failure.ts';
import { numbersContent, parseNumbers, readLine, recordOf, writeLine } from './statsRecords.ts';
import { parseView, viewContent } from './statsViewRecord.ts';

/** Of what is counted and how. Whoever changes what a number means raises it: older results are then computed again. */
const ANALYSIS_VERSION = 1;

export interface StoreLimits {
  /** Bytes of the file of one model. */
  readonly model: number;
  /** Bytes of all files. */
  readonly all: number;
}
/** Numbers of 60,000 tensors, or what the panels of 400 show besides; and as much for seven models more. */
const LIMITS: StoreLimits = { model: 32e6, all: 256e6 };

const FILE_NAME = /^[0-9a-f]{32}\.stats$/;

/** Keeps nothing. */
export const NO_STORE: StatsStore = {
  resultsOf: () => ({ read: () => new Map(), readView: () => null, keep: () => false }),
};

/** @param warn hears once, in a sentence, that results cannot be kept. */
export function createStatsStore(
  folder: string,
  warn: (sentence: string) => void,
  limits: StoreLimits = LIMITS,
): StatsStore {
  const inUse = new Set<string>(); // files that this process appends to
  let hasWarned = false;
  const attempt = (write: () => boolean): boolean => {
    try {
      return write();
    } catch (error) {
      if (!hasWarned) warn(`Results of analyses are not kept: ${messageOf(error)}.`);
      hasWarned = true;
      return false;
    }
  };
  return {
    resultsOf(path, names): KeptResults {
      const { name, identity } = identityOf(path, names);
      const file = join(folder, name);
      const head = writeLine('h', { identity });
      const views = new Map<string, Place>();
      let size = 0; // 0: nothing of this state of the model is there
      let isTorn = false;

      const read = (): Map<string, TensorNumbers> => {
        const known = new Map<string, TensorNumbers>();
        let key = ''; // of the numbers before a view
        const end = eachLine(file, limits.model, (text, place) => {
          if (place.from === 0) return `${text}\n` === head;
          if (text.startsWith('v')) views.set(key, place);
          const line = text.startsWith('n') ? readLine(text) : null;
          const record = line && parseNumbers(line.content);
          if (record !== null) {
            key = record.key;
            known.set(key, record.numbers);
          }
          return true;
        });
        size = end?.bytes ?? 0;
        isTorn = end?.isTorn === true;
        return known;
      };
      /** Makes the file, and room for it. */
      const begin = (): void => {
        mkdirSync(folder, { recursive: true });
        inUse.add(name);
        makeRoom(folder, inUse, limits);
        read(); // another window may have begun it meanwhile
        if (size > 0) return;
        writeFileSync(file, head);
        size = Buffer.byteLength(head);
      };
      return {
        read() {
          const known = read();
          const now = new Date();
          if (known.size > 0)
            attempt(() => (utimesSync(file, now, now), true)); // so that it is not the oldest
          else if (size === 0) remove(file);
          return known;
        },
        readView(key) {
          const place = views.get(key);
          const text = place === undefined ? null : readPlace(file, place);
          const record = text === null ? {} : recordOf(readLine(text)?.content);
          return record['key'] === key ? parseView(record['view']) : null;
        },
        keep: (key, numbers, view) =>
          attempt(() => {
            if (size === 0) begin();
            const line = (isTorn ? '\n' : '') + writeLine('n', numbersContent({ key, numbers }));
            const viewLine = writeLine('v', { key, view: viewContent(view) });
            const room = limits.model - size - Buffer.byteLength(line);
            if (room < 0) return false;
            const viewBytes = Buffer.byteLength(viewLine);
            const hasRoom = viewBytes < room - limits.model / 4; // the numbers of other tensors come first
            appendFileSync(file, hasRoom ? line + viewLine : line);
            size += Buffer.byteLength(line);
            isTorn = false;
            if (hasRoom) {
              views.set(key, { from: size, to: size + viewBytes - 1 });
              size += viewBytes;
            }
            return true;
          }),
      };
    },
  };
}

/** Removes files of other models, the oldest first, until those in use may grow as far as they are allowed to. */
function makeRoom(folder: string, inUse: ReadonlySet<string>, limits: StoreLimits): void {
  const others = filesIn(folder).filter(({ name }) => !inUse.has(name));
  let bytes = others.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of others.toSorted((a, b) => a.changed - b.changed)) {
    if (bytes + inUse.size * limits.model <= limits.all) break;
    remove(join(folder, name));
    bytes -= size;
  }
}

/** Whether it can be or not: what is left is not trusted either. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder, or no right to: the next write says so.
  }
}

function filesIn(
  folder: string,
): { readonly name: string; readonly size: number; readonly changed: number }[] {
  return readdirSync(folder)
    .filter((name) => FILE_NAME.test(name))
    .flatMap((name) => {
      const stat = statSync(join(folder, name), { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ name, size: stat.size, changed: stat.mtimeMs }];
    });
}

/** Which file belongs to a model, and what must stand in its first line: the state of all files of the model. */
function identityOf(
  path: string,
  names: readonly string[],
): { readonly name: string; readonly identity: string } {
  const files = names.map((name) => realPath(join(dirname(path), name)));
  const states = files.map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? 'none' : `${stat.size} ${stat.mtimeMs}`;
  });
  const hash = (texts: readonly string[]): string =>
    createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32);
  return { name: `${hash(files)}.stats`, identity: `${ANALYSIS_VERSION} ${hash(states)}` };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // a shard that is missing
  }
}

/** Bytes of a line in its file, without the line feed. */
interface Place {
  readonly from: number;
  readonly to: number;
}

const CHUNK_BYTES = 2 ** 20;

/**
 * Lines until `visit` answers false. Null for a file that cannot be read, is too large or was left.
 * @returns bytes of the file, and whether they end inside a line
 */
function eachLine(
  path: string,
  maxBytes: number,
  visit: (text: string, place: Place) => boolean,
): { readonly bytes: number; readonly isTorn: boolean } | null {
  return withFile(path, (file) => {
    if (fstatSync(file).size > maxBytes) return null;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let bytes = 0;
    for (;;) {
      const count = readSync(file, chunk, 0, chunk.length, bytes);
      if (count === 0) return bytes === 0 ? null : { bytes, isTorn: rest.length > 0 };
      const lines = Buffer.concat([rest, chunk.subarray(0, count)]);
      const start = bytes - rest.length;
      bytes += count;
      if (bytes > maxBytes) return null; // it grows
      let from = 0;
      for (let to = lines.indexOf(LINE_FEED); to >= 0; to = lines.indexOf(LINE_FEED, from)) {
        if (!visit(lines.toString('utf8', from, to), { from: start + from, to: start + to })) return null;
        from = to + 1;
      }
      rest = lines.subarray(from);
    }
  });
}

const LINE_FEED = 10;

function readPlace(path: string, { from, to }: Place): string | null {
  return withFile(path, (file) => {
    const bytes = Buffer.alloc(to - from);
    const count = readSync(file, bytes, 0, bytes.length, from);
    return bytes.toString('utf8', 0, count);
  });
}

/** Null for a file that cannot be read. */
function withFile<T>(path: string, use: (file: number) => T | null): T | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    return use(file);
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}
