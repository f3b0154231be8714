// The analysis of all tensors in the page, over the real analyzer: how it is started and stopped, what is shown meanwhile and after.
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import { launchChromium } from '../support/chromium.ts';
import { text, uint32 } from '../support/ggufWriter.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, modelFolder, SAMPLE } from './pageSupport.ts';

const LARGE_TENSORS = 40;
/** Other tests may keep the machine busy. */
const SLOW = { timeout: 60_000 };
const folder = modelFolder();
/** Zeros take about as long as weights: a second or two. */
const largeModel = folder.gguf('large.gguf', {
  metadata: [
    { key: 'general.architecture', value: text('llama') },
    { key: 'llama.block_count', value: uint32(LARGE_TENSORS) },
  ],
  tensors: Array.from({ length: LARGE_TENSORS }, (_, layer) => ({
    name: `blk.${layer}.ffn_down.weight`,
    dims: [4096, 4096],
    type: 12,
  })),
});

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  folder.remove();
});

async function open(model: string, options?: PageOptions): Promise<void> {
  page = await openInspector(browser, model, options);
  await page.locator('.line').first().waitFor();
}
const strip = () => page.getByRole('navigation', { name: 'Views of the model' });
const button = (name: 'Analyze' | 'Cancel' | 'Continue analysis') =>
  strip().getByRole('button', { name, exact: true });
const progress = () => strip().getByRole('progressbar', { name: 'Analysis' });
const line = () => strip().locator('.analysis-text');
const told = () => strip().getByRole('status');
const banner = () => page.locator('.banner');
const cell = (tensor: string, title: string) =>
  page
    .getByRole('treegrid', { name: 'Tensors' })
    .getByRole('row')
    .filter({ hasText: tensor })
    .first()
    .locator(`[role=gridcell]`)
    .nth(COLUMNS.indexOf(title));
const COLUMNS: string[] = [];
async function readColumns(): Promise<void> {
  COLUMNS.splice(
    0,
    Infinity,
    ...(await page.getByRole('columnheader').allInnerTexts()).map((name) => name.trim()),
  );
}

/** Tells the page where an analysis stands that is not its own. */
function push(state: AnalysisStatus['state'], change: Partial<AnalysisStatus> = {}): void {
  hostOf(page).push('analysis', {
    ...{ state, why: '', tensorCount: 39, tensorsDone: 12, bytes: 4.92e9, bytesDone: 3.07e9 },
    ...{ bytesPerSecond: 1.84e9, secondsLeft: 1, threads: 15, serial: 0 },
    ...change,
  });
}

test('a click on Analyze fills the columns; then the button is gone', async () => {
  await open(SAMPLE);
  await button('Analyze').click();
  await expect.poll(() => told().textContent()).toBe('Analysis done: 39 of 39 tensors analyzed.');
  expect(await button('Analyze').count()).toBe(0);
  expect(await progress().count()).toBe(0);
  await readColumns();
  expect(COLUMNS).toContain('Kurtosis');
  await expect.poll(() => cell('ffn_down.weight', 'Kurtosis').innerText()).toMatch(/^\d+\.\d+$/);
  expectNoComplaints(page);
});

test('what was computed before is there when the page is built again, and is no news', async () => {
  await open(SAMPLE);
  await button('Analyze').click();
  await expect.poll(() => told().textContent()).toContain('Analysis done');
  await page.reload();
  await page.getByRole('columnheader', { name: 'Kurtosis' }).waitFor();
  expect(
    await strip()
      .getByRole('button', { name: /nalyz|nalys|Cancel/ })
      .count(),
  ).toBe(0);
  expect(await told().textContent()).toBe('');
});

test('an analysis is cancelled in the middle, keeps what it has, and goes on', SLOW, async () => {
  await open(largeModel);
  await button('Analyze').click();
  await expect.poll(async () => Number(await progress().getAttribute('aria-valuenow'))).toBeGreaterThan(4);
  expect(await line().innerText()).toMatch(/Analyzing \d+ of 40 tensors/);
  await button('Cancel').click();
  await button('Continue analysis').waitFor();
  expect(await progress().count()).toBe(0);
  expect(await line().innerText()).toMatch(/^\d+ of 40 tensors analyzed$/);
  const done = Number.parseInt(await line().innerText(), 10);
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(LARGE_TENSORS);
  await button('Continue analysis').click();
  await button('Cancel').waitFor();
  await expect.poll(() => told().textContent(), SLOW).toBe('Analysis done: 40 of 40 tensors analyzed.');
  expectNoComplaints(page);
});

test('a page that is built again while it runs goes on showing it', async () => {
  await open(largeModel);
  await button('Analyze').click();
  await button('Cancel').waitFor();
  await page.reload();
  await button('Cancel').waitFor();
  await button('Cancel').click();
  await button('Continue analysis').waitFor();
});

test('nothing moves when the progress appears, changes and goes', async () => {
  await open(SAMPLE);
  await button('Analyze').waitFor();
  const places = () =>
    page.evaluate(() =>
      ['.header', '.tabs', '.map-and-table', '.table', '[aria-label=Report]'].map((selector) =>
        JSON.stringify(document.querySelector(selector)?.getBoundingClientRect()),
      ),
    );
  const before = await places();
  push('estimating', { tensorsDone: 0, bytesPerSecond: 0, secondsLeft: null });
  await expect.poll(() => line().innerText()).toBe('Estimating from 1/64 of the rows…');
  expect(await places()).toEqual(before);
  push('running');
  await expect
    .poll(() => line().innerText())
    .toMatch(/Analyzing 12 of 39 tensors\s*3.07 of 4.92 GB\s*1.84 GB\/s on 15 threads\s*1.0 s left/);
  expect(await places()).toEqual(before);
  push('cancelled');
  await button('Continue analysis').waitFor();
  expect(await places()).toEqual(before);
});

test('the button keeps its place and the focus, and hands it on when it goes', async () => {
  await open(SAMPLE);
  const hasFocus = (name: Parameters<typeof button>[0]) =>
    button(name).evaluate((inner) => (inner.getRootNode() as ShadowRoot).host === document.activeElement);
  await button('Analyze').focus();
  push('running');
  await button('Cancel').waitFor();
  expect(await hasFocus('Cancel')).toBe(true);
  push('cancelled');
  await button('Continue analysis').waitFor();
  expect(await hasFocus('Continue analysis')).toBe(true);
  push('done', { tensorsDone: 39 });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('tab-layers');
});

test.each([1100, 800, 620])('at %i px the line gives way, never the button', async (width) => {
  await open(SAMPLE, { width });
  push('running', { tensorCount: 12345, tensorsDone: 12344, secondsLeft: 12345 });
  await button('Cancel').waitFor();
  await expect.poll(() => line().innerText()).toMatch(/12,344 of 12,345/);
  const overflow = await strip().evaluate((nav) => nav.scrollWidth - nav.clientWidth);
  expect(overflow).toBe(0);
  const [text, cancel, tabs] = await Promise.all(
    [line(), button('Cancel'), page.getByRole('tablist').first()].map((part) => part.boundingBox()),
  );
  expect(text?.x).toBeGreaterThan((tabs?.x ?? Infinity) + (tabs?.width ?? 0));
  expect((text?.x ?? Infinity) + (text?.width ?? 0)).toBeLessThanOrEqual(cancel?.x ?? 0);
});

test('a burst of statuses is drawn a few times, and told aloud once', async () => {
  await open(SAMPLE);
  await button('Analyze').waitFor();
  await page.evaluate(() => {
    const counts = { drawn: 0, told: 0 };
    Object.assign(window, { counts });
    const nav = document.querySelector('.tab-strip');
    new MutationObserver((records) => {
      for (const { target } of records) {
        const isTold = (target as Element).parentElement?.closest('[role=status]') !== null;
        if (target.nodeType === Node.TEXT_NODE) counts[isTold ? 'told' : 'drawn']++;
      }
    }).observe(nav ?? document.body, { subtree: true, characterData: true });
  });
  push('running', { tensorsDone: 0, bytesDone: 0 });
  for (let done = 0; done < 100; done++)
    push('running', { tensorsDone: done, tensorCount: 1000, bytesDone: done });
  await expect.poll(() => line().innerText()).toContain('99 of 1,000');
  const counts = await page.evaluate(() => (window as unknown as { counts: object }).counts);
  expect(counts).toMatchObject({ told: 0 });
  expect((counts as { drawn: number }).drawn).toBeLessThan(30);
});

test('a failure is said in words, with a way out', async () => {
  await open(SAMPLE);
  push('failed', { why: 'The file changed while it was analyzed; reload it and analyze again.' });
  await expect.poll(() => banner().innerText()).toContain('The file changed while it was analyzed');
  await banner().getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => hostOf(page).commands).toEqual(['reload']);
});

test('the numbers of a file go when it changes, and come anew with the new one', async () => {
  const path = folder.file('changing.gguf', readFileSync(SAMPLE));
  await open(path);
  await button('Analyze').click();
  const kurtosis = page.getByRole('columnheader', { name: 'Kurtosis' });
  await kurtosis.waitFor();
  await expect.poll(() => told().textContent()).toContain('Analysis done');
  folder.file('changing.gguf', readFileSync(SAMPLE.replace('Q4_K_M', 'F16')));
  hostOf(page).push('fileChanged', { state: 'changed' });
  await expect.poll(() => kurtosis.count()).toBe(0);
  expect(await button('Analyze').count()).toBe(0); // it would be another model's
  hostOf(page).push('reload', null);
  await button('Analyze').click();
  await kurtosis.waitFor();
  await expect.poll(() => told().textContent()).toBe('Analysis done: 39 of 39 tensors analyzed.');
});

test('tensors whose data is cut off are counted, and the others analyzed', async () => {
  const bytes = readFileSync(SAMPLE);
  await open(folder.file('cut.gguf', bytes.subarray(0, bytes.length / 2)));
  await button('Analyze').click();
  await expect
    .poll(() => line().innerText())
    .toMatch(/^\d+ tensors have no numbers: data cut off, missing or not readable$/);
  await expect.poll(() => told().textContent()).toMatch(/^Analysis done: (\d+) of \1 tensors analyzed\.$/);
});

test('is accessible in every theme', async () => {
  await open(SAMPLE);
  await button('Analyze').waitFor();
  await expectAccessibleInThemes(page);
  push('running');
  await button('Cancel').waitFor();
  await expectAccessibleInThemes(page);
  push('cancelled');
  await button('Continue analysis').waitFor();
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
});
