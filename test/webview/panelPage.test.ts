import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, modelFolder, SAMPLE } from './pageSupport.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(() => browser.close());

/** Opens the panel of layer 1's ffn_down, a Q4_K tensor, by keyboard. */
async function openPanel(options?: PageOptions): Promise<void> {
  page = await openInspector(browser, SAMPLE, options);
  await page.locator('.line').first().waitFor();
  hostOf(page).push('reveal', { name: 'blk.1.ffn_down.weight' });
  await page.locator('.line.selected').waitFor();
  await page.locator('.table').press('Enter');
  await statistics().waitFor();
}

const panel = () => page.getByRole('region', { name: 'Tensor', exact: true });
const statistics = () => panel().getByRole('region', { name: 'Statistics' });
const heading = () => panel().getByRole('heading', { level: 2 });
const statistic = (name: string) =>
  statistics()
    .locator('dl > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name.replaceAll('|', '\\|')}: `) }) });
const chart = (name: string) => panel().getByRole('region', { name, exact: true });
const tab = (name: string) => panel().getByRole('tab', { name });
const exportOf = async (name: string, item: string): Promise<void> => {
  await chart(name)
    .getByRole('button', { name: `Export ${name}` })
    .click();
  await chart(name).getByRole('menuitem', { name: item }).click();
};
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const focusIsIn = (selector: string) =>
  page.evaluate((where) => document.activeElement?.closest(where) !== null, selector);

test('Enter on a tensor shows its distribution, with the numbers of its weights', async () => {
  await openPanel();
  expect(await heading().innerText()).toBe('blk.1.ffn_down.weight');
  expect(await statistics().innerText()).toContain('196,608 weights');
  for (const [name, value] of [
    ['Std', '0.06852'],
    ['Min', '−0.7647'],
    ['Max', '0.6691'],
    ['Excess kurtosis', '1.682'],
    ['Beyond 6σ', '62'],
    ['Zeros', '5'],
  ] as const)
    expect(await statistic(name).locator('dd').innerText()).toBe(value);
  expect(await chart('Values').innerText()).toMatch(/beyond 3σ \(0\.53 %; a normal distribution: 0\.27 %\)/);
  expect(await chart('Codes').innerText()).toContain('3.85 of 4 bits');
  expect(await chart('Input channels').innerText()).toContain('4 above 3 × the median');
  expectNoComplaints(page);
});

test('a double click opens it too, and it follows the selection', async () => {
  page = await openInspector(browser, SAMPLE);
  await page.locator('.line', { hasText: 'attn_q.weight' }).first().dblclick();
  await expect.poll(() => heading().innerText()).toBe('blk.0.attn_q.weight');
  await page.locator('.line', { hasText: 'attn_norm.weight' }).first().click();
  await expect.poll(() => heading().innerText()).toBe('blk.0.attn_norm.weight');
  await expect.poll(() => statistics().innerText()).toContain('256 weights');
});

test('the selected row has a button that opens it', async () => {
  page = await openInspector(browser, SAMPLE);
  await page.locator('.line', { hasText: 'attn_k.weight' }).first().click();
  await page.getByRole('button', { name: 'Details of blk.0.attn_k.weight' }).click();
  await statistics().waitFor();
  expect(await heading().innerText()).toBe('blk.0.attn_k.weight');
});

test('a tensor whose data is cut off says so in place of numbers', async () => {
  const folder = modelFolder();
  try {
    const bytes = readFileSync(SAMPLE);
    page = await openInspector(browser, folder.file('cut.gguf', bytes.subarray(0, bytes.length / 2)));
    await page.locator('.line').first().waitFor();
    hostOf(page).push('reveal', { name: 'blk.3.ffn_down.weight' });
    await page.locator('.line.selected').waitFor();
    await page.locator('.table').press('Enter');
    await expect.poll(() => panel().getByRole('tabpanel').innerText()).toMatch(/^\s*Its data is not there: /);
    expect(await statistics().count()).toBe(0);
    await tab('Blocks').click();
    await expect.poll(() => panel().getByRole('tabpanel').innerText()).toMatch(/\.$/);
    expectNoComplaints(page);
  } finally {
    folder.remove();
  }
});

test('arrows go to other tensors, Escape goes back to the table', async () => {
  await openPanel();
  await press('ArrowUp');
  expect(await heading().innerText()).toBe('blk.1.ffn_up.weight');
  await press('ArrowDown', 'ArrowDown');
  expect(await heading().innerText()).toBe('blk.2.attn_norm.weight');
  await press('Escape');
  await expect.poll(() => panel().count()).toBe(0);
  await expect.poll(() => focusIsIn('.table')).toBe(true);
});

test('Escape clears the filter only when the panel is closed', async () => {
  page = await openInspector(browser, SAMPLE);
  const filter = page.getByRole('textbox', { name: 'Filter tensors' });
  await filter.fill('ffn_down');
  await page.locator('.line', { hasText: 'ffn_down' }).first().dblclick();
  await statistics().waitFor();
  await press('Escape');
  await expect.poll(() => panel().count()).toBe(0);
  expect(await filter.inputValue()).toBe('ffn_down');
  await press('Escape');
  expect(await filter.inputValue()).toBe('');
});

test('a panel that is asked for before its part of the page has come takes the keyboard when it is there', async () => {
  await openPanel();
  await page.keyboard.press('Escape');
  let arrive = (): void => undefined;
  const held = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/parts.js', async (route) => {
    await held;
    await route.fallback();
  });
  await page.reload();
  await page.locator('.line.selected').waitFor();
  await page.locator('.table').press('Enter');
  await page.waitForTimeout(200);
  arrive();
  await statistics().waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('role'));
  await expect.poll(focused).toBe('tab');
});

test('every chart is a table too, and its data is copied as CSV', async () => {
  await openPanel();
  await press('t');
  await expect.poll(() => panel().getByRole('table').count()).toBe(5);
  await exportOf('Codes', 'Copy Data as CSV');
  await expect.poll(() => hostOf(page).copied.join('')).toMatch(/^Code,Weights\r\n0,\d+\r\n1,\d+\r\n/);
  await press('t');
  await expect.poll(() => panel().getByRole('table').count()).toBe(0);
});

test('counts are shown as they are when asked for, also after a reload: the user prefers it in all files', async () => {
  await openPanel();
  await chart('Values').getByRole('button', { name: 'Linear' }).click();
  await expect.poll(() => hostOf(page).preferences).toEqual({ countScale: 'linear', panelWidth: 600 });
  await page.reload();
  await statistics().waitFor();
  expect(await heading().innerText()).toBe('blk.1.ffn_down.weight');
  const linear = chart('Values').getByRole('button', { name: 'Linear' });
  expect(await linear.getAttribute('aria-pressed')).toBe('true');
});

test('a block shows its bytes and how each weight comes about', async () => {
  await openPanel();
  await tab('Blocks').click();
  const bytes = panel().getByRole('listbox', { name: 'Bytes of the block' });
  await bytes.waitFor();
  expect(await bytes.getByRole('option').count()).toBe(144);
  const weights = panel().getByRole('listbox', { name: 'Weights of the block' });
  expect(await weights.getByRole('option').count()).toBe(256);

  await weights.getByRole('option').nth(66).hover();
  expect(await panel().getByRole('heading', { name: 'Weight 66' }).count()).toBe(1);
  // d, dmin, one byte of codes, and the bytes of sc and m.
  expect(await bytes.locator('.lit').count()).toBeGreaterThanOrEqual(6);
  await bytes.getByRole('option').nth(16).hover();
  expect(await weights.locator('.lit').count()).toBe(2);

  await weights.getByRole('option').nth(7).click();
  await bytes.getByRole('option').nth(16).hover();
  await page.mouse.move(5, 5);
  expect(await panel().getByRole('heading', { name: 'Weight 7' }).count()).toBe(1);
});

test('keys and a number lead to other blocks', async () => {
  await openPanel();
  await tab('Blocks').click();
  const index = panel().getByRole('spinbutton', { name: 'Block' });
  await index.fill('410');
  await index.press('Enter');
  await expect.poll(() => panel().innerText()).toContain('of 768 · row 136, columns 512–767');
  await tab('Blocks').focus();
  await press(']');
  await expect.poll(() => index.inputValue()).toBe('411');
  await press('[', '[');
  await expect.poll(() => index.inputValue()).toBe('409');
});

test('on a narrow page the panel takes the place of map and table', async () => {
  await openPanel({ width: 800 });
  expect(await page.locator('.table').isVisible()).toBe(false);
  await panel().getByRole('button', { name: '← Layers' }).click();
  expect(await page.locator('.table').isVisible()).toBe(true);
  await page.locator('.table').press('Enter');
  await statistics().waitFor();
  await press('/');
  await expect.poll(() => focusIsIn('.filter-line')).toBe(true);
});

test('is accessible in every theme', async () => {
  await openPanel();
  await expectAccessibleInThemes(page);
  await press('t');
  await expectAccessibleInThemes(page);
  await tab('Blocks').click();
  await panel().getByRole('listbox').first().waitFor();
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
});
