// The page of an importance matrix in a browser, over the real reader.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { sample } from '../support/engine.ts';
import { writeDenseImatrix, writeLegacyImatrix, writeMixtureImatrix } from '../support/imatrixFiles.ts';
import { openImatrixPage, type OpenImatrix } from '../support/imatrixPage.ts';
import type { PageOptions } from '../support/webviewPage.ts';
import { expectAccessible, expectAccessibleInThemes, pagesOfTests } from './pageSupport.ts';

let folder = '';
let browser: Browser;
const kept = pagesOfTests<OpenImatrix>();
const path = (name: string): string => join(folder, name);
const SAMPLE = sample('sotu-5m.imatrix.gguf');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'imatrix-page-'));
  writeMixtureImatrix(path('mixture.imatrix.gguf'), {
    ...{ layers: 12, width: 128, experts: 8 },
    unseen: (layer) => (layer % 3 === 1 ? [2] : []),
    rare: (layer) => (layer === 5 ? [6] : []),
  });
  writeDenseImatrix(path('thousands.gguf'), 700, 16);
  browser = await launchChromium();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(file: string, options: PageOptions = {}): Promise<OpenImatrix> {
  const one = kept(await openImatrixPage(browser, file, options));
  await one.page.getByRole('heading', { level: 1 }).waitFor();
  return one;
}

const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Tensors' });
const lines = (page: Page): Locator => grid(page).locator('.lines [role=row]');
const head = (page: Page, name: string): Locator => grid(page).getByRole('columnheader', { name });
const panel = (page: Page): Locator => page.getByRole('region', { name: 'Channels of a tensor' });
const names = async (page: Page): Promise<string[]> =>
  (await grid(page).locator('.lines .c-name').allInnerTexts()).map((name) => name.trim());

describe('the page of an importance matrix', () => {
  it('says what it was made of, and lists its tensors by layer', async () => {
    const { page } = await open(SAMPLE);
    expect(await page.locator('.header').innerText()).toMatch(
      /100 chunks of 256 tokens · 28 tensors · 4 layers · GGUF[^]*corpus\/sotu-calib\.txt[^]*25,600[^]*met by every tensor/,
    );
    expect((await names(page)).slice(0, 7)).toEqual(
      ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'].map(
        (role) => `blk.0.${role}.weight`,
      ),
    );
    expect((await lines(page).nth(6).innerText()).split('\n').map((cell) => cell.trim())).toEqual([
      ...['blk.0.ffn_down.weight', '25,600', '4,386.01', '5.7110', '13.9801', '286.8595', '89.67'],
      ...['387 of 768', '11', '13 · 6.54 %', '2.60', '–', '100.00'],
    ]);
  });

  it('sorts by a column up, down and not at all, with what is not known at the end', async () => {
    const { page } = await open(SAMPLE);
    const button = head(page, 'CosSim').getByRole('button');
    await button.click();
    expect((await names(page))[0]).toBe('blk.3.attn_q.weight');
    expect(await head(page, 'CosSim').getAttribute('aria-sort')).toBe('descending');
    await button.click();
    expect((await names(page))[0]).toBe('blk.2.ffn_down.weight');
    expect((await names(page)).at(-1)).toMatch(/^blk\.0/);
    await button.click();
    expect(await head(page, 'CosSim').getAttribute('aria-sort')).toBeNull();
    expect((await names(page))[0]).toBe('blk.0.attn_q.weight');
  });

  it('filters by words in names, and says when none is left', async () => {
    const { page } = await open(SAMPLE);
    await page.keyboard.press('/');
    await page.keyboard.type('down blk.2');
    await expect.poll(() => names(page)).toEqual(['blk.2.ffn_down.weight']);
    expect(await page.locator('.filter-line [role=status]').innerText()).toBe('1 of 28 tensors');
    await page.keyboard.type('xyz');
    await page.getByText('No tensor matches.').waitFor();
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await expect.poll(() => lines(page).count()).toBe(28);
  });

  it('shows the channels of a tensor: chart, figures, the strongest', async () => {
    const { page } = await open(SAMPLE);
    await lines(page).nth(6).click();
    await panel(page).getByText('√Act² of each of 768; 11 channels above 3 × the median').waitFor();
    const strongest = panel(page).getByRole('table', { name: 'Strongest channels' }).locator('tbody tr');
    expect(await strongest.count()).toBe(20);
    expect((await strongest.first().innerText()).split('\t')).toEqual(['13', '286.9', '6.54', '8.85']);
    expect(await panel(page).locator('.figures').innerText()).toMatch(/Effective channels\s+386\.5 of 768/);
    const chart = panel(page).getByRole('region', { name: 'Channels', exact: true });
    await chart.locator('canvas').first().waitFor();
    await page.keyboard.press('t');
    await chart.getByRole('region', { name: 'Channels as a table' }).waitFor();
    expect(await chart.locator('tbody tr').nth(13).innerText()).toMatch(/^13\t16\.937\t8\.846/);
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'detached' });
  });

  it('walks through the tensors by keys', async () => {
    const { page } = await open(SAMPLE);
    await grid(page).focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    const title = panel(page).getByRole('heading', { level: 2 });
    await expect.poll(() => title.innerText()).toBe('blk.0.attn_v.weight');
    await page.keyboard.press('End');
    await expect.poll(() => title.innerText()).toBe('blk.3.ffn_down.weight');
    await panel(page)
      .getByRole('button', { name: /^Tensor before/ })
      .click();
    await expect.poll(() => title.innerText()).toBe('blk.3.ffn_up.weight');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => title.innerText()).toBe('blk.3.ffn_gate.weight');
    await panel(page)
      .getByRole('button', { name: /^Close/ })
      .click();
    expect(await grid(page).evaluate((element) => element === document.activeElement)).toBe(true);
    // The heads are one stop, with arrows inside.
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await head(page, 'Tokens').getAttribute('aria-sort')).toBe('ascending');
  });

  it('of a mixture warns of experts that met no token, and shows each of them', async () => {
    const { page } = await open(path('mixture.imatrix.gguf'));
    const warnings = page.getByRole('list', { name: 'Warnings' });
    expect(await warnings.getByRole('listitem').count()).toBe(3);
    expect(await warnings.innerText()).toContain('Layer 1: expert 2 of 8 never met a token');
    await page.getByRole('button', { name: '2 more warnings' }).click();
    expect(await warnings.innerText()).toContain('Layer 5: expert 6 of 8 met only 37 tokens');
    expect(await page.locator('.hero').innerText()).toMatch(
      /95\.83 %\s+of experts met a token · 12 of 288 never/,
    );
    await warnings.getByRole('button', { name: 'Show' }).first().click();
    await expect
      .poll(() => panel(page).getByRole('heading', { level: 2 }).innerText())
      .toBe('blk.1.ffn_gate_exps.weight');
    const chart = panel(page).getByRole('region', { name: 'Tokens by expert' });
    await expect.poll(() => chart.innerText()).toMatch(/1 expert never/);
    const choice = chart.getByRole('combobox');
    await choice.selectOption({ label: 'Expert 2 (no token)' });
    await panel(page).getByText('No token was sent to expert 2').waitFor();
    await choice.selectOption({ label: 'Expert 5' });
    await panel(page).getByRole('region', { name: 'Channels of expert 5' }).waitFor();
  });

  it('follows a number of every role over the layers', async () => {
    const { page } = await open(path('mixture.imatrix.gguf'));
    await page.getByRole('tab', { name: 'Tensors' }).press('ArrowRight');
    const down = page.getByRole('region', { name: 'ffn_down_exps', exact: true });
    await down.waitFor();
    await page.getByRole('combobox').selectOption('coverage');
    await expect.poll(() => down.innerText()).toMatch(/7 of 8 in layer 1 … 8 of 8 in layer 0/);
    await page.getByRole('button', { name: 'Tables' }).click();
    expect(await down.locator('tbody tr').nth(1).innerText()).toBe('1\t0.875');
    await page.getByRole('button', { name: 'Tables' }).click();
    await down.locator('.chart-canvas').focus();
    for (const key of ['Home', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    await expect
      .poll(() => panel(page).getByRole('heading', { level: 2 }).innerText())
      .toBe('blk.1.ffn_down_exps.weight');
  });

  it('holds thousands of tensors with few elements', async () => {
    const { page } = await open(path('thousands.gguf'));
    await expect.poll(() => page.locator('.filter-line [role=status]').innerText()).toBe('4,900 tensors');
    expect(await lines(page).count()).toBeLessThan(120);
    await grid(page).focus();
    await page.keyboard.press('End');
    await expect.poll(() => names(page)).toContain('blk.699.ffn_down.weight');
    await expect.poll(() => grid(page).getAttribute('aria-rowcount')).toBe('4901');
  });

  it('keeps what was chosen over a reload, and follows the file', async () => {
    const file = path('changing.gguf');
    writeDenseImatrix(file, 2, 16);
    const { page, push } = await open(file);
    await lines(page).first().waitFor(); // before, nobody listens to keys
    await page.keyboard.press('/');
    await page.locator('.filter-line input:focus').waitFor();
    await page.keyboard.type('ffn');
    await expect.poll(() => lines(page).count()).toBe(6);
    await lines(page).nth(2).click();
    await page.reload();
    await expect
      .poll(() => panel(page).getByRole('heading', { level: 2 }).innerText())
      .toBe('blk.0.ffn_down.weight');
    expect(await lines(page).count()).toBe(6);
    writeDenseImatrix(file, 3, 16);
    push('fileChanged', { state: 'changed' });
    await page.getByText('The file has changed since it was read.').waitFor();
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => lines(page).count()).toBe(9);
    push('fileChanged', { state: 'gone' });
    await page.getByText('The file is gone').waitFor();
  });

  it('exports its table, and leads to what the file is underneath', async () => {
    const { page, copied, files, commands } = await open(SAMPLE);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Copy Table as CSV' }).click();
    await expect.poll(() => copied.length).toBe(1);
    const rows = copied[0]!.trim().split('\r\n');
    expect(rows.length).toBe(29);
    expect(rows[7]).toMatch(/^blk\.0\.ffn_down\.weight,25600,4386\.01/);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Save Table as CSV…' }).click();
    await expect.poll(() => [...files.keys()]).toEqual(['sotu-5m.imatrix.csv']);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Show Tensors and Metadata' }).click();
    await expect.poll(() => commands).toEqual(['showTensors']);
  });

  it('of a damaged file says why, and what else can be done', async () => {
    writeFileSync(path('cut.gguf'), readFileSync(SAMPLE).subarray(0, 20_000));
    const { page, commands } = await open(path('cut.gguf'));
    expect(await page.locator('body').innerText()).toMatch(/cannot be read[^]*the header promises 41\.28 kB/);
    await page.getByRole('button', { name: 'Show Tensors and Metadata' }).click();
    await expect.poll(() => commands).toEqual(['showTensors']);
    await expectAccessible(page);
    writeFileSync(path('cut.gguf'), readFileSync(SAMPLE));
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => lines(page).count()).toBe(28);
  });

  it('of the old format says what it does not know', async () => {
    writeLegacyImatrix(path('old.dat'), [{ name: 'output.weight', chunks: 2, values: [2, 4, 6] }]);
    const { page } = await open(path('old.dat'));
    expect(await page.locator('.notes').innerText()).toContain('format of before 2025');
    await page.getByRole('tab', { name: 'Depth' }).click();
    await page.getByText('No layers to follow').waitFor();
  });

  it.each([1372, 620])('is accessible in every theme, and whole, at %i px', async (width) => {
    const { page } = await open(path('mixture.imatrix.gguf'), { width });
    await expectAccessibleInThemes(page);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await lines(page).nth(11).click();
    await panel(page).getByRole('table', { name: 'Strongest channels' }).waitFor();
    await expectAccessibleInThemes(page);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.getByRole('tab', { name: 'Depth' }).click();
    await page.getByRole('region', { name: 'ffn_up_exps', exact: true }).waitFor();
    await expectAccessibleInThemes(page);
  });
});
