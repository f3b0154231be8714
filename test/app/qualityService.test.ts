// The Quality page's service with the real engine behind it: what is measured is told while it happens, kept, compared and exported.
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectQualityPage, createQualityService } from '../../src/app/quality/qualityService.ts';
import { createEngine } from '../../src/node/engineProcess.ts';
import type { Curve, QualityHost, QualityPushes, RunView } from '../../src/protocol/quality.ts';
import { resultText, runText } from '../../src/protocol/qualityWords.ts';
import { buildEngine, ENGINE_MISSING, ENGLISH_TEXT, sample } from '../support/engine.ts';
import { createQualitySources, recordingShell } from '../support/quality.ts';

const SIGNAL = new AbortController().signal;
let folder = '';
let model = '';
let base = '';
let sources: ReturnType<typeof createQualitySources>;
beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'quantscope-quality-'));
  [model, base] = [join(folder, 'model.gguf'), join(folder, 'base.gguf')];
  copyFileSync(sample('sotu-5m-Q4_K_M.gguf'), model);
  copyFileSync(sample('sotu-5m-F16.gguf'), base);
  const engine = createEngine(await buildEngine(folder));
  sources = createQualitySources({ folder: join(folder, 'history'), engine });
}, 240_000);
afterAll(() => {
  sources?.jobs.dispose();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A page of a model, and what it was told. */
function openPage(path: string) {
  const shell = recordingShell();
  const runs: (RunView | null)[] = [];
  const curves: Curve[] = [];
  const told: string[] = [];
  const ask: QualityHost = createQualityService(path, sources, shell);
  const stop = connectQualityPage(path, sources, (name, value) => {
    told.push(name);
    if (name === 'run') runs.push(value as QualityPushes['run']);
    if (name === 'curve') curves.push(value as Curve);
  });
  return { shell, runs, curves, told, ask, stop };
}

/** Measures as planned; answers how it ended. */
async function measured(ask: QualityHost) {
  const end = new Promise((resolve) => {
    const stop = sources.jobs.onEnd((_model, value) => {
      stop();
      resolve(value);
    });
  });
  await ask.measure(null, SIGNAL);
  return end;
}

describe.skipIf(ENGINE_MISSING !== null)('the Quality page', () => {
  it('begins with a plan: nothing was measured, nothing runs', async () => {
    const { ask, stop } = openPage(model);
    const view = await ask.open(null, SIGNAL);
    expect(view).toMatchObject({
      model: { label: 'SOTU-5M Q4_K_M', shortLabel: 'Q4_K_M', fileName: 'model.gguf' },
      ...{ unfit: null, isTrusted: true, run: null, measurements: [], others: [], series: [], removed: 0 },
      plan: {
        text: { name: 'English', detail: '200.00 kB, speeches in the public domain' },
        ...{ chunkLimit: 16, contextTokens: 256, base: null, seconds: null },
        device: { label: 'CPU, 1 thread' },
      },
    });
    expect(view.plan.contextNote).toBe(
      'Read in contexts of 256 tokens, not 512: SOTU-5M Q4_K_M was trained on no longer ones.',
    );
    stop();
  });

  it('measures, tells of it, keeps it, and draws its curve again', async () => {
    const { ask, runs, curves, told, stop } = openPage(model);
    await ask.setChunks({ chunkLimit: 4 }, SIGNAL);
    expect(await measured(ask)).toMatchObject({ kind: 'measured' });
    const { measurements, run, series, plan } = await ask.open(null, SIGNAL);
    const [kept] = measurements;
    expect(run).toBe(null);
    expect(kept).toMatchObject({
      ...{ contextTokens: 256, chunks: 4, base: null, figures: null, fileState: 'same' },
      ...{ hasCurve: true, hasDamage: false, text: { name: 'English' } },
      device: { backend: 'CPU', threads: 1 },
    });
    expect(kept?.notes).toEqual([plan.contextNote]);
    expect(kept?.score.tokensScored).toBe(4 * 127);
    expect(series).toMatchObject([{ label: 'English · 4 chunks of 256', points: [{ isThis: true }] }]);
    expect(plan.seconds).toBeGreaterThan(0);

    const states = runs.map((view) => view?.state ?? 'none');
    expect([states[0], states.at(-1)]).toEqual(['checking', 'none']);
    expect(runs.every((view) => view === null || runText(view) !== '')).toBe(true);
    expect(told.at(-1)).toBe('changed');

    // What was told in parts is what is kept.
    const whole = await ask.curve({ id: kept!.id }, SIGNAL);
    const heard = curves.flatMap(({ perplexity }) => [...perplexity]);
    expect(curves.map(({ first }) => first)).toEqual(
      curves.map((_curve, at) => curves.slice(0, at).reduce((sum, one) => sum + one.perplexity.length, 0)),
    );
    expect([...whole.perplexity]).toEqual(heard);
    expect(whole.perplexity.length).toBe(4);
    expect(whole.perplexity[3]).toBeCloseTo(kept!.score.perplexity, 4);
    expect([whole.basePerplexity, whole.meanKl]).toEqual([null, null]);
    stop();
  });

  it('compares with a base, and shows the text with what happened to it', async () => {
    const { ask, stop } = openPage(model);
    sources.plans.change(model, { base, chunkLimit: 4 });
    await measured(ask);
    const view = await ask.open(null, SIGNAL);
    const kept = view.measurements[0]!;
    const { figures } = kept;
    expect(view.measurements.length).toBe(2);
    expect(kept).toMatchObject({ base: { label: 'SOTU-5M F16' }, hasCurve: true, hasDamage: true });
    expect(resultText(kept)).toMatch(
      /^SOTU-5M Q4_K_M: perplexity \d+\.\d+ ± \d+\.\d+ \([+−]\d+\.\d+ ± \d+\.\d+ against F16/,
    );
    // One point for the model, by its last measurement, and one for the base; fewest bits first.
    const [series] = view.series;
    expect(
      series?.points.map(({ model: { shortLabel }, asBase, isThis }) => [shortLabel, asBase, isThis]),
    ).toEqual([
      ['Q4_K_M', false, true],
      ['F16', true, false],
    ]);
    expect(series?.points[1]?.perplexity).toBe(figures?.base.perplexity);

    const curve = await ask.curve({ id: kept.id }, SIGNAL);
    expect(curve.meanKl?.at(-1)).toBeCloseTo(figures?.meanKl.value ?? NaN, 5);
    expect(curve.basePerplexity?.length).toBe(4);

    const detail = await ask.detail({ id: kept.id }, SIGNAL);
    expect(detail).toMatchObject({ tokenCount: 4 * 256, scoredCount: 4 * 127 });
    expect(detail.kl.max).toBe(figures?.maxKl);
    expect(detail.worst.length).toBe(200);
    expect(detail.worst[0]?.kl).toBeCloseTo(figures?.maxKl ?? NaN, 5);

    const pages = [];
    for (let first = 0; first < detail.pieceCount;) {
      const page = await ask.damage({ id: kept.id, first, count: 300 }, SIGNAL);
      expect([page.first, page.pieceCount]).toEqual([first, detail.pieceCount]);
      pages.push(page);
      first += page.texts.length;
    }
    const texts = pages.flatMap((page) => page.texts);
    const kl = pages.flatMap((page) => [...page.kl]);
    expect(pages.flatMap((page) => [...page.tokens]).reduce((sum, count) => sum + count)).toBe(4 * 256);
    expect(kl.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(3 * 127);
    for (const { piece, kl: worst } of detail.worst.slice(0, 20)) expect(kl[piece]).toBeCloseTo(worst, 5);
    const content = readFileSync(new URL('../../media/texts/english.txt', import.meta.url), 'utf8');
    expect(content.startsWith(texts.join('').trimStart().slice(0, 2000))).toBe(true);
    stop();
  });

  it('exports what was measured, as the terminal names it', async () => {
    const { ask, shell, stop } = openPage(model);
    const { measurements } = await ask.open(null, SIGNAL);
    const ids = measurements.map(({ id }) => id);
    await ask.export({ ids, format: 'json', to: 'clipboard' }, SIGNAL);
    const [newest, alone] = JSON.parse(shell.copied[0]!) as {
      perplexity: number;
      base: { meanKl: object } | null;
    }[];
    expect(newest?.base?.meanKl).toEqual(measurements[0]?.figures?.meanKl);
    expect([alone?.perplexity, alone?.base]).toEqual([measurements[1]?.score.perplexity, null]);

    await ask.export({ ids, format: 'csv', to: 'file' }, SIGNAL);
    const csv = new TextDecoder().decode(shell.files.get('model.quality.csv'));
    const [head, ...rows] = csv
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    expect(rows.length).toBe(2);
    expect(rows[1]![head!.indexOf('perplexity')]).toBe(String(measurements[1]?.score.perplexity));
    expect(rows[1]![head!.indexOf('meanKl')]).toBe('');

    await ask.export({ ids, format: 'markdown', to: 'clipboard' }, SIGNAL);
    expect(shell.copied[1]!.split('\n').length).toBe(5);
    expect(shell.copied[1]).toContain('SOTU-5M Q4\\_K\\_M');
    stop();
  });

  it('removes measurements, brings them back, and forgets them for good with the next one', async () => {
    const { ask, told, stop } = openPage(model);
    const { measurements } = await ask.open(null, SIGNAL);
    const [first, second] = measurements.map(({ id }) => id);
    await ask.remove({ ids: [second!] }, SIGNAL);
    expect(told).toContain('changed');
    const without = await ask.open(null, SIGNAL);
    expect([without.removed, without.measurements.map(({ id }) => id)]).toEqual([1, [first]]);
    await ask.undoRemove(null, SIGNAL);
    const again = await ask.open(null, SIGNAL);
    expect([again.removed, again.measurements]).toEqual([0, measurements]);

    await ask.remove({ ids: [second!] }, SIGNAL);
    await ask.remove({ ids: [first!] }, SIGNAL);
    await ask.undoRemove(null, SIGNAL);
    expect((await ask.open(null, SIGNAL)).measurements.map(({ id }) => id)).toEqual([first]);
    await expect(ask.curve({ id: second! }, SIGNAL)).rejects.toThrow('no longer open');
    stop();
  });

  it('is cancelled at once, while it runs and while it waits', async () => {
    const page = openPage(model);
    const other = openPage(base);
    sources.plans.change(model, { chunkLimit: null, base: null });
    await page.ask.measure(null, SIGNAL);
    await other.ask.measure(null, SIGNAL);
    expect((await other.ask.open(null, SIGNAL)).run).toMatchObject({ state: 'waiting', ahead: 1 });
    await expect(other.ask.measure(null, SIGNAL)).rejects.toThrow('is being measured');
    await other.ask.cancel(null, SIGNAL);
    expect((await other.ask.open(null, SIGNAL)).run).toBe(null);
    await expect.poll(() => page.runs.at(-1)?.state).toBe('running');
    await expect
      .poll(() => (page.runs.at(-1) as { done?: number })?.done, { timeout: 10_000 })
      .toBeGreaterThan(1);
    const running = page.runs.at(-1)!;
    expect((await page.ask.curve({ id: running.id }, SIGNAL)).perplexity.length).toBeGreaterThan(1);
    await page.ask.cancel(null, SIGNAL);
    await expect.poll(() => page.runs.at(-1)).toBe(null);
    expect(page.runs.at(-2)?.state).toBe('cancelling');
    page.stop();
    other.stop();
  });

  it('says why a file cannot be measured, and keeps how a measurement failed until it is dismissed', async () => {
    const broken = join(folder, 'broken.gguf');
    copyFileSync(model, broken);
    const { ask, stop } = openPage(broken);
    expect((await ask.open(null, SIGNAL)).unfit).toBe(null);
    sources.plans.change(broken, {
      chunkLimit: 2,
      text: { kind: 'held', name: 'two words', content: 'Fellow citizens' },
    });
    expect(await measured(ask)).toMatchObject({ kind: 'failed' });
    const { run } = await ask.open(null, SIGNAL);
    expect(run?.state === 'failed' && run.why).toMatch(/^The text has \d tokens, but a context of 256 needs/);
    await ask.dismiss(null, SIGNAL);
    expect((await ask.open(null, SIGNAL)).run).toBe(null);

    copyFileSync(ENGLISH_TEXT, broken);
    const { unfit } = await ask.open(null, SIGNAL);
    expect(unfit).toContain('cannot be measured');
    await expect(measured(ask)).resolves.toMatchObject({ kind: 'failed' });
    sources.plans.change(model, { text: { kind: 'bundled', name: 'english' } });
    stop();
  });

  it('starts nothing in a workspace that is not trusted', async () => {
    const { ask, shell, runs, stop } = openPage(model);
    shell.isTrustedNow = false;
    expect((await ask.open(null, SIGNAL)).isTrusted).toBe(false);
    await expect(ask.measure(null, SIGNAL)).rejects.toThrow('not trusted');
    await expect(ask.devices(null, SIGNAL)).rejects.toThrow('not trusted');
    expect(runs).toEqual([]);
    stop();
  });

  it('tells of a file that changed since, and lists what could be computed on', async () => {
    const { ask, stop } = openPage(model);
    appendFileSync(model, new Uint8Array(32));
    expect((await ask.open(null, SIGNAL)).measurements[0]?.fileState).toBe('changed');
    rmSync(model);
    const gone = await ask.open(null, SIGNAL);
    expect(gone.measurements[0]?.fileState).toBe('gone');
    expect(gone.unfit).toContain('does not exist');
    const { cpu, threads, engineVersion } = await ask.devices(null, SIGNAL);
    expect([cpu === '', threads > 0, engineVersion.startsWith('llama.cpp ')]).toEqual([false, true, true]);
    stop();
  });
});
