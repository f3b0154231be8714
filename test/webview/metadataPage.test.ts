import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { inspectorIn } from '../support/inspector.ts';
import { hostOf, openInspector } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, modelFolder, RICH_METADATA } from './pageSupport.ts';

let browser: Browser;
let page: Page;
const models = modelFolder();
const model = models.gguf('model.gguf', {
  metadata: RICH_METADATA,
  tensors: [{ name: 'blk.0.attn_q.weight', dims: [256, 256], type: 12 }],
});
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  models.remove();
});

async function open() {
  page = await openInspector(browser, model);
  const inspector = inspectorIn(page);
  await inspector.tab('Metadata').click();
  await inspector.panel('Metadata').waitFor();
  return inspector.panel('Metadata');
}

const rowOf = (key: string) => page.locator('.metadata-row').filter({ hasText: key });

test('entries stand in groups with type, value and meaning', async () => {
  const panel = await open();
  expect(await panel.locator('.group-head').allInnerTexts()).toEqual([
    'general 4 entries',
    'tokenizer 2 entries',
  ]);
  expect((await rowOf('general.file_type').innerText()).split('\n')).toEqual([
    'general.file_type',
    'uint32',
    '15 MOSTLY_Q4_K_M',
  ]);
});

test('the filter finds keys, values and meanings', async () => {
  const panel = await open();
  for (const [filter, keys] of [
    ['mostly_q4', ['general.file_type']],
    ['tokenizer array', ['tokenizer.ggml.tokens']],
    ['granted', ['general.license']],
    ['zebra', []],
  ] as const) {
    await page.keyboard.press('Control+f');
    await page.keyboard.type(filter);
    await expect.poll(() => panel.locator('.key .cut').allInnerTexts()).toEqual(keys);
  }
  await panel.getByText('clear filter').click();
  await expect.poll(() => rowOf('').count()).toBe(6);
});

describe('a long text', () => {
  test('opens whole, and is text whatever it is', async () => {
    await open();
    await rowOf('chat_template').locator('.value').click();
    await expect.poll(() => page.locator('.long-text').textContent()).toContain("{{ m['role'] }}<script>\n");
    expect(await page.locator('.long-text script').count()).toBe(0);
    expectNoComplaints(page);
  });

  test('that was cut for the list comes whole from the file', async () => {
    await open();
    await rowOf('license').locator('.value').click();
    await expect.poll(async () => (await page.locator('.long-text').textContent())?.length).toBe(4600);
  });
});

describe('an array', () => {
  test('is paged', async () => {
    const panel = await open();
    await rowOf('ggml.tokens').locator('.value').click();
    await expect.poll(() => panel.getByRole('list').innerText()).toContain('token-99');
    expect(await panel.locator('.array-tools').innerText()).toContain('0–99 of 1,234');
    await panel.getByRole('button', { name: 'Next page' }).click();
    await expect.poll(() => panel.getByRole('list').innerText()).toContain('token-150');
    expect(await panel.getByRole('button', { name: 'Previous page' }).isEnabled()).toBe(true);
  });

  test('is searched by text and by position', async () => {
    const panel = await open();
    await rowOf('ggml.tokens').locator('.value').click();
    await panel.locator('.array-tools input').fill('token-123');
    await expect.poll(() => panel.locator('.array-tools').innerText()).toContain('5 matches');
    await panel.locator('.array-tools input').fill('1200');
    await expect.poll(() => panel.getByRole('list').innerText()).toContain('token-1200');
  });

  test('has a field whose name says what is searched, as that of all entries', async () => {
    const panel = await open();
    await rowOf('ggml.tokens').locator('.value').click();
    for (const name of ['Filter metadata', 'Search in tokenizer.ggml.tokens'])
      await panel.getByRole('textbox', { name, exact: true }).waitFor();
  });
});

describe('the keyboard', () => {
  test('walks the rows, opens and closes them', async () => {
    await open();
    await rowOf('general.architecture').focus();
    await page.keyboard.press('End');
    await expect
      .poll(() => rowOf('ggml.tokens').evaluate((row) => row === document.activeElement))
      .toBe(true);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => rowOf('ggml.tokens').getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => rowOf('ggml.tokens').getAttribute('aria-expanded')).toBe('false');
  });

  test('copies values, whole, and keys', async () => {
    await open();
    await rowOf('general.license').focus();
    await page.keyboard.press('Control+c');
    await page.keyboard.press('Alt+c');
    await expect
      .poll(() =>
        hostOf(page)
          .copied.map((text) => text.length)
          .sort(),
      )
      .toEqual([15, 4600]);
  });
});

test('in every theme axe finds nothing', async () => {
  await open();
  await rowOf('chat_template').locator('.value').click();
  await rowOf('ggml.tokens').locator('.value').click();
  await page.getByText('token-99', { exact: true }).waitFor();
  await expectAccessibleInThemes(page);
});
