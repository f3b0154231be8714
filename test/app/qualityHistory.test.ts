// The history of measurements on a real disk: bounded, shared by windows, and never brought down by what stands in its files.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptMeasurement } from '../../src/app/quality/keptMeasurement.ts';
import { createQualityHistory, type HistoryLimits } from '../../src/app/quality/qualityHistory.ts';
import { createQualityFiles } from '../../src/node/qualityFiles.ts';
import { aCurve, aDamage, aKept } from './aMeasurement.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'quantscope-history-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (limits?: HistoryLimits, maxModels?: number) =>
  createQualityHistory(createQualityFiles(folder, maxModels), limits);
const add = (history: ReturnType<typeof open>, kept: KeptMeasurement) =>
  history.add(kept, { curve: aCurve(kept.id), damage: kept.figures === null ? null : aDamage() });
const idsOf = async (path: string, history = open()) => (await history.of(path)).map(({ id }) => id);

/** The only model's folder. */
const modelFolder = (): string => join(folder, readdirSync(folder)[0] ?? '');

describe('the history of a model', () => {
  it('comes back whole, the latest first, with curve and damage', async () => {
    const [first, second] = [aKept({ id: 'a', date: 1 }), aKept({ id: 'b', date: 2, withBase: true })];
    await add(open(), first);
    await add(open(), second);
    const history = open();
    expect(await history.of(first.model.path)).toEqual([second, first]);
    expect(await history.curve(first.model.path, 'a')).toEqual(aCurve('a'));
    expect(await history.damage(first.model.path, 'b')).toEqual(aDamage());
    const has = await history.partsOf(first.model.path);
    expect([has('a'), has('b')]).toEqual([
      { hasCurve: true, hasDamage: false },
      { hasCurve: true, hasDamage: true },
    ]);
  });

  it('is empty for a model that was never measured', async () => {
    expect(await idsOf('/nowhere.gguf')).toEqual([]);
    expect(await open().all()).toEqual([]);
    expect(await open().curve('/nowhere.gguf', 'a')).toBe(null);
  });

  it('keeps so many measurements and the text of so many comparisons', async () => {
    const history = open({ measurements: 4, damages: 2 });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [date, id] of ids.entries()) await add(history, aKept({ id, date, withBase: true }));
    const { path } = aKept({ id: 'a' }).model;
    expect(await idsOf(path)).toEqual(['f', 'e', 'd', 'c']);
    const has = await history.partsOf(path);
    expect(ids.filter((id) => has(id).hasCurve)).toEqual(['c', 'd', 'e', 'f']);
    expect(ids.filter((id) => has(id).hasDamage)).toEqual(['e', 'f']);
  });

  it('keeps so many models, those measured last', async () => {
    for (const name of ['one', 'two', 'three']) {
      await add(open(undefined, 2), aKept({ id: 'a', path: `/${name}.gguf` }));
      await new Promise((resolve) => setTimeout(resolve, 20)); // files are told apart by their times
    }
    expect(readdirSync(folder).length).toBe(2);
    expect((await open().all()).map(({ model }) => model.path).sort()).toEqual(['/three.gguf', '/two.gguf']);
  });

  it('loses nothing when several windows write at once', async () => {
    const ids = Array.from({ length: 12 }, (_item, at) => `id-${at}`);
    await Promise.all(ids.map((id, date) => add(open(), aKept({ id, date }))));
    expect((await idsOf(aKept({ id: 'a' }).model.path)).sort()).toEqual(ids.sort());
    expect(existsSync(join(modelFolder(), 'lock'))).toBe(false);
  });

  it('tells of changes, until it is asked no more', async () => {
    const history = open();
    const told: string[] = [];
    const stop = history.onChange((path) => told.push(path));
    await add(history, aKept({ id: 'a' }));
    stop();
    await add(history, aKept({ id: 'b' }));
    expect(told).toEqual([aKept({ id: 'a' }).model.path]);
  });

  it('hides what was removed, brings it back with all its parts, and forgets it with the next change', async () => {
    const history = open();
    const { path } = aKept({ id: 'a' }).model;
    for (const [date, id] of ['a', 'b', 'c'].entries())
      await add(history, aKept({ id, date, withBase: true }));
    await history.remove(path, ['a', 'b', 'unknown']);
    expect([await idsOf(path, history), await idsOf(path)]).toEqual([['c'], ['c']]);
    await history.undoRemove(path);
    expect(await idsOf(path, history)).toEqual(['c', 'b', 'a']);
    expect(await history.damage(path, 'a')).toEqual(aDamage());
    await history.remove(path, ['b']);
    await add(history, aKept({ id: 'd', date: 9 }));
    expect(history.removed(path)).toBe(0);
    await history.undoRemove(path);
    expect(await idsOf(path, history)).toEqual(['d', 'c', 'a']);
    expect(readdirSync(modelFolder()).some((name) => name.startsWith('b.'))).toBe(false);
  });
});

describe('a damaged file', () => {
  const list = (): string => join(modelFolder(), 'history.json');
  const kept = aKept({ id: 'a', withBase: true });
  const { path } = kept.model;
  beforeEach(() => add(open(), kept));

  it.each([
    ['torn', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['no JSON', () => 'history'],
    ['another JSON', () => '[1, 2]'],
    ['of another version', (text: string) => text.replace('"version": 1', '"version": 99')],
    ['a list of nothing', () => '{"version":1,"measurements":[null,{},"a",{"id":"b"}]}'],
  ])('of measurements that is %s is an empty history, and can be written again', async (_what, spoil) => {
    writeFileSync(list(), spoil(readFileSync(list(), 'utf8')));
    expect(await idsOf(path)).toEqual([]);
    expect(await open().all()).toEqual([]);
    await add(open(), aKept({ id: 'b', date: 5 }));
    expect(await idsOf(path)).toEqual(['b']);
  });

  it.each([
    ['an id that is a path', '"id": "a"', '"id": "../../a"'],
    ['a perplexity that is a text', /"perplexity": [\d.]+/, '"perplexity": "good"'],
    ['no device', '"backend": "CPU"', '"backend": 7'],
    ['a spread with a level too few', /"quantiles": \[\s*[\d.e-]+,/, '"quantiles": ['],
  ])('loses only the measurement with %s', async (_what, from, to) => {
    await add(open(), aKept({ id: 'b', date: 5 }));
    const text = readFileSync(list(), 'utf8');
    const at = text.indexOf('"id": "a"');
    const spoiled = text.slice(at).replace(from, to);
    expect(spoiled).not.toBe(text.slice(at));
    writeFileSync(list(), text.slice(0, at) + spoiled);
    expect(await idsOf(path)).toEqual(['b']);
  });

  it('that is no part of it is not there', async () => {
    for (const name of ['a.curve', 'a.damage']) {
      const file = join(modelFolder(), name);
      const bytes = readFileSync(file);
      for (const spoil of [
        () => truncateSync(file, bytes.length - 5),
        () => truncateSync(file, 7),
        () =>
          writeFileSync(
            file,
            bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte)),
          ),
        () =>
          writeFileSync(
            file,
            bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
          ),
      ]) {
        writeFileSync(file, bytes);
        const history = open();
        const read = () => (name === 'a.curve' ? history.curve(path, 'a') : history.damage(path, 'a'));
        expect(await read()).not.toBe(null);
        spoil();
        expect(await read()).toBe(null);
      }
    }
  });

  it('of another measurement is not taken for it', async () => {
    const file = readFileSync(join(modelFolder(), 'a.damage'));
    writeFileSync(join(modelFolder(), 'b.damage'), file);
    expect(await open().damage(path, 'b')).toBe(null);
  });

  it('is not waited for when a window died while it wrote', async () => {
    const lock = join(modelFolder(), 'lock');
    writeFileSync(lock, '');
    utimesSync(lock, new Date(), new Date(Date.now() - 60_000));
    await add(open(), aKept({ id: 'b', date: 5 }));
    expect(await idsOf(path)).toEqual(['b', 'a']);
  });
});
