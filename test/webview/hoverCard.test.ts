import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { inspectorIn } from '../support/inspector.ts';
import { openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, SAFETENSORS_SAMPLE, SAMPLE } from './pageSupport.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(() => browser.close());

async function open(model: string, options?: PageOptions) {
  page = await openInspector(browser, model, options);
  const inspector = inspectorIn(page);
  await inspector.row('token').waitFor();
  return inspector;
}

/** Text of the card by its lines, without what only a screen reader has. */
const lines = async (): Promise<string[]> => (await page.getByRole('tooltip').innerText()).split('\n');

describe('the card of a tensor', () => {
  test('explains its type with the numbers of this tensor', async () => {
    const inspector = await open(SAMPLE);
    await inspector.row('ffn_down').hover();
    await inspector.card.waitFor();
    const text = await inspector.card.innerText();
    for (const part of [
      'blk.0.ffn_down.weight',
      'Q4_K · 4.50 bits per weight',
      '4-bit codes in super-blocks of 256.',
      'w = d·sc·q − dmin·m',
      '144 bytes for 256 weights',
      '768 in × 256 out',
      '196,608 in 768 blocks',
      '110,592 bytes, 3.21 % of file',
      'Down projection.',
    ])
      expect(text).toContain(part);
    expect(await inspector.card.locator('.cost tr').allInnerTexts()).toEqual([
      'codes\t128 B\t4.0000',
      'scales and mins\t12 B\t0.3750',
      'd\t2 B\t0.0625',
      'dmin\t2 B\t0.0625',
      'bits per weight\t144 B\t4.5000',
    ]);
  });

  test('reads the shape of safetensors as in × out and says how it is stored', async () => {
    const inspector = await open(SAFETENSORS_SAMPLE);
    await inspector.row('down_proj').hover();
    await inspector.card.waitFor();
    const text = await inspector.card.innerText();
    expect(text).toContain('768 in × 256 out');
    expect(text).toContain('Stored as\n2 tensors');
  });

  test('of a packed type draws a group to scale and adds up all parts of the model', async () => {
    const inspector = await open(SAFETENSORS_SAMPLE);
    await inspector.row('down_proj').hover();
    await inspector.card.waitFor();
    expect(await inspector.card.locator('.formula-line').innerText()).toContain(
      '16,388 bytes for 16,384 weights',
    );
    expect(await inspector.card.locator('.cost tr').allInnerTexts()).toEqual([
      'codes\t3.15 MB\t8.0000',
      'scales\t768 bytes\t0.0020',
      'bits per weight, all 28\t3.15 MB\t8.0020',
    ]);
  });

  test('never covers its row, wherever that is', async () => {
    const inspector = await open(SAMPLE);
    for (const name of ['token_embd', 'attn_norm', 'ffn_down']) {
      const row = inspector.row(name);
      await row.hover();
      await inspector.card.waitFor();
      const [at, card] = await Promise.all([row.boundingBox(), inspector.card.boundingBox()]);
      if (at === null || card === null) throw new Error('Not shown.');
      expect(card.y >= at.y + at.height || card.y + card.height <= at.y, name).toBe(true);
      expect(card.x).toBeGreaterThanOrEqual(0);
      expect(card.x + card.width).toBeLessThanOrEqual(1400);
      await page.mouse.move(5, 5);
      await expect.poll(() => inspector.card.count()).toBe(0);
    }
  });

  test('can be entered and left', async () => {
    const inspector = await open(SAMPLE);
    await inspector.row('token_embd').hover();
    await inspector.card.waitFor();
    await inspector.card.hover();
    await page.waitForTimeout(400);
    expect(await lines()).toContain('token_embd.weight');
    await page.locator('.header h1').hover();
    await expect.poll(() => inspector.card.count()).toBe(0);
  });

  test('closes with Escape before the filter is cleared', async () => {
    const inspector = await open(SAMPLE);
    await inspector.filter.fill('ffn');
    await inspector.row('ffn_up').hover();
    await inspector.card.waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => inspector.card.count()).toBe(0);
    expect(await inspector.filter.inputValue()).toBe('ffn');
  });

  test('opens at once for the keyboard and describes what has the focus', async () => {
    const inspector = await open(SAMPLE);
    await inspector.table.focus();
    await page.keyboard.press('Space');
    await inspector.card.waitFor({ timeout: 300 });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-describedby'))).toBe(
      await inspector.card.getAttribute('id'),
    );
    await page.keyboard.press('Escape');
    await expect.poll(() => inspector.card.count()).toBe(0);
  });

  test('closes when the page scrolls under it', async () => {
    const inspector = await open(SAMPLE);
    await inspector.row('token_embd').hover();
    await inspector.card.waitFor();
    await page.mouse.wheel(0, 300);
    await expect.poll(() => inspector.card.count()).toBe(0);
  });
});

test('a line that comes under a pointer at rest, with the panel gone, opens no card until the pointer moves', async () => {
  const inspector = await open(SAMPLE, { width: 800 });
  await inspector.row('token_embd').click();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Tensor', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await inspector.row('token_embd').waitFor();
  await page.waitForTimeout(1200); // longer than any card waits
  expect(await inspector.card.count()).toBe(0);
  await inspector.row('attn_norm').hover();
  await inspector.card.waitFor();
});

test('the card of a layer sums its tensors by type', async () => {
  const inspector = await open(SAMPLE);
  await inspector.row('Layer 2').hover();
  await inspector.card.waitFor();
  expect(await inspector.card.locator('.sums tr').allInnerTexts()).toEqual([
    'Type\tTensors\tWeights\tSize\t% of file\tBits/weight',
    'Q4_K\t5\t557,056\t313.34 kB\t9.10\t4.50',
    'Q6_K\t2\t229,376\t188.16 kB\t5.46\t6.56',
    'F32\t2\t512\t2.05 kB\t0.06\t32.00',
    'all\t9\t786,944\t503.55 kB\t14.62\t5.12',
  ]);
});

test('the card of a type in the mix says how much of the model it makes', async () => {
  const inspector = await open(SAMPLE);
  await page.locator('.mix-bar .segment').nth(1).hover();
  await inspector.card.waitFor();
  const text = await inspector.card.innerText();
  for (const part of ['Q6_K', '6.56 bits per weight', 'w = d·sc·(q − 32)', '5 of 39', 'block_q6_K'])
    expect(text).toContain(part);
});

test('the legend of the mix is walked with arrows, and every stop explains itself', async () => {
  const inspector = await open(SAMPLE);
  await page.getByRole('group', { name: 'Types' }).getByRole('button').first().focus();
  await page.keyboard.press('ArrowRight');
  await inspector.card.waitFor();
  expect((await lines())[0]).toContain('Q6_K');
});

test('in every theme axe finds nothing in a card', async () => {
  const inspector = await open(SAMPLE);
  await inspector.row('ffn_down').hover();
  await inspector.card.waitFor();
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
});
