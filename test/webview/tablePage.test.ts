import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { writeGguf } from '../support/ggufWriter.ts';
import { withTensors } from '../support/largeModels.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';

const SAMPLE = new URL('../samples/sotu-5m-Q4_K_M.gguf', import.meta.url).pathname;

let browser: Browser;
let folder: string;
let page: Page;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'table-'));
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function open(model: string, options?: PageOptions): Promise<void> {
  page = await openInspector(browser, model, options);
  await page.locator('[role=treegrid] .line').first().waitFor();
}

function file(name: string, bytes: Uint8Array, size = bytes.length): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  truncateSync(path, size);
  return path;
}

/** What is in view, line by line, cells parted by spaces. */
const lines = (): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[role=treegrid] .line')]
      .sort((a, b) => a.offsetTop - b.offsetTop)
      .map((line) =>
        [...line.children]
          .map((cell) => cell.textContent)
          .join(' ')
          .trim(),
      ),
  );
const names = async (): Promise<string[]> => (await lines()).map((line) => line.split(' ')[0] ?? '');
const focusTable = () => page.locator('[role=treegrid]').focus();
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
/** The element that a screen reader is at. */
const active = (): Promise<string> =>
  page.evaluate(() => {
    const id = document.querySelector('[role=treegrid]')?.getAttribute('aria-activedescendant');
    return (id === null || id === undefined ? null : document.getElementById(id))?.textContent ?? '';
  });
const filter = (text: string) => page.locator('#tensor-filter').fill(text);
const count = () => page.locator('.filter-count').textContent();

test('the table shows groups with their sums and tensors with their numbers', async () => {
  await open(SAMPLE);
  expect((await lines()).slice(0, 3)).toEqual([
    'token_embd.weight Q4_K 4.50 256 × 4,096 1,048,576 589.82 17.12 958,656',
    'Layer 09 tensors 4.52  786,944 444.42 12.90',
    'attn_norm.weight F32 32.00 256 256 1.02 0.03 1,566,912',
  ]);
  expect(await count()).toBe('39 tensors');
});

test('arrows, Home and End move through lines, ← and → close and open groups', async () => {
  await open(SAMPLE);
  await focusTable();
  await press('Home', 'ArrowDown');
  expect(await active()).toMatch(/^Layer 0/);
  await press('ArrowLeft');
  expect((await names()).slice(0, 3)).toEqual(['token_embd.weight', 'Layer', 'Layer']);
  await press('ArrowRight', 'ArrowRight');
  expect(await active()).toMatch(/^attn_norm.weight/);
  await press('ArrowLeft');
  expect(await active()).toMatch(/^Layer 0/);
  await press('End');
  expect(await active()).toMatch(/^output.weight/);
});

test('on a page as low as one at 200 % the wheel brings the lines into view', async () => {
  await open(SAMPLE, { width: 686, height: 450 });
  const bottom = async (): Promise<number> => {
    const { y = Infinity, height = 0 } = (await page.locator('.line').nth(2).boundingBox()) ?? {};
    return y + height;
  };
  expect(await bottom()).toBeGreaterThan(450);
  await page.locator('.map-scroller').hover();
  await page.mouse.wheel(0, 400);
  await expect.poll(bottom).toBeLessThan(450);
});

test('a click on a head sorts up, down and not at all; sorted rows have full names', async () => {
  await open(SAMPLE);
  const head = page.getByRole('columnheader', { name: 'Bits/weight' });
  await head.click();
  expect(await head.getAttribute('aria-sort')).toBe('ascending');
  expect((await names())[1]).toBe('blk.0.attn_q.weight');
  await head.click();
  expect(await head.getAttribute('aria-sort')).toBe('descending');
  expect((await names())[0]).toBe('blk.0.attn_norm.weight');
  await head.click();
  expect((await names())[0]).toBe('token_embd.weight');
});

test('heads are reached and used by keyboard: sort, and resize with Shift', async () => {
  await open(SAMPLE);
  await focusTable();
  await press('Home', 'ArrowUp', 'ArrowRight', 'ArrowRight');
  expect(await active()).toBe('Bits/weight');
  const width = () => page.locator('#table-head-bits').evaluate((head) => head.getBoundingClientRect().width);
  const before = await width();
  await press('Shift+ArrowRight', 'Shift+ArrowRight');
  expect(await width()).toBeCloseTo(before + 20, 0);
  await press('Enter');
  expect(await page.locator('#table-head-bits').getAttribute('aria-sort')).toBe('ascending');
  await press('ArrowDown');
  expect(await active()).toMatch(/^token_embd.weight/);
});

test.each([515, 620, 790, 1000, 1010, 1100, 1190, 1400])(
  'at %i px heads stand over their columns and nothing is cut at the right',
  async (width) => {
    await open(SAMPLE, { width });
    const rightEnds = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll((cells) => cells.map((cell) => Math.round(cell.getBoundingClientRect().right)));
    const heads = await rightEnds('.heads .cell');
    expect(await rightEnds('.line:nth-child(3) .cell')).toEqual(heads);
    expect(Math.max(...heads)).toBeLessThanOrEqual(width);
  },
);

test('dragging a border resizes its column, a double click takes it back', async () => {
  await open(SAMPLE);
  const grip = page.locator('#table-head-type .grip');
  const width = () => page.locator('#table-head-type').evaluate((head) => head.getBoundingClientRect().width);
  const before = await width();
  const box = await grip.boundingBox();
  await page.mouse.move(box!.x + 3, box!.y + 5);
  await page.mouse.down();
  await page.mouse.move(box!.x + 53, box!.y + 5);
  await page.mouse.up();
  expect(await width()).toBeCloseTo(before + 50, 0);
  await grip.dblclick();
  expect(await width()).toBeCloseTo(before, 0);
  expect(await page.locator('#table-head-type').getAttribute('aria-sort')).toBe('none');
});

test('the menu of the heads shows and hides columns', async () => {
  await open(SAMPLE);
  await page.locator('#table-head-type').click({ button: 'right' });
  await page.getByRole('menuitemcheckbox', { name: 'Layer', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Offset' }).click();
  await press('Escape');
  const heads = await page.getByRole('columnheader').allTextContents();
  expect(heads).toEqual(['Tensor', 'Layer', 'Type', 'Bits/weight', 'In × out', 'Weights', 'kB', '% of file']);
});

test('a filter leaves what matches, in open groups, and says how much', async () => {
  await open(SAMPLE);
  await filter('type:q6_k layer:2-3');
  expect(await names()).toEqual([
    'Layer',
    'attn_v.weight',
    'ffn_down.weight',
    'Layer',
    'attn_v.weight',
    'ffn_down.weight',
  ]);
  expect(await count()).toMatch(/^4 of 39 · \d+\.\d\d kB$/);
});

test('nothing that matches is said in words, with the way back', async () => {
  await open(SAMPLE);
  await filter('nothing-like-this');
  expect(await page.locator('.no-match').textContent()).toBe('No tensor matches. Clear filter');
  await page.getByRole('button', { name: 'Clear filter', exact: true }).click();
  expect(await count()).toBe('39 tensors');
});

test('keys of the filter are colored, and a wrong term says what is wrong', async () => {
  await open(SAMPLE);
  await filter('type:q4_k foo:3 attn');
  expect(await page.locator('.filter-paint .key').allTextContents()).toEqual(['type:', '']);
  expect(await page.locator('.filter-paint .wrong').allTextContents()).toEqual(['foo:3']);
  const input = page.getByRole('textbox', { name: 'Filter tensors' });
  expect(await input.getAttribute('aria-invalid')).toBe('true');
  const description = await input.getAttribute('aria-describedby');
  expect(await page.locator(`#${description}`).textContent()).toMatch(/no key “foo”/);
  expect(await page.locator('.filter-error').textContent()).toMatch(/no key “foo”/);
});

test('Ctrl+C copies the selected row, the menu copies all that the filter leaves', async () => {
  await open(SAMPLE);
  await page.locator('.line', { hasText: 'attn_q.weight' }).first().click();
  await press('Control+c');
  expect(hostOf(page).copied).toEqual([
    expect.stringMatching(/^blk\.0\.attn_q\.weight\tQ4_K\t4\.5\t256 × 256\t65536\t36864\t/),
  ]);
  await filter('output');
  await page.getByRole('button', { name: 'Copy rows, choose columns' }).click();
  await page.getByRole('menuitem', { name: 'Copy Filtered Rows as Markdown' }).click();
  await expect.poll(() => hostOf(page).copied[1]?.split('\n').length).toBe(2 + 6);
});

test('a cut file shows which tensors are missing and which one is cut', async () => {
  const bytes = readFileSync(SAMPLE);
  await open(file('cut.gguf', bytes.subarray(0, Math.floor(bytes.length / 2))));
  expect(await count()).toMatch(/^\d+ of 39 tensors readable$/);
  await filter('-state:whole');
  const text = (await lines()).join('\n');
  expect(text).toMatch(/cut off/);
  expect(text).toMatch(/missing/);
});

test('of 60,000 tensors only the lines in view are in the document, wherever it is scrolled', async () => {
  const { header, fileSize } = writeGguf(withTensors(60_000));
  await open(file('many.gguf', header, fileSize));
  await expect.poll(count, { timeout: 20_000 }).toBe('60,000 tensors');
  await page.locator('#table-head-name').click();
  const rowCount = () => page.locator('[role=treegrid]').getAttribute('aria-rowcount');
  expect(await rowCount()).toBe('60001');
  for (const share of [0.3, 0.7, 1]) {
    const [drawn, lastVisible] = await page.locator('[role=treegrid]').evaluate(async (table, to) => {
      table.scrollTop = table.scrollHeight * to;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const all = [...table.querySelectorAll('.line')];
      const { bottom } = table.getBoundingClientRect();
      return [all.length, Math.max(...all.map((line) => line.getBoundingClientRect().bottom)) >= bottom];
    }, share);
    expect(drawn).toBeLessThan(80);
    expect(lastVisible).toBe(true);
  }
  expect((await names()).at(-1)).toBe('blk.6666.ffn_norm.weight');
});
