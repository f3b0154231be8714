// An importance matrix that was begun is gone on with, and becomes what one run would have made.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DEVICE } from '../../src/app/quality/engine.ts';
import { filesOfModel, identityText, imatrixName } from '../../src/app/quantize/imatrixPartial.ts';
import { type ImatrixOrder, makeImatrix } from '../../src/app/quantize/makeImatrix.ts';
import type { ImatrixNews } from '../../src/app/quantize/quantizeEngine.ts';
import { createKeeper, loadPartial, savePartial } from '../../src/engine/partialImatrix.ts';
import { partialHead, prunePartials, removePartial } from '../../src/node/partialFiles.ts';
import { ENGINE_MISSING, ENGLISH_TEXT } from '../support/engine.ts';
import { textOfCharacters, writeLanguageModel } from '../support/languageModel.ts';
import { createSetting, listing, never, nothing, removeSetting, type Setting, sha256 } from './setting.ts';

let setting: Setting;
const content = readFileSync(ENGLISH_TEXT, 'utf8');

beforeAll(async () => {
  if (ENGINE_MISSING === null) setting = await createSetting();
}, 240_000);
afterAll(() => removeSetting(setting));
afterEach(() => {
  if (setting !== undefined)
    for (const name of ['once.gguf', 'again.gguf', 'kept.partial'])
      rmSync(setting.path(name), { force: true });
});

const IDENTITY = 'model, text and settings';
const ports = () => ({ ...setting.ports, removePartial });
const kept = () => setting.path('kept.partial');
const partial = (resume: boolean, everyChunks = 8) => ({
  path: kept(),
  identity: IDENTITY,
  everyChunks,
  resume,
});
const order = (change: Partial<ImatrixOrder>): ImatrixOrder => ({
  model: setting.path('sotu-5m-F16.gguf'),
  output: setting.path('once.gguf'),
  text: { name: 'sotu-test-200k.txt', content },
  contextTokens: 256,
  chunkLimit: 20,
  device: { ...DEFAULT_DEVICE, choice: 'off', threads: 1 },
  force: false,
  partial: null,
  ...change,
});

let madeAtOnce = '';
/** Of what one run makes. */
async function hashOfOne(): Promise<string> {
  if (madeAtOnce === '') madeAtOnce = sha256((await makeImatrix(ports(), order({}), nothing, never)).output);
  return madeAtOnce;
}

/** Runs until so many chunks are kept, and ends it there: by a cancel, or as a machine does that loses its power. */
async function interrupted(
  change: Partial<ImatrixOrder>,
  chunks: number,
  how: 'cancel' | 'kill',
): Promise<unknown> {
  const controller = new AbortController();
  return await makeImatrix(
    ports(),
    order({ ...change, partial: partial(false) }),
    (news) => {
      if (news.kind !== 'read' || news.kept < chunks) return;
      if (how === 'cancel') controller.abort();
      else process.kill(Number(readFileSync(setting.pidFile, 'utf8')), 'SIGKILL');
    },
    controller.signal,
  ).catch((error: unknown) => error);
}

describe.skipIf(ENGINE_MISSING !== null)('an importance matrix that was begun', () => {
  it.each(['cancel', 'kill'] as const)(
    'and ended by a %s becomes what one run makes, to the byte',
    async (how) => {
      const once = await hashOfOne();
      const before = listing(setting.folder);
      const failure = await interrupted({ output: setting.path('again.gguf') }, 8, how);
      expect(failure).toMatchObject({ code: how === 'cancel' ? 'cancelled' : 'internal' });
      expect(listing(setting.folder)).toEqual([...before, 'kept.partial'].sort());
      expect(partialHead(kept())).toMatchObject({ identity: IDENTITY, chunks: 20 });
      const { chunksDone } = partialHead(kept())!;
      expect([8, 16]).toContain(chunksDone);

      const news: ImatrixNews[] = [];
      const again = await makeImatrix(
        ports(),
        order({ output: setting.path('again.gguf'), partial: partial(true) }),
        (one) => void news.push(one),
        never,
      );
      expect(again.result).toMatchObject({ chunks: 20, resumedFrom: chunksDone, device: { notes: [] } });
      expect(news.find(({ kind }) => kind === 'reading')).toMatchObject({ chunks: 20, from: chunksDone });
      expect(news.filter(({ kind }) => kind === 'read').length).toBe(chunksDone === 8 ? 2 : 1);
      expect(sha256(again.output)).toBe(once);
      expect(existsSync(kept())).toBe(false);
    },
  );

  it('of a mixture of experts becomes what one run makes, too', async () => {
    const model = setting.path('moe.gguf');
    writeLanguageModel(model, 400, 7, 4);
    const change = {
      model,
      text: { name: 'moe.txt', content: textOfCharacters(9000, 400, 8) },
      chunkLimit: 24,
    };
    const once = await makeImatrix(ports(), order(change), nothing, never);
    await interrupted({ ...change, output: setting.path('again.gguf') }, 8, 'cancel');
    const again = await makeImatrix(
      ports(),
      order({ ...change, output: setting.path('again.gguf'), partial: partial(true) }),
      nothing,
      never,
    );
    expect(again.result.resumedFrom).toBeGreaterThan(0);
    expect(sha256(again.output)).toBe(sha256(once.output));
    rmSync(model);
  });

  const spoilt: readonly (readonly [string, () => Partial<ImatrixOrder>])[] = [
    ['something else', () => ({ partial: { ...partial(true), identity: 'another text' } })],
    [
      'a damaged file',
      () => {
        const bytes = readFileSync(kept());
        bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
        writeFileSync(kept(), bytes);
        return { partial: partial(true) };
      },
    ],
    [
      'a cut file',
      () => {
        truncateSync(kept(), statSync(kept()).size - 4);
        return { partial: partial(true) };
      },
    ],
    ['nothing', () => (removePartial(kept()), { partial: partial(true) })],
    ['what it was told to leave', () => ({ partial: partial(false) })],
  ];
  it.each(spoilt)('does not go on from %s', async (_what, change) => {
    await interrupted({ output: setting.path('again.gguf') }, 8, 'cancel');
    const again = await makeImatrix(
      ports(),
      order({ output: setting.path('again.gguf'), ...change() }),
      nothing,
      never,
    );
    expect(again.result.resumedFrom).toBe(0);
    expect(sha256(again.output)).toBe(await hashOfOne());
  });

  it('is gone on with on something else with a note: roundings may differ', async () => {
    await interrupted({ output: setting.path('again.gguf') }, 8, 'cancel');
    const { result } = await makeImatrix(
      ports(),
      order({
        output: setting.path('again.gguf'),
        partial: partial(true),
        device: { ...DEFAULT_DEVICE, choice: 'off', threads: 2 },
      }),
      nothing,
      never,
    );
    expect(result.device.notes.join()).toMatch(
      /first (8|16) chunks were computed on something else \(CPU.*1 threads/,
    );
  });
});

const ACTIVATIONS = new Map([
  ['b', { sums: Float32Array.of(1, 2.5), counts: Float64Array.of(2 ** 24 + 1) }],
  ['a', { sums: Float32Array.of(3, -0, 5, 6), counts: Float64Array.of(7, 0) }],
]);
const HEAD = {
  ...{ identity: 'x', engineVersion: 'llama.cpp 0', chunksDone: 3, chunks: 9, seconds: 1.5 },
  device: {
    ...{ backend: 'CPU', names: [], gpuLayers: 0, layers: 5, threads: 1, extraBuffers: true, notes: [] },
  },
};

describe.skipIf(ENGINE_MISSING !== null)('what is kept of a run', () => {
  it('comes back as it was, counts beyond float32 among it', () => {
    savePartial(kept(), HEAD, ACTIVATIONS);
    expect(loadPartial(kept(), HEAD)).toMatchObject({ head: HEAD, collected: ACTIVATIONS });
    expect(loadPartial(kept(), { ...HEAD, identity: 'y' })).toBeNull();
    expect(loadPartial(kept(), { ...HEAD, engineVersion: 'llama.cpp 1' })).toBeNull();
    expect(listing(setting.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it.each([
    ['no such file', null],
    ['an empty file', ''],
    ['another file', 'Fellow citizens\nof the Senate'],
    ['JSON of something else', '{"format":"another"}\n'],
    ['a head that lies', `${JSON.stringify({ ...HEAD, tensors: [{ name: 1 }], sha256: '' })}\n`],
  ])('is nothing for %s', (_what, text) => {
    if (text !== null) writeFileSync(kept(), text);
    expect(partialHead(kept())).toBeNull();
    expect(loadPartial(kept(), HEAD)).toBeNull();
  });

  it('is pruned to the newest', () => {
    const folder = setting.path('.');
    savePartial(setting.path('old.partial'), HEAD, ACTIVATIONS);
    execFileSync('touch', ['-d', '2020-01-01', setting.path('old.partial')]);
    savePartial(kept(), HEAD, ACTIVATIONS);
    prunePartials(folder, 1, setting.path('old.partial'));
    expect(listing(setting.folder)).toContain('old.partial');
    prunePartials(folder, 1);
    expect(listing(setting.folder).filter((name) => name.endsWith('.partial'))).toEqual(['kept.partial']);
    prunePartials(setting.path('none'), 1);
    writeFileSync(`${kept()}.123.new`, 'of a run that died');
    removePartial(kept());
    expect(listing(setting.folder).filter((name) => name.includes('.partial'))).toEqual([]);
  });
});

describe('how often it is kept', () => {
  it('is every so many chunks, less often where writing takes long, and again after it failed', () => {
    let clock = 0;
    let isFull = false;
    const saved: number[] = [];
    const keeper = createKeeper(
      { everyChunks: 10, from: 5 },
      (chunks) => {
        if (isFull) throw new Error('ENOSPC');
        saved.push(chunks);
        clock += 100; // it takes so long
      },
      () => clock,
    );
    const after = (chunks: number, passed: number): boolean => {
      clock += passed;
      return keeper.after(chunks);
    };
    expect([after(14, 50), after(15, 50), after(25, 1900), after(30, 150), after(35, 100)]).toEqual([
      false,
      true,
      false, // only 1,900 of 2,000 since the last one
      true,
      false,
    ]);
    expect(after(36, 60_000)).toBe(true); // chunks of large models take minutes
    isFull = true;
    expect(after(60, 5000)).toBe(false);
    isFull = false;
    expect(after(61, 1)).toBe(true);
    expect(saved).toEqual([15, 30, 36, 61]);
  });
});

describe('an identity', () => {
  const one = {
    ...{ model: '/a.gguf', stamp: '1', textSha256: 'f', contextTokens: 512, chunkLimit: 40 },
    device: DEFAULT_DEVICE,
  };
  it('is of model, text and settings', () => {
    const changes = [
      { model: '/b.gguf' },
      { stamp: '2' },
      { textSha256: 'e' },
      { contextTokens: 256 },
      { chunkLimit: null },
      { device: { ...DEFAULT_DEVICE, threads: 9 } },
    ];
    const texts = [one, ...changes.map((change) => ({ ...one, ...change }))].map(identityText);
    expect(new Set(texts).size).toBe(7);
    expect(identityText({ ...one })).toBe(texts[0]);
  });

  it.each([
    ['x.gguf', ['x.gguf'], 'x.imatrix.gguf'],
    [
      'x-00002-of-00003.gguf',
      ['x-00001-of-00003.gguf', 'x-00002-of-00003.gguf', 'x-00003-of-00003.gguf'],
      'x.imatrix.gguf',
    ],
    ['x-00001-of-99999.gguf', ['x-00001-of-99999.gguf'], 'x.imatrix.gguf'],
    ['X Ü.GGUF', ['X Ü.GGUF'], 'X Ü.imatrix.gguf'],
  ])('%s has these files, and this name for its importance matrix', (name, files, made) => {
    expect(filesOfModel(name)).toEqual(files);
    expect(imatrixName(name)).toBe(made);
  });
});
