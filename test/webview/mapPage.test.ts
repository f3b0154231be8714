import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, SAMPLE } from './pageSupport.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(() => browser.close());

async function open(options?: PageOptions): Promise<void> {
  page = await openInspector(browser, SAMPLE, options);
  await page.locator('.line').first().waitFor();
}

const map = () => page.locator('.map-scroller');
/** Middle of a cell of the second layer of attn_v, as the layout puts it (mapLayout.test.ts). */
const ATTN_V_OF_LAYER_2 = { x: 288, y: 61 };
const HEAD = { x: 390, y: 100 };
const current = (): Promise<string> => map().locator('[role=gridcell]').innerText();
const selectedLine = (): Promise<string> => page.locator('.line.selected').innerText();
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
/** Color of the canvas at a point, "r,g,b,a". */
const pixel = ({ x, y }: { x: number; y: number }): Promise<string> =>
  page.locator('.bit-map canvas').evaluate(
    (canvas: HTMLCanvasElement, at) => {
      const ratio = canvas.width / canvas.clientWidth;
      const context = canvas.getContext('2d');
      return [...(context?.getImageData(at.x * ratio, at.y * ratio, 1, 1).data ?? [])].join();
    },
    { x, y },
  );
/** Beside the number in the middle of the cell. */
const beside = ({ x, y }: { x: number; y: number }) => ({ x: x - 20, y: y - 6 });

test('a click on a cell selects its tensor in the table, and the keyboard stays in the map', async () => {
  await open();
  await map().click({ position: ATTN_V_OF_LAYER_2 });
  expect(await selectedLine()).toMatch(/^attn_v\.weight/);
  expect(await current()).toBe('attn_v, layer 2: Q6_K, 6.56 bits per weight, 26.88 kB, 0.78 % of the file');
  await expect.poll(() => map().evaluate((element) => element === document.activeElement)).toBe(true);
});

test('arrow keys walk from cell to cell, Enter goes to the row, Space explains', async () => {
  await open();
  await map().click({ position: ATTN_V_OF_LAYER_2 });
  await press('ArrowRight', 'ArrowRight');
  expect(await current()).toMatch(/^output: Q6_K/);
  await press('ArrowLeft', 'ArrowUp', 'Home');
  expect(await current()).toMatch(/^token_embd: Q4_K/);
  await press('Control+End');
  expect(await selectedLine()).toMatch(/^output\.weight/);
  await press(' ');
  await page.getByRole('tooltip').filter({ hasText: 'output.weight' }).waitFor({ timeout: 1000 });
  await press('Escape', 'Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('treegrid');
});

test('pointing at a cell explains its tensor', async () => {
  await open();
  await map().hover({ position: HEAD });
  await page.getByRole('tooltip').filter({ hasText: 'output.weight' }).waitFor({ timeout: 3000 });
});

test('the scale stands at the right end of the map, its first tick apart from its words', async () => {
  await open({ width: 1372 });
  const legend = page.locator('.map-legend');
  for (const measure of ['bits', 'size']) {
    await page.getByRole('combobox').selectOption(measure);
    const [words, tick, last] = await Promise.all(
      ['.caption', '.tick:first-of-type', '.tick >> nth=-1'].map((part) =>
        legend.locator(part).first().boundingBox(),
      ),
    );
    if (!words || !tick || !last) throw new Error('The scale is not there.');
    expect(tick.x - (words.x + words.width)).toBeGreaterThan(6);
    expect(last.x + last.width).toBeGreaterThan(1340);
    expect(last.x + last.width).toBeLessThan(1372);
  }
});

test.each([400, 620])('a page of %i px keeps every action in reach', async (width) => {
  await open({ width });
  for (const part of await page.locator('.tab-strip button, .tab-strip vscode-button, .ramp').all()) {
    const box = await part.boundingBox();
    expect((box?.x ?? Infinity) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
  }
});

test('a filter dims the cells that do not match', async () => {
  await open();
  const before = [await pixel(beside(ATTN_V_OF_LAYER_2)), await pixel(HEAD)];
  await page.locator('#tensor-filter').fill('role:attn_v');
  expect(await pixel(beside(ATTN_V_OF_LAYER_2))).toBe(before[0]);
  expect(Number((await pixel(HEAD)).split(',')[3])).toBeCloseTo(0.22 * 255, -1);
});

test('the map is drawn again in the colors of a new theme', async () => {
  await open();
  const dark = await pixel(HEAD);
  await page.evaluate(() => (document.body.className = 'vscode-light'));
  await expect.poll(() => pixel(HEAD)).not.toBe(dark);
});

test('the canvas has a pixel for each pixel of the screen', async () => {
  await open();
  const sizes = await page.locator('.bit-map canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { width, height } = canvas.getBoundingClientRect();
    return [canvas.width / devicePixelRatio - width, canvas.height / devicePixelRatio - height];
  });
  expect(sizes).toEqual([0, 0]);
});

test('in every theme axe finds nothing in map and table', async () => {
  await open({ width: 800 });
  await page.locator('#tensor-filter').fill('foo:3 attn');
  await expectAccessibleInThemes(page);
});

test('a screen reader finds levels, states and numbers in the table', async () => {
  await open();
  const tree = await page.locator('[role=treegrid]').ariaSnapshot();
  expect(tree).toMatch(/columnheader "Bits\/weight"/);
  expect(tree).toMatch(/row "Layer 0 9 tensors 4.52 786,944 444.42 12.90" \[expanded\] \[level=1\]/);
  expect(tree).toMatch(/row "attn_q.weight Q4_K 4.50 256 × 256 65,536 36.86 1.07 1,604,800" \[level=2\]/);
});
