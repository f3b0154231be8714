// The charts over depth in the page, over the real analyzer.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, modelFolder, SAMPLE } from './pageSupport.ts';

const folder = modelFolder();
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

async function openDepth(model = SAMPLE, options?: PageOptions): Promise<void> {
  page = await openInspector(browser, model, options);
  await page.getByRole('tab', { name: 'Depth' }).click();
}
const panel = () => page.getByRole('tabpanel', { name: 'Depth' });
const chart = (name: string) => panel().getByRole('region', { name, exact: true });
const canvas = (name: string) => chart(name).getByRole('application');

async function analyzed(options?: PageOptions): Promise<void> {
  await openDepth(SAMPLE, options);
  await panel().getByRole('button', { name: 'Analyze all tensors' }).click();
  await chart('attn_q spread').waitFor();
  await expect.poll(() => panel().textContent()).toContain('none: no channel is above 3 × the median');
}

test('before the analysis the tab says what it would show, and starts it', async () => {
  await openDepth();
  expect(await panel().textContent()).toContain('Not analyzed yet');
  await panel().getByRole('button', { name: 'Analyze all tensors' }).click();
  await chart('ffn_down outliers').waitFor();
});

test('every role of the layers has its two charts, with what they find in the title', async () => {
  await analyzed();
  await expect
    .poll(() => chart('attn_q spread').textContent())
    .toMatch(/σ 0\.\d+ in layer \d … 0\.\d+ in layer \d/);
  expect(await chart('attn_q outliers').textContent()).toMatch(
    /0\.\d\d % in layer \d … 0\.\d\d % in layer \d/,
  );
  expect(await panel().getByRole('application').count()).toBe(14);
});

test('the arrows read a chart, and Enter leads to the tensor', async () => {
  await analyzed();
  await canvas('ffn_down spread').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect
    .poll(() => chart('ffn_down spread').getByRole('status').textContent())
    .toMatch(/Layer 1: median/);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.getByRole('treegrid').locator('[aria-selected=true]').textContent())
    .toContain('ffn_down');
});

test('the key t shows every chart as a table', async () => {
  await analyzed();
  await canvas('attn_v outliers').focus();
  await page.keyboard.press('t');
  const table = chart('attn_v outliers').getByRole('table');
  expect(await table.getByRole('row').count()).toBe(5);
});

test('charts are drawn, in the width that there is', async () => {
  await analyzed({ width: 640 });
  const box = await canvas('attn_k outliers').locator('canvas').boundingBox();
  expect(box?.width).toBeGreaterThan(500);
  const inks = await canvas('attn_k outliers')
    .locator('canvas')
    .evaluate((element: HTMLCanvasElement) => {
      const data = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
      return new Set(
        Array.from({ length: data.length / 4 }, (_, at) => data.slice(4 * at, 4 * at + 3).join()),
      ).size;
    });
  expect(inks).toBeGreaterThan(5);
});

test('a file without layers is told so', async () => {
  await openDepth(folder.gguf('loose.gguf', { tensors: [{ name: 'weight', dims: [32, 32], type: 1 }] }));
  await expect.poll(() => panel().textContent()).toContain('No layers to follow');
});

test('is accessible in every theme', async () => {
  await analyzed();
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
  expect(hostOf(page).commands).toEqual([]);
});
