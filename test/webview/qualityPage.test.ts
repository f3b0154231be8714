// The Quality page in a browser, over the real service and the real engine.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/node/engineProcess.ts';
import type { QualityHost, RunView } from '../../src/protocol/quality.ts';
import { launchChromium } from '../support/chromium.ts';
import { buildEngine, ENGINE_MISSING, sample } from '../support/engine.ts';
import { createQualitySources, recordingShell } from '../support/quality.ts';
import { openQuality, type OpenQuality, type QualityOptions } from '../support/qualityPage.ts';
import {
  expectAccessible,
  expectAccessibleInThemes,
  pagesOfTests,
  SAFETENSORS_SAMPLE,
} from './pageSupport.ts';

let [folder, model, base] = ['', '', ''];
let browser: Browser;
let sources: ReturnType<typeof createQualitySources>;
const kept = pagesOfTests<OpenQuality>();

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'quality-page-'));
  [model, base] = [join(folder, 'model-with-a-rather-long-name-to-be-cut.gguf'), join(folder, 'base.gguf')];
  copyFileSync(sample('sotu-5m-Q4_K_M.gguf'), model);
  copyFileSync(sample('sotu-5m-F16.gguf'), base);
  const engine = createEngine(await buildEngine(folder));
  sources = createQualitySources({ folder: join(folder, 'history'), engine });
  browser = await launchChromium();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  sources?.jobs.dispose();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function open(path: string, options: QualityOptions = {}): Promise<OpenQuality> {
  const one = kept(await openQuality(browser, path, sources, options));
  await one.page.locator('.sections').waitFor();
  return one;
}

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const table = (page: Page): Locator => page.getByRole('table', { name: 'Measurements' });
const rows = (page: Page): Locator => table(page).locator('tbody tr[data-id]');
const status = (page: Page): Locator => page.locator('.run-text');
const text = (page: Page): Locator => page.getByRole('listbox', { name: 'Tokens of the text' });
const card = (page: Page): Locator => page.locator('.token-card');

const RUN: RunView = {
  ...{ id: 'run', text: 'English', chunkLimit: 16, contextTokens: 256, against: 'SOTU-5M F16' },
  ...{ state: 'running', pass: 'both', passes: 1, done: 3, chunks: 16, meanKl: 0.0123 },
  score: { perplexity: 34.74, standardError: 0.65, meanNll: 3.5, tokensScored: 384 },
  base: { perplexity: 34.6, standardError: 0.64, meanNll: 3.5, tokensScored: 384 },
  device: {
    ...{ backend: 'CPU', names: [], gpuLayers: 0, layers: 5, threads: 3, extraBuffers: false },
    notes: ['No usable GPU was found.'],
  },
  ...{ tokensPerSecond: 5120, secondsLeft: 4 },
};

describe.skipIf(ENGINE_MISSING !== null)('the Quality page', () => {
  it('says before the first measurement what the numbers tell, and what they need', async () => {
    const { page, shell } = await open(model);
    expect(await page.getByRole('region', { name: 'Not measured yet' }).innerText()).toMatch(
      /Perplexity[^]*KL divergence[^]*GGUF with a vocabulary/,
    );
    expect(await status(page).innerText()).toMatch(/^Read in contexts of 256 tokens/);
    await button(page, 'Choose Base…').click();
    await page.getByRole('button', { name: /^Text English/ }).click();
    expect(shell.picked).toEqual(['base', 'text']);
    await expectAccessible(page);
  });

  it('measures on a click, and shows what came of it', async () => {
    sources.plans.change(model, { base, chunkLimit: 4 });
    const { page } = await open(model);
    await button(page, 'Measure').click();
    await rows(page).first().waitFor({ timeout: 60_000 });
    const hero = await page.locator('.hero .number').innerText();
    expect(hero).toMatch(/^\d\d\.\d\d ± \d\.\d\d$/);
    expect(await rows(page).first().innerText()).toContain(hero);
    const result = page.getByRole('region', { name: 'Result' });
    for (const name of ['Perplexity', 'Difference', 'Mean KL', '99 % KL', 'Same top token', 'RMS Δp'])
      expect(await result.locator('dt', { hasText: new RegExp(`^${name}$`) }).count()).toBe(1);
    expect(await result.innerText()).toMatch(
      /SHA-256[^]*4 of 175 chunks, 508 tokens scored[^]*CPU, 1 thread/,
    );
    for (const name of ['Running perplexity', 'Perplexity against bits per weight'])
      expect(await page.getByRole('application', { name: new RegExp(`^${name}`) }).count()).toBe(1);
    await expectAccessible(page);
  });

  it('colors the text, and says of a token what each model expected', async () => {
    const { page } = await open(model);
    await text(page).locator('[role=option]').first().waitFor();
    await page.keyboard.press('n');
    await card(page).waitFor();
    expect(await card(page).innerText()).toMatch(/1 of the 200 worst[^]*F16 expected[^]*Q4_K_M expected/);
    expect(await page.getByRole('status').filter({ hasText: 'number 1 of the worst' }).count()).toBe(1);
    const worst = page.getByRole('table', { name: 'Worst tokens' }).locator('tbody tr');
    expect(await worst.nth(0).getAttribute('class')).toBe('chosen');
    await page.keyboard.press('n');
    expect(await worst.nth(1).getAttribute('class')).toBe('chosen');
    await page.keyboard.press('p');
    expect(await worst.nth(0).getAttribute('class')).toBe('chosen');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    expect(await card(page).count()).toBe(0);
    await worst.nth(2).click();
    expect(await card(page).innerText()).toContain('3 of the 200 worst');

    await page.keyboard.press('Home');
    await expect
      .poll(() => card(page).innerText())
      .toContain('Not scored: the first half of chunk 1 is only context.');
    await page.keyboard.press('ArrowRight');
    expect(await text(page).getAttribute('aria-activedescendant')).toBe('piece-2');
    const colored = text(page).locator('[role=option][style*=background]');
    expect(await colored.count()).toBeGreaterThan(5);
    await colored.first().hover();
    await page.waitForTimeout(400);
    expect(await card(page).innerText()).toMatch(/KL 0\.\d+/);
    const shade = await colored.first().getAttribute('style');
    await page.getByRole('radio', { name: 'Δ −ln p' }).click();
    expect(await page.locator('.legend-tick').allInnerTexts()).toEqual(['0.1', '1', '5']);
    expect(await colored.first().getAttribute('style')).not.toBe(shade);
  });

  it('keeps what was chosen over a reload of the window', async () => {
    const { page } = await open(model);
    await page.getByRole('radio', { name: 'Δ −ln p' }).click();
    await page.keyboard.press('n');
    await table(page).getByRole('button', { name: 'Perplexity' }).click();
    await page.reload();
    await card(page).waitFor({ state: 'detached' });
    await text(page).locator('.chosen').waitFor();
    expect(await page.getByRole('radio', { name: 'Δ −ln p' }).getAttribute('aria-checked')).toBe('true');
    expect(
      await table(page).getByRole('columnheader', { name: 'Perplexity' }).getAttribute('aria-sort'),
    ).toBe('ascending');
    const state = await page.evaluate(() => sessionStorage.getItem('vscode state'));
    expect(JSON.parse(state ?? '')).toMatchObject({ path: model, measure: 'lost' });
  });

  it('keeps a history: shown by a click, exported, removed, brought back', async () => {
    sources.plans.change(model, { base: null, chunkLimit: 2 });
    const { page, shell } = await open(model);
    await button(page, 'Measure').click();
    await expect.poll(() => rows(page).count(), { timeout: 60_000 }).toBe(2);
    expect(await page.locator('.hero .caption').innerText()).toContain('2 chunks');
    expect(await page.getByText('A perplexity alone does not tell').count()).toBe(1);
    expect(await page.locator('.damage').count()).toBe(0);

    await rows(page).nth(0).locator('button').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator('.hero .caption').innerText()).toContain('4 chunks');
    await page.locator('.damage').waitFor();
    await button(page, 'SOTU-5M F16').click();
    await expect.poll(() => shell.opened).toEqual([{ path: base, page: 'quality' }]);

    await button(page, 'Export…').click();
    await page.getByRole('menuitem', { name: 'Copy as Markdown' }).click();
    await expect.poll(() => shell.copied.length).toBe(1);
    expect(shell.copied[0]).toContain('| ');
    await page.keyboard.press('Escape');
    await rows(page).nth(1).locator('button').focus();
    await page.keyboard.press(' ');
    expect(await page.getByText('1 measurement selected').count()).toBe(1);
    await button(page, 'Export…').click();
    await page.getByRole('menuitem', { name: 'Save as JSON…' }).click();
    await expect.poll(() => shell.files.size).toBe(1);
    const [saved] = shell.files.values();
    expect(JSON.parse(Buffer.from(saved!).toString())).toBeTruthy();

    await button(page, 'Remove').click();
    await expect.poll(() => rows(page).count()).toBe(1);
    await button(page, 'Undo').click();
    await expect.poll(() => rows(page).count()).toBe(2);
    await page.keyboard.press('Escape');
    await expectAccessible(page);
  });

  it('draws only what is seen of a long text', async () => {
    const PIECES = 60_000;
    const long = (host: QualityHost): QualityHost => ({
      ...host,
      async damage({ id, first, count }, signal) {
        const page = await host.damage({ id, first: 0, count: 1000 }, signal);
        const [kept, length] = [page.texts.length, Math.min(count, PIECES - first)];
        const again = (column: Float32Array): Float32Array =>
          Float32Array.from({ length }, (_, at) => column[at % kept] ?? NaN);
        return {
          ...{
            first,
            pieceCount: PIECES,
            tokens: new Uint8Array(length).fill(1),
            chunk: new Uint32Array(length),
          },
          texts: Array.from({ length }, (_, at) => page.texts[at % kept] ?? ''),
          ...{ kl: again(page.kl), nll: again(page.nll), baseNll: again(page.baseNll) },
        };
      },
    });
    const { page } = await open(model, { change: long });
    await rows(page).last().click();
    await text(page).waitFor();
    await text(page).focus();
    await expect
      .poll(() => page.locator('.damage-lines').evaluate((lines) => lines.clientHeight), { timeout: 30_000 })
      .toBeGreaterThan(30_000);
    await page.keyboard.press('End');
    await expect
      .poll(
        () =>
          text(page)
            .locator(`#piece-${PIECES - 1}`)
            .count(),
        { timeout: 30_000 },
      )
      .toBe(1);
    expect(await text(page).locator('[role=option]').count()).toBeLessThan(2000);
  });

  it('shows a measurement that goes on, and cancels it where it was begun', async () => {
    let cancelled = 0;
    let run: RunView | null = RUN;
    const { page, push } = await open(model, {
      change: (host) => ({
        ...host,
        open: async (argument, signal) => ({ ...(await host.open(argument, signal)), run }),
        cancel: async () => {
          cancelled++;
          return null;
        },
      }),
    });
    const place = await page.locator('.plan-action vscode-button').boundingBox();
    push('curve', {
      ...{ id: 'run', pass: 'both', chunks: 16, first: 0 },
      perplexity: Float32Array.of(36, 35, 34.74),
      standardError: Float32Array.of(1, 0.8, 0.65),
      basePerplexity: Float32Array.of(35.9, 34.9, 34.6),
      meanKl: Float32Array.of(0.01, 0.012, 0.0123),
    });
    await page.getByRole('application', { name: /^Running perplexity/ }).waitFor();
    expect(await page.locator('.hero').innerText()).toBe('34.74 ± 0.65\nperplexity so far');
    expect(await status(page).innerText()).toBe(
      'Chunk 3 of 16perplexity 34.74 ± 0.65KL 0.01235,120 tokens/s4.0 s left',
    );
    expect(await page.getByText('No usable GPU was found.').count()).toBe(1);
    await expectAccessible(page);
    await button(page, 'Cancel').click();
    await expect.poll(() => cancelled).toBe(1);
    push('run', { ...RUN, state: 'waiting', ahead: 2, behind: 'Other Q8_0' });
    await page.getByText('Waiting for Other Q8_0 and 1 more').first().waitFor();
    run = null;
    push('run', null);
    await button(page, 'Measure').waitFor();
    const after = await page.locator('.plan-action vscode-button').boundingBox();
    expect([after?.y, (after?.x ?? 0) + (after?.width ?? 0)]).toEqual([
      place?.y,
      (place?.x ?? 0) + (place?.width ?? 0),
    ]);
  });

  it('says why a measurement failed, with the log folded below', async () => {
    const { page, push, shell } = await open(model);
    const log = Array.from({ length: 30 }, (_, line) => `llama_model_load: line ${line}`);
    push('run', {
      ...RUN,
      state: 'failed',
      why: 'The engine stopped (SIGABRT): GGML_ASSERT(a == b) failed',
      log,
    });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toBe('The engine stopped (SIGABRT): GGML_ASSERT(a == b) failed');
    expect(await page.locator('pre').isVisible()).toBe(false);
    await page.getByText('What the engine said last (30 lines)').click();
    expect(await page.locator('pre').innerText()).toContain('line 29');
    await button(page, 'Copy Log').click();
    await expect.poll(() => shell.copied).toEqual([log.join('\n')]);
    await expectAccessible(page);
  });

  it('starts nothing where the workspace is not trusted, and cannot what llama.cpp cannot', async () => {
    const shell = recordingShell();
    shell.isTrustedNow = false;
    const one = await open(model, { shell });
    await button(one.page, 'Manage Workspace Trust…').click();
    expect(shell.picked).toEqual(['trust']);
    expect(await button(one.page, 'Measure').count()).toBe(0);
    const other = await open(SAFETENSORS_SAMPLE);
    expect(await status(other.page).innerText()).toContain('llama.cpp reads GGUF only');
    expect(await button(other.page, 'Measure').count()).toBe(0);
  });

  it('can be read in every theme, narrow, without scrolling sideways', async () => {
    const { page } = await open(model, { width: 620 });
    await rows(page).nth(1).click();
    await page.locator('.damage').waitFor();
    await page.locator('.damage-line span[style]').first().waitFor();
    const overflow = await page
      .locator('.sections')
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(overflow).toBe(0);
    await expectAccessibleInThemes(page);
  });
});
