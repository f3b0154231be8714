// The engine with CUDA is fetched from a registry: checked before it is unpacked, and all of it or nothing is left.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CUDA_PACKAGES } from '../../src/node/cudaPackages.ts';
import {
  downloadBytes,
  downloadEngine,
  type EngineDownload,
  engineFolderOf,
  fetchedEngine,
} from '../../src/node/engineDownload.ts';

const SIGNAL = new AbortController().signal;
const LIBRARIES = {
  'libllama.cuda.v0.4.0.so': randomBytes(5000),
  'libggml-cuda.so': randomBytes(70_000), // more than one part of a stream
  'libggml-base.so': randomBytes(512),
};
const ARCHIVE = archiveOf({
  'package/package.json': Buffer.from('{}'),
  'package/LICENSE': Buffer.from('MIT'),
  ...Object.fromEntries(
    Object.entries(LIBRARIES).map(([name, bytes]) => [`package/bins/cuda/${name}`, bytes]),
  ),
  'package/bins/cuda/llama-addon.node': randomBytes(100),
  'package/bins/cuda/libllama-common.so': randomBytes(100),
  'package/bins/cuda/fallback/libggml-cuda.so': randomBytes(100),
  'package/../../../libggml-outside.so': Buffer.from('its place is not believed'),
});

/** As npm makes them. @param files path → content; null for a link */
function archiveOf(files: Readonly<Record<string, Buffer | null>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const head = Buffer.alloc(512);
    head.write(path, 0);
    head.write('0000644\0', 100);
    head.write(`${(content?.length ?? 0).toString(8).padStart(11, '0')}\0`, 124);
    head.write(content === null ? '2' : '0', 156);
    if (content === null) head.write('/etc/passwd', 157);
    head.write('ustar\x0000', 257);
    head.write('        ', 148);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = content ?? Buffer.alloc(0);
    return [head, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const integrityOf = (bytes: Buffer): string =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

let server: Server;
let registry = '';
let answer: (response: ServerResponse, isHead: boolean) => void;
let asked: string[] = [];
let folder = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(response, request.method === 'HEAD');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-download-'));
  asked = [];
  answer = serving(ARCHIVE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const serving =
  (bytes: Buffer) =>
  (response: ServerResponse, isHead: boolean): void => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.end(isHead ? undefined : bytes);
  };

function download(bytes = ARCHIVE): EngineDownload {
  const pinned = { name: '@node-llama-cpp/linux-x64-cuda', version: '3.21.1', integrity: integrityOf(bytes) };
  return { pinned, registry, folder: join(folder, 'engine') };
}

/** What is left of a download that failed. */
const leftovers = (): string[] =>
  existsSync(join(folder, 'engine')) ? readdirSync(join(folder, 'engine')) : [];

describe('the engine with CUDA', () => {
  it('is fetched, checked, and its libraries alone are unpacked, each into the folder itself', async () => {
    expect(await downloadBytes(download(), SIGNAL)).toBe(ARCHIVE.length);
    expect(fetchedEngine(download())).toBe(null);
    const told: (number | null)[][] = [];
    const target = await downloadEngine(download(), (...values) => void told.push(values), SIGNAL);
    expect(asked).toEqual([
      'HEAD /@node-llama-cpp/linux-x64-cuda/-/linux-x64-cuda-3.21.1.tgz',
      'GET /@node-llama-cpp/linux-x64-cuda/-/linux-x64-cuda-3.21.1.tgz',
    ]);
    expect(told.at(-1)).toEqual([ARCHIVE.length, ARCHIVE.length]);
    expect(target).toBe(engineFolderOf(download()));
    expect(fetchedEngine(download())).toBe(target);
    expect(readdirSync(target).sort()).toEqual(
      ['LICENSE', 'libggml-outside.so', ...Object.keys(LIBRARIES)].sort(),
    );
    for (const [name, bytes] of Object.entries(LIBRARIES))
      expect(readFileSync(join(target, name)).equals(bytes)).toBe(true);
    expect(leftovers()).toEqual(['linux-x64-cuda-3.21.1']);
    expect(readdirSync(folder)).toEqual(['engine']);
  });

  it('takes the place of one that was fetched before', async () => {
    await downloadEngine(download(), () => undefined, SIGNAL);
    const other = archiveOf({ 'package/bins/libllama.cuda.v0.4.0.so': Buffer.from('newer') });
    answer = serving(other);
    const target = await downloadEngine(download(other), () => undefined, SIGNAL);
    expect(readdirSync(target)).toEqual(['libllama.cuda.v0.4.0.so']);
  });

  it.each([
    [
      'whose hash is another one',
      serving(archiveOf({ 'package/libllama.so': Buffer.from('!') })),
      /its hash is another one/,
    ],
    ['that is not there', (response: ServerResponse) => void response.writeHead(404).end(), /status 404/],
    [
      'that breaks off',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': ARCHIVE.length });
        response.write(ARCHIVE.subarray(0, 10_000), () => response.destroy());
      },
      /could not be fetched/,
    ],
  ])('is left alone when it is one %s', async (_what, serve, message) => {
    answer = serve;
    await expect(downloadEngine(download(), () => undefined, SIGNAL)).rejects.toThrow(message);
    expect(leftovers()).toEqual([]);
  });

  it.each([
    ['no archive', Buffer.from('text')],
    ['an archive that ends early', gzipSync(Buffer.alloc(700, 1))],
    ['an archive without libraries', archiveOf({ 'package/README.md': Buffer.from('nothing') })],
    ['an archive with nothing but links', archiveOf({ 'package/bins/libllama.so': null })],
    ['an empty archive', gzipSync(Buffer.alloc(1024))],
  ])('is nothing when what was pinned is %s', async (_what, bytes) => {
    answer = serving(bytes);
    await expect(downloadEngine(download(bytes), () => undefined, SIGNAL)).rejects.toThrow(/archive/);
    expect(leftovers()).toEqual([]);
  });

  it('is cancelled in the middle, and nothing is left', async () => {
    const abort = new AbortController();
    answer = (response) => {
      response.writeHead(200, { 'content-length': ARCHIVE.length });
      response.write(ARCHIVE.subarray(0, 10_000)); // and no more
    };
    const fetching = downloadEngine(download(), () => abort.abort(), abort.signal);
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
    expect(leftovers()).toEqual([]);
  });

  it('is of the version of the libraries that ship', () => {
    const shipped = JSON.parse(
      readFileSync(new URL('../../tools/engine.json', import.meta.url), 'utf8'),
    ) as Record<string, { readonly package: string }[]>;
    for (const [platform, { name, version, integrity }] of Object.entries(CUDA_PACKAGES)) {
      const ofShipped = shipped[platform]?.[0]?.package.split('@').at(-1);
      expect([platform, version]).toEqual([platform, ofShipped]);
      expect(name).toMatch(/^@node-llama-cpp\/(linux|win)-x64-cuda$/);
      expect(Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').length).toBe(64);
    }
  });
});
