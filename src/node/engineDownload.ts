// Fetches llama.cpp's libraries with CUDA into a folder of the extension's own. Nothing of an archive is unpacked before all of it is
// there and its hash is the one that was pinned; nothing has its final name before all of it is unpacked.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cancelled, Failure, messageOf } from '../core/base/failure.ts';
import { formatBytes } from '../core/base/units.ts';
import type { AbortSignal as Signal } from '../protocol/rpc.ts';
import type { PinnedPackage } from './cudaPackages.ts';
import { filesOfArchive } from './tarFiles.ts';

export interface EngineDownload {
  readonly pinned: PinnedPackage;
  /** "https://registry.npmjs.org" */
  readonly registry: string;
  /** Of all engines. */
  readonly folder: string;
}

/** llama.cpp, its backends and what they need; not node-llama-cpp's addon, which is for its own program. */
const LIBRARY = /^(?!(lib)?llama-(addon|common))[\w.-]+\.(so|dll)(\.\d+)*$/;
const LICENSE = 'LICENSE';
const isWanted = (name: string): boolean => LIBRARY.test(name) || name === LICENSE;

/** An archive of half a gigabyte makes one and a half; what makes more is not what was pinned. */
const MAX_UNPACKED_BYTES = 8e9;
/** Of the size of the archive: it, and what is unpacked beside it. */
const ROOM_NEEDED = 4;

/** Where the libraries are once they were fetched. */
export const engineFolderOf = ({ pinned, folder }: Omit<EngineDownload, 'registry'>): string =>
  join(folder, `${basename(pinned.name)}-${pinned.version}`);

/** null: they were not fetched. */
export function fetchedEngine(download: Omit<EngineDownload, 'registry'>): string | null {
  const folder = engineFolderOf(download);
  return existsSync(folder) && readdirSync(folder).some((name) => LIBRARY.test(name)) ? folder : null;
}

/** Bytes to fetch; null where the registry does not say. @throws Failure when it cannot be asked */
export async function downloadBytes(download: EngineDownload, signal: Signal): Promise<number | null> {
  const linked = link(signal);
  try {
    return sizeOf(await ask(download, 'HEAD', linked.signal));
  } finally {
    linked.release();
  }
}

/** Our signal as one that `fetch` takes. */
function link(signal: Signal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', abort) };
}

/**
 * @param tell hears bytes that are there, and how many there will be (null: not known)
 * @returns the folder with the libraries
 * @throws Failure when they cannot be fetched or are not what was pinned; then nothing is left
 */
export async function downloadEngine(
  download: EngineDownload,
  tell: (bytes: number, all: number | null) => void,
  signal: Signal,
): Promise<string> {
  const target = engineFolderOf(download);
  const unfinished = `${target}.${process.pid}`;
  const linked = link(signal);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    const archive = join(unfinished, 'archive.tgz');
    await fetchArchive(download, archive, tell, linked.signal);
    await unpack(archive, unfinished, signal);
    await rm(archive);
    await rm(target, { recursive: true, force: true });
    await rename(unfinished, target);
    return target;
  } catch (error) {
    if (signal.aborted) throw cancelled();
    throw error instanceof Failure
      ? error
      : new Failure('not-readable', `The engine could not be fetched (${messageOf(error)}).`);
  } finally {
    linked.release();
    await rm(unfinished, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function fetchArchive(
  download: EngineDownload,
  archive: string,
  tell: (bytes: number, all: number | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await ask(download, 'GET', signal);
  const all = sizeOf(response);
  await checkRoom(archive, all);
  const [algorithm = '', expected] = download.pinned.integrity.split(/-(.*)/s);
  const hash = createHash(algorithm);
  const file = await open(archive, 'wx');
  let bytes = 0;
  try {
    for await (const part of response.body ?? []) {
      if (signal.aborted) throw cancelled();
      hash.update(part);
      await file.write(part);
      bytes += part.length;
      tell(bytes, all);
    }
  } finally {
    await file.close();
  }
  if (hash.digest('base64') !== expected)
    throw new Failure(
      'not-readable',
      `${download.pinned.name} is not what it was when it was chosen: its hash is another one. Nothing of it was unpacked.`,
    );
}

async function ask(
  { pinned: { name, version }, registry }: EngineDownload,
  method: 'GET' | 'HEAD',
  signal: AbortSignal,
): Promise<Response> {
  const url = `${registry}/${name}/-/${basename(name)}-${version}.tgz`;
  try {
    const response = await fetch(url, { method, signal });
    if (response.ok) return response;
    throw new Failure('not-readable', `${url} cannot be fetched (status ${response.status}).`);
  } catch (error) {
    if (signal.aborted) throw cancelled();
    if (error instanceof Failure) throw error;
    const { cause } = error as { readonly cause?: unknown };
    throw new Failure('not-readable', `${url} cannot be fetched (${messageOf(cause ?? error)}).`);
  }
}

function sizeOf(response: Response): number | null {
  const length = Number(response.headers.get('content-length') ?? NaN);
  return Number.isSafeInteger(length) && length > 0 ? length : null;
}

async function checkRoom(archive: string, bytes: number | null): Promise<void> {
  const { bavail, bsize } = await statfs(join(archive, '..'));
  const needed = (bytes ?? 0) * ROOM_NEEDED;
  if (needed <= bavail * bsize) return;
  throw new Failure(
    'not-readable',
    `The engine needs ${formatBytes(needed)} on disk, where ${formatBytes(bavail * bsize)} are free.`,
  );
}

async function unpack(archive: string, folder: string, signal: Signal): Promise<void> {
  let unpacked = 0;
  let libraries = 0;
  for await (const { path, bytes, content } of filesOfArchive(archive)) {
    if (signal.aborted) throw cancelled();
    const name = basename(path.replaceAll('\\', '/'));
    // Variants for older drivers lie in a folder of their own and have the same names.
    if (!isWanted(name) || path.includes('/fallback/')) continue;
    unpacked += bytes;
    if (unpacked > MAX_UNPACKED_BYTES)
      throw new Failure('not-readable', 'The archive is too large to unpack.');
    const file = await open(join(folder, name), 'wx');
    try {
      for await (const part of content) await file.write(part);
    } finally {
      await file.close();
    }
    if (name !== LICENSE) libraries += 1;
  }
  if (libraries === 0) throw new Failure('not-readable', 'The archive has no libraries in it.');
}
