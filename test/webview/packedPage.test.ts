// Packed matrices in the page: one row each, which opens to its stored tensors.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fileOf, parts, type Stored } from '../core/formats/packed/checkpoints.ts';
import { launchChromium } from '../support/chromium.ts';
import { inspectorIn } from '../support/inspector.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessible, expectNoComplaints, modelFolder } from './pageSupport.ts';

const folder = modelFolder();
let browser: Browser;
let page: Page;
let model: string;
beforeAll(async () => {
  browser = await launchChromium();
  const gptq = (module: string): Stored[] =>
    parts(module, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256');
  const layers = [0, 1].flatMap((layer) => [
    ...gptq(`model.layers.${layer}.mlp.up_proj`),
    ...gptq(`model.layers.${layer}.mlp.gate_proj`),
    ...parts(`model.layers.${layer}.input_layernorm`, 'weight F16 256'),
  ]);
  model = folder.file('model.safetensors', fileOf([...layers, ...parts('lm_head', 'weight F16 64 256')]));
  const quantization = { quant_method: 'gptq', bits: 4, group_size: 128, sym: true, desc_act: false };
  folder.file('config.json', JSON.stringify({ model_type: 'llama', quantization_config: quantization }));
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  folder.remove();
});

async function open(options?: PageOptions) {
  page = await openInspector(browser, model, options);
  const inspector = inspectorIn(page);
  await inspector.row('up_proj').waitFor();
  return inspector;
}

const names = (): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[role=treegrid] .line')]
      .sort((a, b) => a.offsetTop - b.offsetTop)
      .map((line) => line.querySelector('.column-name .label')?.textContent ?? ''),
  );
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
/** What a screen reader is at, and how deep. */
const active = (): Promise<readonly [text: string, level: string | null, isExpanded: string | null]> =>
  page.evaluate(() => {
    const id = document.querySelector('[role=treegrid]')?.getAttribute('aria-activedescendant') ?? '';
    const line = document.getElementById(id);
    return [
      line?.querySelector('.column-name')?.textContent ?? '',
      line?.getAttribute('aria-level') ?? null,
      line?.getAttribute('aria-expanded') ?? null,
    ] as const;
  });

test('are one row each, with their true bits and exact weights', async () => {
  const inspector = await open();
  expect(await inspector.facts.innerText()).toContain('GPTQ 4-bit g128');
  expect(await inspector.facts.innerText()).toContain('82,432'); // 4 × 16,384 + 2 × 256 + 16,384
  expect(await inspector.row('up_proj').innerText()).toMatch(/GPTQ 4-bit g128\s+4\.66\s+256 × 64\s+16,384/);
  expect(await page.getByText('qweight').count()).toBe(0);
  expectNoComplaints(page);
});

test('open with → to their stored tensors, and close with ←', async () => {
  const inspector = await open();
  await inspector.row('up_proj').click();
  await inspector.table.focus();
  const closed = await names();
  expect(await active()).toEqual(['mlp.up_proj.weight', '2', 'false']);
  await press('ArrowRight');
  await page.getByText('qweight').waitFor();
  const at = closed.indexOf('mlp.up_proj.weight');
  expect(await names()).toEqual([
    ...closed.slice(0, at + 1),
    'qweight',
    'scales',
    'qzeros',
    'g_idx',
    ...closed.slice(at + 1),
  ]);
  expect(await inspector.row('qweight').innerText()).toMatch(/codes\s+I32\s+4\.00\s+\[32, 64\]/);
  await press('ArrowRight');
  expect(await active()).toEqual(['qweightcodes', '3', null]);
  await press('ArrowDown', 'ArrowDown', 'ArrowDown');
  expect(await active()).toEqual(['g_idxorder of channels', '3', null]);
  expect(await inspector.selectedRow.innerText()).toContain('up_proj');
  await expectAccessible(page);
  await press('ArrowLeft');
  expect(await active()).toEqual(['mlp.up_proj.weight', '2', 'true']);
  await press('ArrowLeft');
  expect(await names()).toEqual(closed);
  await press('ArrowLeft');
  expect((await active())[0]).toContain('Layer 0');
  expectNoComplaints(page);
});

test('open with a click before their name, also when the table is sorted', async () => {
  const inspector = await open();
  await page.getByRole('columnheader', { name: 'Offset' }).click();
  await inspector.row('layers.1.mlp.gate_proj').locator('.disclosure').click();
  await page.getByText('qweight').waitFor();
  expect(await inspector.row('g_idx').getAttribute('aria-level')).toBe('2');
  await inspector.row('layers.1.mlp.gate_proj').locator('.disclosure').click();
  expect(await page.getByText('qweight').count()).toBe(0);
});

test('are found by what their type begins with', async () => {
  const inspector = await open();
  await inspector.filter.fill('type:gptq bpw<5');
  await expect.poll(() => inspector.filterCount.textContent()).toContain('4 of 7');
});

test('stay open when the page is drawn again', async () => {
  const inspector = await open();
  await inspector.row('up_proj').locator('.disclosure').click();
  await page.getByText('qweight').waitFor();
  await expect.poll(() => JSON.stringify(hostOf(page).savedState)).toContain('up_proj');
  await page.reload();
  await page.getByText('qweight').waitFor();
  expectNoComplaints(page);
});
