import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { inspectorIn } from '../support/inspector.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessible, expectNoComplaints, modelFolder, RICH_METADATA, SAMPLE } from './pageSupport.ts';

let browser: Browser;
let page: Page;
const models = modelFolder();
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  models.remove();
});

async function open(model: string, options?: PageOptions) {
  page = await openInspector(browser, model, options);
  const inspector = inspectorIn(page);
  await inspector.title.waitFor();
  return inspector;
}

const sample = readFileSync(SAMPLE);

describe('a file that ends too early', () => {
  test('is shown with its problems above the map, and they lead to the tensor', async () => {
    const inspector = await open(models.file('cut.gguf', sample.subarray(0, 1_500_000)));
    const strip = page.getByRole('region', { name: 'Problems' });
    await expect.poll(() => strip.getByRole('row').count()).toBe(3);
    expect(await strip.textContent()).toContain('The file ends after 1.50 MB; the header promises 3.44 MB.');
    await strip.getByRole('button', { name: /is cut in the middle/ }).click();
    await expect.poll(() => inspector.selectedRow.textContent()).toContain('token_embd');
    await expectAccessible(page);
  });

  test('has its problems in a tab, to read whole and to copy', async () => {
    const inspector = await open(models.file('cut2.gguf', sample.subarray(0, 1_500_000)));
    await expect.poll(() => inspector.tab('Problems').textContent()).toBe('Problems2');
    await inspector.tab('Problems').click();
    await page.getByRole('button', { name: 'Copy all problems as text' }).click();
    await expect
      .poll(() => hostOf(page).copied[0])
      .toContain('Is the download complete? [file-truncated, byte 1,500,000]');
    await expectAccessible(page);
  });

  test('says in the card of a missing tensor that it is missing', async () => {
    const inspector = await open(models.file('cut3.gguf', sample.subarray(0, 1_500_000)));
    await inspector.row('attn_q').hover();
    await expect.poll(() => inspector.card.textContent()).toContain('none of its bytes are in the file');
  });
});

describe('a Git LFS pointer', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'9c'.repeat(32)}\nsize 4920718624\n`;

  test('is explained, with the command that fetches the model', async () => {
    await open(models.file('llama.gguf', pointer));
    expect(await page.getByRole('main').innerText()).toContain('stands for a file of 4.92 GB');
    await page.getByText('Copy command').click();
    await expect.poll(() => hostOf(page).copied).toEqual(['git lfs pull --include "llama.gguf"']);
    await expectAccessible(page);
    expectNoComplaints(page);
  });

  test('is replaced by the model when that has arrived', async () => {
    const path = models.file('fetched.gguf', pointer);
    const inspector = await open(path);
    models.file('fetched.gguf', sample);
    hostOf(page).push('fileChanged', { state: 'changed' });
    await expect.poll(() => hostOf(page).commands).toEqual(['reload']);
    hostOf(page).push('reload', null);
    await expect.poll(() => inspector.title.textContent()).toBe('SOTU-5M');
  });
});

describe('a file that cannot be read', () => {
  test.each([
    ['noise.gguf', 'not a model at all', 'format-unknown'],
    ['empty.gguf', '', 'file-empty'],
  ])('%s is told with reason, place and what to do', async (name, bytes, code) => {
    await open(models.file(name, bytes), { theme: 'light', width: 620 });
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('This file cannot be read as a model');
    expect(text).toContain(code);
    await page.getByText('Reopen as hex').click();
    await expect.poll(() => hostOf(page).commands).toEqual(['reopenAsHex']);
    await expectAccessible(page);
  });
});

test('a vocabulary without weights leads to its metadata', async () => {
  const inspector = await open(models.gguf('vocabulary.gguf', { metadata: RICH_METADATA }));
  expect(await inspector.panel('Layers').innerText()).toContain('A vocabulary without weights');
  await expectAccessible(page);
  await page.getByText('Show metadata').click();
  await expect.poll(() => inspector.panel('Metadata').isVisible()).toBe(true);
});

test('a file that is not there is a sentence, with a way to try again', async () => {
  await open(models.gguf('there.gguf', {}).replace('there', 'not-there'));
  expect(await page.getByRole('main').innerText()).toMatch(/does not exist; check the path/);
  await page.getByText('Try again').click();
  await expect.poll(() => hostOf(page).commands).toEqual(['reload']);
});
