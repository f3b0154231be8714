// What the analysis found, on the page over the real analyzer: columns, order, filter, colors of the map, the card.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import { launchChromium } from '../support/chromium.ts';
import { inspectorIn } from '../support/inspector.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, SAMPLE } from './pageSupport.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(() => browser.close());

async function open(options?: PageOptions) {
  page = await openInspector(browser, SAMPLE, options);
  const inspector = inspectorIn(page);
  await inspector.row('token').waitFor();
  return inspector;
}

/** A second or two; other work on the machine makes it more. */
const PATIENCE = { timeout: 20_000 };

async function openAnalyzed(options?: PageOptions) {
  const inspector = await open(options);
  await page.getByRole('button', { name: 'Analyze', exact: true }).click();
  await head('Kurtosis').waitFor();
  const told = page.getByRole('navigation', { name: 'Views of the model' }).getByRole('status');
  await expect.poll(() => told.textContent(), PATIENCE).toMatch(/^Analysis done/);
  await expect.poll(() => page.locator('.line :is(.estimate, .unseen)').count(), PATIENCE).toBe(0);
  return inspector;
}

/** Tells the page where an analysis stands that is further than its numbers. */
function push(state: AnalysisStatus['state']): void {
  hostOf(page).push('analysis', {
    ...{ state, why: '', tensorCount: 39, tensorsDone: 12, bytes: 3.4e6, bytesDone: 1e6 },
    ...{ bytesPerSecond: 1e9, secondsLeft: 1, threads: 1, serial: 1_000_000 },
  });
}

const heads = async (): Promise<string[]> =>
  (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.trim());
const head = (name: string) => page.getByRole('columnheader', { name });
const measure = () => page.getByRole('combobox', { name: 'Color' });
const cellText = async (row: string, column: string): Promise<string> => {
  const at = (await heads()).indexOf(column);
  return inspectorIn(page).row(row).getByRole('gridcell').nth(at).innerText();
};

test('as soon as there are results their columns take the place of others, and sort from the largest down', async () => {
  await open({ width: 1372 });
  expect(await heads()).toContain('Offset');
  await page.getByRole('button', { name: 'Analyze', exact: true }).click();
  await head('Kurtosis').waitFor();
  expect(await heads()).toEqual([
    ...['Tensor', 'Type', 'Beyond 3σ, %', 'Kurtosis', 'Std', 'Absmax', 'Absmax / std'],
    ...['Scale range, log₂', 'Entropy, bits', 'kB'],
  ]);
  await head('Kurtosis').click();
  expect(await head('Kurtosis').getAttribute('aria-sort')).toBe('descending');
  await expect.poll(() => page.locator('.line').first().textContent()).toMatch(/^blk\.0\.attn_norm\.weight/);
  await head('Kurtosis').click();
  expect(await head('Kurtosis').getAttribute('aria-sort')).toBe('ascending');
  expectNoComplaints(page);
});

test('a tensor has its numbers, a vector has no codes, a layer has the share of all its weights', async () => {
  await openAnalyzed({ width: 1372 });
  expect(await cellText('attn_q.weight', 'Std')).toBe('0.1103');
  expect(await cellText('attn_q.weight', 'Beyond 3σ, %')).toBe('0.71');
  expect(await cellText('attn_q.weight', 'Entropy, bits')).toBe('3.88 of 4');
  expect(await cellText('attn_norm.weight', 'Entropy, bits')).toBe('–');
  const layer = page.locator('.line.group', { hasText: 'Layer 0' });
  expect(await layer.locator('.column-beyond3').innerText()).toBe('0.36');
  expect(await layer.locator('.column-std').innerText()).toBe('');
});

test('a column that is asked for is there before the analysis, and stays', async () => {
  const inspector = await open();
  const toggle = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Copy rows, choose columns' }).click();
    await page.getByRole('menuitemcheckbox', { name }).click();
    await page.keyboard.press('Escape');
  };
  await toggle('Entropy, bits');
  expect(await cellText('attn_q.weight', 'Entropy, bits')).toBe('–');
  await toggle('Offset'); // hidden by the user, whatever the width
  await page.setViewportSize({ width: 700, height: 800 });
  await expect.poll(heads).toContain('Entropy, bits');
  await page.reload();
  await inspector.row('token').waitFor();
  expect(await heads()).toContain('Entropy, bits');
  await page.setViewportSize({ width: 1400, height: 800 });
  await expect.poll(heads).toContain('Weights');
  expect(await heads()).not.toContain('Offset');
});

test('the filter finds by the numbers of the analysis, and says so when there are none', async () => {
  const inspector = await open();
  await inspector.filter.fill('outliers>0.7');
  expect(await page.locator('.no-match').innerText()).toMatch(/known after the analysis/);
  await page.getByRole('button', { name: 'Analyze', exact: true }).click();
  await expect.poll(() => inspector.filterCount.innerText(), PATIENCE).toMatch(/^6 of 39 · /);
});

test('while it runs the count is of tensors analyzed, and what may still come is no dash', async () => {
  const inspector = await open({ width: 1372 });
  await page.getByRole('button', { name: 'Copy rows, choose columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Std', exact: true }).click();
  await page.keyboard.press('Escape');
  expect(await cellText('attn_q.weight', 'Std')).toBe('–');
  push('running');
  await expect.poll(() => inspector.filterCount.innerText()).toBe('12 of 39 analyzed');
  expect(await inspector.row('attn_q.weight').getByText('pending').count()).toBe(1);
  push('cancelled');
  await expect.poll(() => cellText('attn_q.weight', 'Std')).toBe('–');
});

test('the map takes the colors of a measure; those of the analysis wait for it', async () => {
  await open();
  const waiting = await measure().locator('option:disabled').allInnerTexts();
  expect(waiting).toEqual([
    'outlier share (after analysis)',
    'kurtosis (after analysis)',
    'scale range (after analysis)',
    'code entropy (after analysis)',
  ]);
  await measure().selectOption('size');
  await page.getByRole('heading', { name: 'Size' }).waitFor();
  await page.getByRole('button', { name: 'Analyze', exact: true }).click();
  await head('Kurtosis').waitFor();
  expect(await measure().locator('option:disabled').count()).toBe(0);
  await measure().selectOption('outliers');
  const map = page.getByRole('grid', { name: 'Outlier share by layer and role' });
  await map.click({ position: { x: 288, y: 61 } });
  await expect
    .poll(() => map.getByRole('gridcell').innerText())
    .toBe(
      'attn_v, layer 2: 0.55 % of the weights beyond 3σ, Q6_K, 6.56 bits per weight, 26.88 kB, 0.78 % of the file',
    );
  const legend = page.getByRole('img', { name: 'Scale of outlier share from 0.14 to 2.16' });
  expect(await legend.innerText()).toContain('normal distribution');
  await page.reload();
  await expect.poll(() => measure().inputValue()).toBe('outliers');
  expectNoComplaints(page);
});

test('the card of an analyzed tensor tells what was found', async () => {
  const inspector = await openAnalyzed();
  await inspector.row('ffn_down').hover();
  await inspector.card.waitFor();
  const text = await inspector.card.innerText();
  expect(text).toContain('std 0.0800, absmax 0.775 (9.7 × std), kurtosis 0.60');
  expect(text).toContain('0.39 % (normal distribution: 0.27 %)');
  expect(text).toContain('entropy 3.86 of 4 bits; scales within a factor of 7.9');
});

test('in every theme axe finds nothing in what was found', async () => {
  const inspector = await openAnalyzed({ width: 900 });
  await measure().selectOption('kurtosis');
  await inspector.row('ffn_down').hover();
  await inspector.card.waitFor();
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
});
