// Tensors of every kind in the panel: experts, constants, broken scales, weights converted up, large ones; and their worst weights.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { ggufBytes } from '../support/ggufWriter.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import {
  expectAccessible,
  expectAccessibleInThemes,
  expectNoComplaints,
  modelFolder,
  SAMPLE,
} from './pageSupport.ts';
import { largeModel, panelModel } from './panelModels.ts';

let browser: Browser;
let page: Page;
const folder = modelFolder();
const model = folder.file('panel.gguf', panelModel());
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  folder.remove();
});

async function open(path: string, name: string, options?: PageOptions): Promise<void> {
  page = await openInspector(browser, path, options);
  await page.locator('.line').first().waitFor();
  hostOf(page).push('reveal', { name });
  await page.locator('.line.selected').waitFor();
  await page.locator('.table').press('Enter');
  await chart('Statistics').waitFor();
}

const panel = () => page.getByRole('region', { name: 'Tensor', exact: true });
const chart = (name: string) => panel().getByRole('region', { name, exact: true });
const finding = (name: string) => chart(name).locator('.finding').innerText();
const tab = (name: string) => panel().getByRole('tab', { name });
const notices = () => panel().locator('.notice').allInnerTexts();

test('experts stand beside each other, and the one that spreads most is named', async () => {
  await open(model, 'blk.0.ffn_gate_exps.weight');
  expect(await finding('Std by expert')).toMatch(/^0\.0\d+ … 0\.0\d+, most in expert 5$/);
  expect(await finding('Absmax by expert')).toMatch(/most in expert 5$/);
  expect(await finding('Outliers by expert')).toMatch(/ % beyond 3σ, most in expert \d$/);
  await page.keyboard.press('t');
  expect(await chart('Std by expert').getByRole('row').count()).toBe(9);
  expectNoComplaints(page);
});

test('scales that are no numbers are said first, and the rest still has its numbers', async () => {
  await open(model, 'blk.0.attn_k.weight');
  const [notice = ''] = await notices();
  expect(notice).toContain('3 scales are NaN or infinite, and with them 96 weights');
  expect(await finding('Scales')).toContain('3 NaN or Inf');
  expect(await chart('Statistics').innerText()).toContain('96');
});

test('weights that were converted up from a quantized type are recognized', async () => {
  await open(model, 'blk.0.attn_q.weight');
  const [notice = ''] = await notices();
  expect(notice).toMatch(
    /These F16 weights lie on the grid of Q4_0: they were probably converted up from it\./,
  );
});

test('of two tensors of one name the second has no numbers: they would be those of the first', async () => {
  const tensor = { name: 'blk.0.attn_q.weight', dims: [32, 32], type: 0 };
  await open(folder.file('twice.gguf', ggufBytes({ tensors: [tensor, tensor] })), tensor.name);
  expect(await notices()).toEqual([]);
  await page.keyboard.press('ArrowDown');
  await expect.poll(notices).toEqual([expect.stringContaining('has the same name')]);
  expect(await chart('Statistics').count()).toBe(0);
  await page.keyboard.press('ArrowUp');
  await chart('Statistics').waitFor();
  expectNoComplaints(page);
});

test('a block that a smaller file no longer has gives way to the first one', async () => {
  const name = 'blk.0.attn_q.weight';
  const withRows = (rows: number): Uint8Array =>
    ggufBytes({ tensors: [{ name, dims: [32, rows], type: 0 }] });
  await open(folder.file('shrinks.gguf', withRows(64)), name);
  await tab('Blocks').click();
  const block = panel().getByRole('spinbutton');
  await block.fill('50');
  await block.press('Enter');
  await expect.poll(() => panel().innerText()).toContain('row 50');
  folder.file('shrinks.gguf', withRows(2));
  hostOf(page).push('reload', null);
  await expect.poll(() => panel().innerText()).toMatch(/of 2\s*· row 0/);
  expect(await block.inputValue()).toBe('0');
});

test('a tensor of equal weights says so, and nothing stands out of it', async () => {
  await open(model, 'blk.0.ffn_norm.weight');
  expect(await finding('Values')).toBe('all weights are 1');
  await tab('Worst outliers').click();
  await expect
    .poll(() => panel().getByRole('tabpanel').innerText())
    .toBe('All weights are the same: none stands out.');
});

test('a large tensor is estimated first, and nothing moves when the exact numbers come', async () => {
  page = await openInspector(browser, folder.file('large.gguf', largeModel()));
  await page.addInitScript(holdExactNumbers);
  await page.reload();
  await page.locator('.line').first().waitFor();
  hostOf(page).push('reveal', { name: 'blk.0.ffn_down.weight' });
  await page.locator('.line.selected').waitFor();
  await page.locator('.table').press('Enter');
  await chart('Statistics').waitFor();
  expect(await finding('Values')).toMatch(/^≈ \d+\.\d+ % beyond 3σ; estimate from 1\/64 of the rows$/);
  expect(await finding('Statistics')).toBe('8,388,608 weights, estimate from 1/64 of the rows');
  const opacity = () =>
    chart('Values')
      .locator('canvas')
      .evaluate((canvas) => getComputedStyle(canvas).opacity);
  expect(await opacity()).toBe('0.55');
  expect(await chart('Statistics').getByText('pending', { exact: true }).count()).toBeGreaterThan(4);
  expect(await panel().getByRole('tabpanel').getAttribute('aria-busy')).toBe('true');
  await tab('Worst outliers').click();
  await expect
    .poll(() => panel().getByRole('tabpanel').innerText())
    .toMatch(/when all rows have been read\.$/);
  await tab('Distribution').click();
  const places = () =>
    panel()
      .getByRole('region')
      .evaluateAll((charts) => charts.map((element) => Math.round(element.getBoundingClientRect().top)));
  await chart('Statistics').waitFor();
  const before = await places();

  await page.evaluate(() => (window as unknown as { release(): void }).release());
  await expect.poll(() => finding('Statistics')).toBe('8,388,608 weights, exact');
  expect(await places()).toEqual(before);
  expect(await opacity()).toBe('1');
  expect(await chart('Statistics').getByText('pending', { exact: true }).count()).toBe(0);
  await expectAccessible(page);
  expectNoComplaints(page);
});

/** Answers with exact numbers wait until `window.release()`: an analysis that takes its time. */
function holdExactNumbers(): void {
  const held: MessageEvent[] = [];
  const hold = (event: MessageEvent<{ value?: { share?: unknown } | null } | null>): void => {
    if (event.data?.value?.share !== 1) return;
    held.push(event);
    event.stopImmediatePropagation();
  };
  window.addEventListener('message', hold);
  Object.assign(window, {
    release: () => {
      window.removeEventListener('message', hold);
      for (const { data } of held as readonly { readonly data: unknown }[])
        window.dispatchEvent(new MessageEvent('message', { data }));
    },
  });
}

test('the worst weights lead to their blocks', async () => {
  await open(SAMPLE, 'blk.1.ffn_down.weight');
  await tab('Worst outliers').click();
  const table = panel().getByRole('grid', { name: 'Worst outliers' });
  const values = () => table.locator('tbody tr td:first-child').allInnerTexts();
  expect(await values()).toHaveLength(100);
  expect((await values())[0]).toBe('−0.7647');
  expect(await finding('Worst outliers')).toMatch(/^100 weights furthest from the mean; /);

  await table.getByRole('button', { name: 'Value' }).click();
  expect((await values())[0]).toBe('0.6691');
  await table.getByRole('button', { name: 'Value' }).click();
  expect((await values())[0]).toBe('−0.7647');
  expect(await table.getByRole('columnheader', { name: 'Value' }).getAttribute('aria-sort')).toBe(
    'ascending',
  );

  await table.locator('tbody tr').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  // Block 410, row 136, columns 512–767: the weight 66 of it is −0.7647.
  await expect.poll(() => panel().innerText()).toContain('of 768 · row 136, columns 512–767');
  await expect.poll(() => panel().getByRole('heading', { name: 'Weight 66' }).count()).toBe(1);
  expect(await panel().locator('.weight-formula').innerText()).toContain('−0.7647');
  await panel().getByRole('spinbutton', { name: 'Block' }).fill('3');
  await page.keyboard.press('Enter');
  await expect.poll(() => panel().locator('.weights .pinned').count()).toBe(0);
  expectNoComplaints(page);
});

test('another tensor has its own worst weights', async () => {
  await open(SAMPLE, 'blk.1.ffn_down.weight');
  await tab('Worst outliers').click();
  await panel().getByRole('button', { name: 'Next tensor (↓)' }).click();
  const first = panel().locator('.worst tbody tr').first();
  await expect.poll(() => first.innerText()).not.toContain('−0.7647');
});

test('the edge of the panel is moved by keys and by dragging, in all files', async () => {
  await open(SAMPLE, 'blk.1.ffn_down.weight');
  const width = () => panel().evaluate(({ clientWidth }) => clientWidth);
  const before = await width();
  const edge = panel().getByRole('separator', { name: 'Width of the panel' });
  await edge.focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(width).toBe(before + 20);
  const box = await edge.boundingBox();
  if (box === null) throw new Error('There is no edge.');
  await page.mouse.move(box.x + 2, 400);
  await page.mouse.down();
  await page.mouse.move(box.x - 98, 400, { steps: 3 });
  await page.mouse.up();
  await expect.poll(width).toBeGreaterThan(before + 100);
  const dragged = await width();
  await expect.poll(() => hostOf(page).preferences).toMatchObject({ panelWidth: dragged + 1 }); // and its border
  await page.reload();
  await chart('Statistics').waitFor();
  expect(await width()).toBe(dragged);
  await edge.dblclick();
  await expect.poll(width).toBe(before);
});

test('notices, experts and the worst are accessible in every theme', async () => {
  await open(model, 'blk.0.attn_k.weight');
  await expectAccessibleInThemes(page);
  hostOf(page).push('reveal', { name: 'blk.0.ffn_gate_exps.weight' });
  await chart('Std by expert').waitFor();
  await expectAccessibleInThemes(page);
  await tab('Worst outliers').click();
  await panel().getByRole('grid').waitFor();
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
});
