// An importance matrix is what llama-imatrix makes, to the byte; other processors may round its sums otherwise.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DEVICE } from '../../src/app/quality/engine.ts';
import { openImportance } from '../../src/app/quantize/importance.ts';
import { type ImatrixOrder, makeImatrix } from '../../src/app/quantize/makeImatrix.ts';
import type { ImatrixNews } from '../../src/app/quantize/quantizeEngine.ts';
import { readSums } from '../../src/core/formats/imatrix/imatrix.ts';
import { piecesOf, shapeOf } from '../../src/engine/imatrix.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { removePartial } from '../../src/node/partialFiles.ts';
import { ENGINE_MISSING, ENGLISH_TEXT } from '../support/engine.ts';
import { textOfCharacters, writeLanguageModel } from '../support/languageModel.ts';
import { IMATRIX_RUNS } from './reference.ts';
import {
  createSetting,
  isAlive,
  listing,
  removeSetting,
  never,
  nothing,
  type Setting,
  sha256,
} from './setting.ts';

let setting: Setting;
const content = readFileSync(ENGLISH_TEXT, 'utf8');

beforeAll(async () => {
  if (ENGINE_MISSING === null) setting = await createSetting();
}, 240_000);
afterAll(() => removeSetting(setting));

const ports = () => ({ ...setting.ports, removePartial });
const order = (change: Partial<ImatrixOrder>): ImatrixOrder => ({
  model: setting.path('sotu-5m-F16.gguf'),
  output: setting.path('imatrix.gguf'),
  text: { name: 'sotu-test-200k.txt', content },
  contextTokens: 256,
  chunkLimit: 12,
  device: { ...DEFAULT_DEVICE, choice: 'off', threads: 1 },
  force: false,
  partial: null,
  ...change,
});

/** First sum and total of a tensor's sums. */
function sumsOf(path: string, tensor: string): readonly [number, number] {
  const { entries } = openImportance(diskAccess, path);
  const entry = entries.find(({ name }) => name === tensor)!;
  const sums = diskAccess.withFolder(path, (folder, name) => readSums(folder.open(name)!, entry));
  return [sums[0]!, sums.reduce((total, value) => total + value, 0)];
}

describe.skipIf(ENGINE_MISSING !== null)('an importance matrix', () => {
  it.each(IMATRIX_RUNS)(
    'is that of llama-imatrix $command',
    async ({ change, chunks, sha256: expected, sums }) => {
      const news: ImatrixNews[] = [];
      const made = await makeImatrix(ports(), order(change), (one) => void news.push(one), never);
      for (const [tensor, first, total] of sums) {
        const [ownFirst, ownTotal] = sumsOf(made.output, tensor);
        expect(Math.abs(ownFirst / first - 1)).toBeLessThan(1e-5);
        expect(Math.abs(ownTotal / total - 1)).toBeLessThan(1e-5);
      }
      const hash = sha256(made.output);
      if (hash !== expected)
        console.warn('The kernels of this processor round otherwise than the reference.');
      expect(made.imatrix).toMatchObject({
        datasets: ['sotu-test-200k.txt'],
        chunkCount: chunks,
        chunkTokens: change.contextTokens,
      });
      const { chunkLimit } = change;
      expect(news.at(-1)).toEqual({ kind: 'read', done: chunkLimit, kept: 0, chunks: chunkLimit });
      rmSync(made.output);
    },
  );

  // llama-imatrix -m moe.gguf -f moe.txt -c 256 --chunks 6 -t 1, on what is written here. Of 1,536 tokens the last six made a batch
  // too small for its rule.
  it('of a mixture counts every expert by itself, as llama-imatrix does', async () => {
    const model = setting.path('moe.gguf');
    writeLanguageModel(model, 400, 7, 4);
    const text = { name: 'moe.txt', content: textOfCharacters(2100, 400, 8) };
    const { output, imatrix } = await makeImatrix(
      ports(),
      order({ model, text, chunkLimit: 6 }),
      nothing,
      never,
    );
    const counts = Object.fromEntries(imatrix.entries.map((entry) => [entry.name, entry.counts]));
    expect(imatrix.chunkCount).toBe(5);
    expect(counts['blk.0.attn_q.weight']).toEqual([1530]);
    for (const part of ['gate', 'up', 'down'])
      expect(counts[`blk.0.ffn_${part}_exps.weight`]).toEqual([1002, 560, 830, 680]);
    const [first, total] = sumsOf(output, 'blk.0.ffn_down_exps.weight');
    expect(Math.abs(first / 55.07099914550781 - 1)).toBeLessThan(1e-5);
    expect(Math.abs(total / 21609.165244102478 - 1)).toBeLessThan(1e-5);
    for (const path of [model, output]) rmSync(path);
  });

  it('of a model with a large vocabulary is collected in parts', async () => {
    const model = setting.path('large.gguf');
    const vocabulary = 152_064;
    writeLanguageModel(model, vocabulary, 5);
    const text = {
      name: 'large.txt',
      content: String.fromCodePoint(...Array.from({ length: 1100 }, (_item, index) => 0x20000 + index)),
    };
    const { imatrix } = await makeImatrix(
      ports(),
      order({ model, text, contextTokens: 500, chunkLimit: null }),
      nothing,
      never,
    );
    expect(imatrix.entries.map(({ counts }) => counts)).toEqual(Array(7).fill([1000]));
    for (const name of ['large.gguf', 'imatrix.gguf']) rmSync(setting.path(name));
  });

  it('that is cancelled leaves nothing', async () => {
    const before = listing(setting.folder);
    const controller = new AbortController();
    const asked = makeImatrix(
      ports(),
      order({ chunkLimit: null }),
      ({ kind }) => void (kind === 'read' && controller.abort()),
      controller.signal,
    );
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect(isAlive(Number(readFileSync(setting.pidFile, 'utf8')))).toBe(false);
    expect(listing(setting.folder)).toEqual(before);
  });

  const refused: readonly (readonly [string, () => Partial<ImatrixOrder>, RegExp])[] = [
    [
      'a text that is too short',
      () => ({ text: { name: 'x', content: 'Fellow citizens' } }),
      /choose a longer text/,
    ],
    [
      'an output that is the model',
      () => ({ output: setting.path('sotu-5m-F16.gguf'), force: true }),
      /source itself/,
    ],
    ['an output that is there', () => ({ output: setting.path('sotu-5m.imatrix.gguf') }), /is there already/],
    [
      'a model without a vocabulary',
      () => {
        copyFileSync(setting.path('sotu-5m.imatrix.gguf'), setting.path('none.gguf'));
        return { model: setting.path('none.gguf') };
      },
      /it has no vocabulary/,
    ],
    [
      'weights that are no numbers',
      () => {
        const bytes = Buffer.from(readFileSync(setting.path('sotu-5m-F16.gguf')));
        bytes.writeUInt16LE(0x7e00, bytes.length - 4_000_000);
        writeFileSync(setting.path('none.gguf'), bytes);
        return { model: setting.path('none.gguf'), chunkLimit: 2 };
      },
      /values that are no numbers in blk\.\d/,
    ],
  ];
  it.each(refused)('with %s is refused, and leaves nothing', async (_what, change, sentence) => {
    const changed = order(change());
    const before = listing(setting.folder);
    await expect(makeImatrix(ports(), changed, nothing, never)).rejects.toThrow(sentence);
    expect(listing(setting.folder)).toEqual(before);
  });
});

describe('what is decoded at once', () => {
  it.each([
    // context, vocabulary → sequences, tokens
    [512, 32_000, 3, 1536],
    [256, 4096, 8, 2048],
    [512, 152_064, 1, 330],
    [4096, 4096, 1, 2048],
    [512, 100_000_000, 1, 16],
  ])('of a context of %i with a vocabulary of %i', (contextTokens, vocabulary, sequences, tokens) => {
    const shape = shapeOf(contextTokens, vocabulary);
    expect([shape.sequences, shape.batchTokens]).toEqual([sequences, tokens]);
  });

  it.each([
    [512, 512, [512]],
    [500, 330, [250, 250]],
    [4096, 2048, [2048, 2048]],
    [33, 16, [11, 11, 11]],
  ])('cuts %i by %i', (contextTokens, limit, lengths) => {
    const pieces = piecesOf(contextTokens, limit);
    expect(pieces.map(({ count }) => count)).toEqual(lengths);
    expect(pieces.at(-1)!.from + pieces.at(-1)!.count).toBe(contextTokens);
  });
});
