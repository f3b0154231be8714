// The Re-quantize page in a browser, over the real planner, queue and engine.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequantizeSources } from '../../src/app/requantize/requantizeService.ts';
import { launchChromium } from '../support/chromium.ts';
import { buildEngine, ENGINE_MISSING, sample } from '../support/engine.ts';
import {
  createRequantizeSources,
  openRequantize,
  type OpenRequantize,
  type RequantizeOptions,
} from '../support/requantizePage.ts';
import { expectAccessible, pagesOfTests } from './pageSupport.ts';

let [folder, model] = ['', ''];
let browser: Browser;
let sources: RequantizeSources;
const kept = pagesOfTests<OpenRequantize>();

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'requantize-page-'));
  model = join(folder, 'sotu-5m-F16.gguf');
  copyFileSync(sample('sotu-5m-F16.gguf'), model);
  sources = createRequantizeSources(await buildEngine(folder));
  browser = await launchChromium();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  sources?.jobs.dispose();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function open(options: RequantizeOptions = {}): Promise<OpenRequantize> {
  const one = kept(await openRequantize(browser, model, sources, options));
  await planned(one.page);
  return one;
}

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const map = (page: Page): Locator => page.getByRole('grid', { name: 'Planned bit width' });
const table = (page: Page): Locator => page.getByRole('treegrid', { name: 'Planned tensors' });
/** Rows whose name begins so, in their groups. */
const line = (page: Page, name: string): Locator =>
  table(page).getByRole('row', { name: new RegExp(`^${name.replaceAll('.', '\\.')}`) });
const types = (page: Page): Locator => page.getByRole('toolbar', { name: 'Type of the selection' });
const selected = (page: Page): Locator => page.locator('.selection-text');
const facts = (page: Page): Locator => page.locator('.header .facts');
/** The plan of everything that was done so far is there. */
const planned = (page: Page): Promise<void> =>
  page.locator('.outcome[aria-busy=false]').waitFor({ timeout: 60_000 });
const presses = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

describe.skipIf(ENGINE_MISSING !== null)('the Re-quantize page', () => {
  it('shows what every tensor would become, why, and what it costs', async () => {
    const { page } = await open();
    expect(await facts(page).innerText()).toBe('F16 → Q4_K_M · 39 tensors');
    expect(await page.locator('.outcome').innerText()).toMatch(
      /10\.59 MB\s*→\s*3\.44 MB[^]*67 % smaller[^]*16\.01\s*→\s*5\.10/,
    );
    await expect.poll(() => line(page, 'blk.0').count()).toBe(0); // names are short in their groups
    await table(page).focus();
    await presses(page, 'End');
    expect(await line(page, 'output.weight').innerText()).toMatch(
      /F16\s+Q6_K\s+Q4_K_M gives the output Q6_K/,
    );
    await presses(page, 'Home');
    await expect
      .poll(() => line(page, 'token_embd.weight').innerText(), { timeout: 30_000 })
      .toMatch(/≈ 2\d\.\d\s+≈ \d\.\d\d\s+2,097\.15\s+589\.82/);
    expect(await line(page, 'attn_norm.weight').first().innerText()).toMatch(/F32\s+F32[^]*exact/);
    const costs = page.locator('.costs');
    expect(await costs.innerText()).toMatch(/Free on disk[^]*GB[^]*Memory\s+≈ /);
    await expect.poll(() => costs.innerText(), { timeout: 30_000 }).toMatch(/Time\s+≈ /);
    await expectAccessible(page);
  });

  it('gives a type to what is selected on the map by the keyboard, and takes it back', async () => {
    const { page } = await open();
    await map(page).focus();
    await presses(page, 'Control+Home', 'ArrowRight', 'ArrowUp', 'ArrowUp', 'ArrowUp');
    const cell = map(page).getByRole('gridcell');
    expect(await cell.innerText()).toMatch(/^attn_q, layer 0: Q4_K, 4\.50 bits per weight/);
    await presses(page, 'Shift+ArrowRight', 'Shift+ArrowDown');
    expect(await selected(page).innerText()).toBe('4 tensors selected attn_q, attn_k, layers 0–1');
    await presses(page, '7');
    expect(await facts(page).innerText()).toContain('4 overrides');
    await expect
      .poll(() => cell.innerText())
      .toMatch(/attn_k, layer 1: Q8_0, 8\.50 bits per weight.*your override/);
    await planned(page);
    expect(await types(page).getByRole('button', { name: 'Q8_0' }).getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.command-lines').innerText()).toContain('q8_0');
    expect(await page.locator('.costs').innerText()).toMatch(/Overrides add\s+\+/);
    await presses(page, 'Control+z');
    expect(await facts(page).innerText()).not.toContain('override');
    await presses(page, 'Control+Shift+z');
    expect(await facts(page).innerText()).toContain('4 overrides');
    await presses(page, 'Delete');
    expect(await facts(page).innerText()).not.toContain('override');
    await presses(page, 'Escape');
    expect(await selected(page).innerText()).toMatch(/^Select cells or rows/);
  });

  it('selects by dragging, with Ctrl one more, by the name of a role, and by a filter', async () => {
    const { page } = await open();
    const box = (await map(page).boundingBox())!;
    const at = (x: number, y: number) => ({ x: box.x + x, y: box.y + y });
    const drag = async (from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> => {
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(to.x, to.y, { steps: 4 });
      await page.mouse.up();
    };
    await drag(at(150, 152), at(260, 152));
    expect(await selected(page).innerText()).toMatch(/^\d tensors selected ffn_down, layers 0–\d/);
    await page.mouse.click(at(150, 32).x, at(150, 32).y);
    expect(await selected(page).innerText()).toBe('1 tensor selected attn_q, layer 0');
    await page.keyboard.down('Control');
    await page.mouse.click(at(150, 152).x, at(150, 152).y);
    await page.keyboard.up('Control');
    expect(await selected(page).innerText()).toMatch(/^2 tensors selected/);
    await page.mouse.click(at(20, 32).x, at(20, 32).y);
    expect(await selected(page).innerText()).toBe('4 tensors selected attn_q, layers 0–3');
    await page.getByRole('textbox', { name: 'Filter tensors' }).fill('role:attn_v type:q6_k');
    await button(page, 'Select').click();
    expect(await selected(page).innerText()).toBe('2 tensors selected attn_v, layers 2–3');
    await types(page).getByRole('button', { name: 'Q5_K' }).click();
    await page.getByRole('textbox', { name: 'Filter tensors' }).fill('why:override');
    await expect.poll(() => page.locator('.filter-count [role=status]').innerText()).toMatch(/^2 of 39/);
    await types(page).getByRole('button', { name: 'By rule' }).click();
    await expect.poll(() => page.locator('.filter-count [role=status]').innerText()).toBe('0 of 39');
  });

  it('has the same keys in the table', async () => {
    const { page } = await open();
    await table(page).focus();
    await presses(page, 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown');
    expect(await table(page).locator('[role=row][aria-selected=true]').count()).toBe(3);
    await presses(page, '6');
    expect(await facts(page).innerText()).toContain('3 overrides');
    await presses(page, 'Control+ArrowDown', 'Control+ArrowDown', 'Control+ ');
    expect(await table(page).locator('[role=row][aria-selected=true]').count()).toBe(4);
    await presses(page, ' ');
    const card = page.getByRole('tooltip');
    expect(await card.innerText()).toMatch(
      /blk\.0\.ffn_norm\.weight\s+F32 → F32[^]*Vectors stay as they are/,
    );
    await presses(page, 'Escape');
    await card.waitFor({ state: 'detached' });
    await presses(
      page,
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
    );
    await presses(page, 'ArrowRight', 'Enter');
    expect(await table(page).locator('[aria-sort=ascending]').innerText()).toContain('From');
  });

  it('chooses the target from a list that says what each is good for', async () => {
    const { page } = await open();
    const target = page.getByRole('combobox', { name: 'Target' });
    await target.focus();
    await presses(page, 'Enter');
    const list = page.getByRole('listbox', { name: 'Target' });
    expect(await list.getByRole('option').count()).toBeGreaterThan(30);
    expect(await list.getByRole('option', { name: /^Q4_K_M / }).getAttribute('aria-selected')).toBe('true');
    expect(await list.getByRole('option', { name: /^IQ2_XS / }).innerText()).toMatch(
      /2\.31[^]*bits per weight,[^]*1\.52 MB[^]*needed[^]*an importance matrix,[^]*Codebooks/,
    );
    await expectAccessible(page);
    await page.keyboard.type('q6');
    await presses(page, 'Enter');
    await list.waitFor({ state: 'detached' });
    expect(await target.innerText()).toContain('Q6_K');
    await planned(page);
    expect(await facts(page).innerText()).toBe('F16 → Q6_K · 39 tensors');
    // A float target: types of single tensors would mean nothing.
    await presses(page, 'Enter', 'Home', 'ArrowDown', 'Enter');
    expect(await selected(page).innerText()).toBe('With F16 all tensors get the same type.');
  });

  it('takes options, and says what is wrong with them', async () => {
    const { page } = await open();
    await page.getByRole('combobox', { name: 'Output tensor' }).selectOption('Q8_0');
    await planned(page);
    await table(page).focus();
    await presses(page, 'End');
    expect(await line(page, 'output.weight').innerText()).toMatch(/Q8_0\s+As asked for the output/);
    await page.getByRole('checkbox', { name: 'Leave the output tensor as it is' }).check();
    await planned(page);
    expect(await line(page, 'output.weight').innerText()).toMatch(/F16\s+F16/);
    await button(page, 'Leave out layers').click();
    const layers = page.getByRole('textbox', { name: 'Layers to leave out' });
    await layers.fill('9');
    await presses(page, 'Enter');
    expect(await page.getByRole('alert').innerText()).toBe('There is no layer 9.');
    await layers.fill('1-2');
    await presses(page, 'Enter');
    await planned(page);
    expect(await facts(page).innerText()).toContain('21 tensors');
    expect(await page.locator('.hatched-note').innerText()).toBe('left out');
    await button(page, 'Metadata').click();
    await page.getByRole('textbox', { name: 'Key' }).fill('general.name');
    await page.getByRole('textbox', { name: 'Value', exact: true }).fill('Mine');
    await button(page, 'Set this value').click();
    expect(await page.locator('.metadata-list').innerText()).toMatch(/general\.name\s+Mine/);
    await planned(page);
    expect(await page.locator('.command-lines').innerText()).toMatch(
      /--override-kv[^]*--prune-layers|--prune-layers[^]*--override-kv/,
    );
    await expectAccessible(page);
  });

  it('copies the command, saves the recipe and loads it again', async () => {
    const { page, shell } = await open();
    await map(page).focus();
    await presses(page, 'Control+Home', 'ArrowDown', '7');
    await planned(page);
    await button(page, 'Copy as llama-quantize command').click();
    await expect.poll(() => shell.done.at(-1)).toMatch(/--tensor-type.*q8_0/);
    shell.user.file = join(folder, 'mine.recipe.json');
    await button(page, 'Save Recipe…').click();
    await expect.poll(() => existsSync(shell.user.file!)).toBe(true);
    const saved = JSON.parse(readFileSync(shell.user.file, 'utf8')) as Record<string, unknown>;
    expect(saved).toMatchObject({ type: 'Q4_K_M' });
    writeFileSync(shell.user.file, JSON.stringify({ ...saved, type: 'Q5_K_M' }));
    await presses(page, 'Control+z');
    await button(page, 'Load Recipe…').click();
    await expect.poll(() => facts(page).innerText()).toMatch(/F16 → Q5_K_M.*1 (override|rule)/);
    await page.locator('.plan-table').focus();
    await presses(page, 'Control+z');
    expect(await facts(page).innerText()).toBe('F16 → Q4_K_M · 39 tensors');
    writeFileSync(shell.user.file, '{"type": 3}');
    await button(page, 'Load Recipe…').click();
    await expect.poll(() => page.locator('.notices').innerText()).toContain('The recipe has no "type"');
  });
});
