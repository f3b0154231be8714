// How a job ends that does not end well: the process is killed, dies of a file, is cancelled, or is not started at all.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DEFAULT_DEVICE,
  EngineFailure,
  type EngineNews,
  type EngineRequest,
} from '../../src/app/quality/engine.ts';
import { measureQuality } from '../../src/app/quality/measureQuality.ts';
import { createEngine, type EngineParts } from '../../src/node/engineProcess.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { buildEngine, ENGINE_MISSING, ENGLISH_TEXT, sample } from '../support/engine.ts';

const f16 = sample('sotu-5m-F16.gguf');
const content = readFileSync(ENGLISH_TEXT, 'utf8');
const REQUEST: EngineRequest = {
  model: { path: f16, tensorBytes: 1e7, layers: 5 },
  base: null,
  text: content,
  contextTokens: 256,
  chunkLimit: null,
  device: { ...DEFAULT_DEVICE, choice: 'off', threads: 1 },
  passes: 'one',
  worstTokenLimit: 0,
};
const never = new AbortController().signal;
const nothing = (): void => undefined;
let folder = '';
let parts: EngineParts;
/** Where the engine under test writes its process id. */
let pidFile = '';

if (ENGINE_MISSING !== null) console.warn(`The engine is not tested: ${ENGINE_MISSING}.`);

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'quantscope-process-'));
  parts = await buildEngine(folder);
  // A place of its own for what jobs leave on the disk: other tests run at the same time.
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) vi.stubEnv(name, mkdtempSync(join(folder, 'temporary-')));
  pidFile = join(folder, 'pid');
  const program = join(folder, 'watched.js');
  writeFileSync(
    program,
    `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); require('./engine.js');`,
  );
  parts = { ...parts, engineProgram: program };
}, 240_000);
beforeEach(() => rmSync(pidFile, { force: true }));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const pid = (): number => Number(readFileSync(pidFile, 'utf8'));
function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch {
    return false; // this is how the system says that there is none
  }
}
const leftFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('quantscope-engine-'));

/** Runs until a chunk was scored, does something, and tells the failure. */
async function failureAfterFirstChunk(act: () => void, signal = never): Promise<Error> {
  let acted = false;
  const news = (one: EngineNews): void => {
    if (acted || one.kind !== 'chunk') return;
    acted = true;
    act();
  };
  return await createEngine(parts)
    .measure(REQUEST, news, signal)
    .then(
      () => new Error('It came to an end.'),
      (error: Error) => error,
    );
}

/** A sample whose header says something else: a number behind a key. */
function altered(name: string, key: string, value: number): string {
  const bytes = Buffer.from(readFileSync(f16));
  const at = bytes.indexOf(Buffer.from(key)) + key.length;
  const UINT32 = 4;
  expect(bytes.readUInt32LE(at)).toBe(UINT32);
  bytes.writeUInt32LE(value, at + 4);
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

describe.skipIf(ENGINE_MISSING !== null)('the process of the engine', () => {
  it('that is killed in the middle is a failure with a sentence, and leaves nothing behind', async () => {
    const failure = await failureAfterFirstChunk(() => process.kill(pid(), 'SIGKILL'));
    expect(failure).toBeInstanceOf(EngineFailure);
    expect(failure.message).toMatch(/^The engine stopped \(SIGKILL\)/);
    expect((failure as EngineFailure).log.length).toBeGreaterThan(10);
    expect((failure as EngineFailure).log.length).toBeLessThanOrEqual(200);
    expect(isAlive(pid())).toBe(false);
    expect(leftFolders()).toEqual([]);
  });

  it('that is cancelled in the middle ends, and the next job runs', async () => {
    const controller = new AbortController();
    const failure = await failureAfterFirstChunk(() => controller.abort(), controller.signal);
    expect(failure).toMatchObject({ code: 'cancelled' });
    expect(isAlive(pid())).toBe(false);
    const next = await createEngine(parts).measure({ ...REQUEST, chunkLimit: 2 }, nothing, never);
    expect(next.chunks).toBe(2);
  });

  it('that does not hear the cancel is killed', async () => {
    const deaf = join(folder, 'deaf.js');
    writeFileSync(
      deaf,
      `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
       process.on('message', () => { process.send({ kind: 'loading', which: 'model', share: 0 }, () => { for (;;); }); });`,
    );
    const controller = new AbortController();
    const asked = createEngine({ ...parts, engineProgram: deaf }).measure(
      REQUEST,
      () => controller.abort(),
      controller.signal,
    );
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect(isAlive(pid())).toBe(false);
  });

  it('ends with the program that started it', async () => {
    // Another program starts the engine's and is killed.
    const parent = join(folder, 'parent.js');
    writeFileSync(
      parent,
      `const child = require('node:child_process').fork(${JSON.stringify(parts.engineProgram)}, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
       child.on('message', ({ kind }) => { if (kind === 'chunk') process.kill(process.pid, 'SIGKILL'); });
       child.send({ kind: 'run', job: JSON.parse(process.argv[2]) });`,
    );
    const { engineFolders, rowsFile } = parts;
    const job = {
      ...REQUEST,
      text: content.slice(0, 60_000),
      engineFolders,
      rowsFile,
      temporaryFolder: mkdtempSync(join(folder, 'job-')),
    };
    const started = spawn(process.execPath, [parent, JSON.stringify(job)], { stdio: 'ignore' });
    await new Promise((resolve) => started.on('exit', resolve));
    await expect.poll(() => isAlive(pid()), { timeout: 5000 }).toBe(false);
    expect(existsSync(job.temporaryFolder)).toBe(false);
  });

  const assertions: readonly (readonly [string, string, number, RegExp])[] = [
    [
      'more layers than there can be',
      'llama.block_count',
      100_000,
      /^The engine stopped \(SIGABRT\): .*GGML_ASSERT/,
    ],
    [
      'no attention heads',
      'llama.attention.head_count',
      0,
      /^(The engine stopped \(SIG\w+\): .|llama\.cpp cannot open)/,
    ],
  ];
  it.skipIf(process.platform === 'win32').each(assertions)(
    'that dies of a model with %s says so, with what llama.cpp said last',
    async (what, key, value, sentence) => {
      const path = altered(`${what}.gguf`, key, value);
      const asked = createEngine(parts).measure(
        { ...REQUEST, model: { ...REQUEST.model, path } },
        nothing,
        never,
      );
      await expect(asked).rejects.toThrow(sentence);
    },
  );

  it('says why llama.cpp does not open a model', async () => {
    const path = altered('wide.gguf', 'llama.feed_forward_length', 1024);
    const asked = createEngine(parts).measure(
      { ...REQUEST, model: { ...REQUEST.model, path } },
      nothing,
      never,
    );
    await expect(asked).rejects.toThrow(/^llama\.cpp cannot open .*wide\.gguf: .*wrong shape/);
  });

  it('is not started for a file that our own reader finds damaged', async () => {
    const cut = join(folder, 'cut.gguf');
    writeFileSync(cut, readFileSync(f16).subarray(0, 5_000_000));
    const ports = { files: diskAccess, engine: createEngine(parts), sha256: () => '' };
    const order = { model: cut, base: null, text: { name: '', content }, contextTokens: 256, chunkLimit: 2 };
    const asked = measureQuality(ports, { ...order, device: REQUEST.device }, nothing, never);
    await expect(asked).rejects.toThrow(/cut\.gguf cannot be measured: .*\d/);
    expect(existsSync(pidFile)).toBe(false);
  });

  it('is not started when it is cancelled before', async () => {
    await expect(createEngine(parts).measure(REQUEST, nothing, AbortSignal.abort())).rejects.toThrow(
      'Cancelled.',
    );
    expect(existsSync(pidFile)).toBe(false);
  });

  it('says that there is no llama.cpp where none is', async () => {
    const other = mkdtempSync(join(folder, 'other-'));
    copyFileSync(join(parts.engineFolders[0]!, 'koffi.node'), join(other, 'koffi.node'));
    const asked = createEngine({ ...parts, engineFolders: [other] }).measure(REQUEST, nothing, never);
    await expect(asked).rejects.toThrow(/llama\.cpp for .* does not exist/);
  });
});
