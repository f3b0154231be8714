// Results on the disk: found again, unless they are damaged, of another state of the model, or too many.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attemptAnalysis } from '../../src/app/analysis/attempt.ts';
import { tensorResult, type TensorResult } from '../../src/app/analysis/modelAnalysisJobs.ts';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { createStatsStore, type StoreLimits } from '../../src/node/statsStore.ts';
import { openSession } from '../../src/app/analysis/modelAnalysisSession.ts';
import { NO_STORE } from '../../src/node/statsStore.ts';
import { createRandom } from '../support/random.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';

const Q4 = join(import.meta.dirname, '../samples/sotu-5m-Q4_K_M.gguf');
let base = '';
let folder = '';
let model = '';
let results: readonly TensorResult[] = [];

beforeAll(async () => {
  await buildKernel();
  base = mkdtempSync(join(tmpdir(), 'quantscope-store-'));
  const session = openSession(diskAccess, NO_STORE, Q4, new AbortController().signal);
  const kernel = loadKernel(KERNEL_WASM);
  results = (session?.tensors ?? []).slice(0, 6).map((tensor) => {
    const steps = attemptAnalysis(diskAccess, Q4, session!.model, tensor, () => kernel);
    for (;;) {
      const step = steps.next();
      if (step.done === true && typeof step.value !== 'string') return tensorResult(step.value, 1);
    }
  });
}, 60_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(base, 'cache-'));
  model = join(mkdtempSync(join(base, 'model-')), 'model.gguf');
  writeFileSync(model, 'the bytes of a model');
});

const openStore = (limits?: StoreLimits) => {
  const warnings: string[] = [];
  const store = createStatsStore(folder, (sentence) => warnings.push(sentence), limits);
  return { warnings, of: (path = model) => store.resultsOf(path, [path.split('/').at(-1) ?? '']) };
};
const fill = (kept: ReturnType<ReturnType<typeof openStore>['of']>): boolean[] => {
  kept.read();
  return results.map(({ numbers, view }, index) => kept.keep(`tensor ${index}`, numbers, view));
};
const files = (): string[] => readdirSync(folder).map((name) => join(folder, name));
const known = () => [...openStore().of().read().keys()];
const ALL = ['tensor 0', 'tensor 1', 'tensor 2', 'tensor 3', 'tensor 4', 'tensor 5'];

describe('results that are kept', () => {
  it('are found again, numbers and what the panel shows', () => {
    expect(fill(openStore().of())).toEqual(ALL.map(() => true));
    const kept = openStore().of();
    const read = kept.read();
    expect([...read.keys()]).toEqual(ALL);
    results.forEach(({ numbers, view }, index) => {
      expect(read.get(`tensor ${index}`)).toEqual(numbers);
      expect(kept.readView(`tensor ${index}`)).toEqual(view);
    });
    expect(kept.readView('tensor 6')).toBeNull();
  });

  it('are found by the store that wrote them, and the last ones count', () => {
    const kept = openStore().of();
    fill(kept);
    expect(kept.readView('tensor 1')).toEqual(results[1]!.view);
    kept.keep('tensor 1', results[2]!.numbers, results[2]!.view);
    expect(kept.readView('tensor 1')).toEqual(results[2]!.view);
    expect(openStore().of().read().get('tensor 1')).toEqual(results[2]!.numbers);
  });

  it('take some hundred bytes without what the panel shows', () => {
    fill(openStore({ model: 4000, all: 1e6 }).of());
    expect(statSync(files()[0]!).size).toBeLessThan(600 * ALL.length);
    expect(known()).toEqual(ALL);
    expect(openStore().of().readView('tensor 0')).toBeNull();
  });

  it('make no file before there are any', () => {
    expect(openStore().of().read().size).toBe(0);
    expect(files()).toEqual([]);
  });
});

describe('results that cannot be trusted', () => {
  it('of a file that was torn are found up to there, and those that come after it', () => {
    fill(openStore().of());
    const [file = ''] = files();
    const lines = readFileSync(file, 'utf8').split('\n');
    truncateSync(file, lines.slice(0, 5).join('\n').length + 100); // head, two tensors with their views, a piece of the third
    expect(known()).toEqual(ALL.slice(0, 2));
    const kept = openStore().of();
    kept.read();
    kept.keep('after', results[3]!.numbers, results[3]!.view);
    expect(known()).toEqual([...ALL.slice(0, 2), 'after']);
    expect(kept.readView('after')).toEqual(results[3]!.view);
  });

  it('of a model that was written again are deleted', () => {
    fill(openStore().of());
    writeFileSync(model, 'the bytes of another model');
    expect(known()).toEqual([]);
    expect(files()).toEqual([]);
    fill(openStore().of());
    utimesSync(model, new Date(), new Date(0));
    expect(known()).toEqual([]);
  });

  it('of another version are deleted', () => {
    fill(openStore().of());
    const [file = ''] = files();
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(text.indexOf('\n') + 1)); // without its head
    expect(known()).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  it('are left out where bytes were changed by chance', () => {
    fill(openStore().of());
    const [file = ''] = files();
    const whole = readFileSync(file);
    const head = whole.indexOf(10) + 1;
    const random = createRandom(1);
    for (let round = 0; round < 20; round++) {
      const damaged = Buffer.from(whole);
      for (let change = 0; change < 5; change++) {
        damaged[head + random.below(whole.length - head)] = random.below(256);
      }
      writeFileSync(file, damaged);
      const kept = openStore().of();
      for (const [key, numbers] of kept.read()) {
        const index = ALL.indexOf(key);
        expect(numbers).toEqual(results[index]?.numbers);
        expect([results[index]?.view, null]).toContainEqual(kept.readView(key));
      }
    }
  });

  const contents: readonly (readonly [string, (file: string) => void])[] = [
    ['nothing', (file) => writeFileSync(file, '')],
    ['one long line', (file) => writeFileSync(file, 'n'.repeat(3_000_000))],
    ['more than a model may have', (file) => truncateSync(file, 33_000_000)],
    ['lines of another kind', (file) => appendFileSync(file, 'x 12345678 {}\nn\nv \nn 00000000 null\n')],
    [
      'a folder in its place',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ];
  it.each(contents)('are none of a file with %s', (_what, spoil) => {
    fill(openStore().of());
    const [file = ''] = files();
    spoil(file);
    const kept = openStore().of();
    expect(() => {
      for (const key of kept.read().keys()) kept.readView(key);
    }).not.toThrow();
    expect([[], ALL]).toContainEqual([...kept.read().keys()]);
  });
});

describe('the room for results', () => {
  it('is made by deleting those of the model that was looked at longest ago', () => {
    const limits = { model: 500_000, all: 1_100_000 };
    const folders = ['first', 'second', 'third'].map(
      (name) => mkdirSync(join(base, name), { recursive: true }) ?? '',
    );
    const paths = folders.map((path, index) => {
      const at = join(path, 'model.gguf');
      writeFileSync(at, 'x'.repeat(index));
      return at;
    });
    const sizes = paths.map((path, index) => {
      fill(openStore(limits).of(path));
      const file = files().toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]!;
      utimesSync(file, new Date(), new Date(Date.now() - 1e6 + index * 1000));
      return statSync(file).size;
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.model);
    expect(files().length).toBe(2);
    expect([...openStore(limits).of(paths[0]).read().keys()]).toEqual([]);
    expect([...openStore(limits).of(paths[2]).read().keys()]).toEqual(ALL);
  });

  it('holds what fits of one model: numbers before views, then nothing more', () => {
    const answers = fill(openStore({ model: 1200, all: 1e6 }).of());
    expect(answers.indexOf(false)).toBeGreaterThan(0);
    expect(statSync(files()[0]!).size).toBeLessThanOrEqual(1200);
    expect(known()).toEqual(ALL.filter((_key, index) => answers[index]));
  });
});

describe('a folder that cannot be written', () => {
  it('is told once, and nothing is kept', () => {
    folder = join(model, 'below a file');
    const store = openStore();
    expect(fill(store.of())).toEqual(ALL.map(() => false));
    expect(fill(store.of())).toEqual(ALL.map(() => false));
    expect(store.warnings.length).toBe(1);
    expect(store.warnings[0]).toMatch(/^Results of analyses are not kept: /);
  });
});
