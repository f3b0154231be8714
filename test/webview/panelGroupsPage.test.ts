// The groups of packed matrices in the panel of a tensor: maps, zero points, order and bits of the input channels.
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessibleInThemes, expectNoComplaints, SAMPLE } from './pageSupport.ts';

const sampleOf = (folder: string): string =>
  fileURLToPath(new URL(`../samples/packed/${folder}/model.safetensors`, import.meta.url));
const ACT_ORDER = sampleOf('sotu-5m-gptq-4bit-g32-actorder');
const ASYMMETRIC = sampleOf('sotu-5m-gptq-3bit-g64');
const EXL2 = sampleOf('sotu-5m-exl2-mixed');
const NF4 = sampleOf('sotu-5m-bnb-nf4-dq');

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(() => browser.close());

const panel = () => page.getByRole('region', { name: 'Tensor', exact: true });
const tab = (name: string) => panel().getByRole('tab', { name });
const chart = (name: string) => panel().getByRole('region', { name, exact: true });
const map = (name: string) => chart(name).getByRole('application');
const findingOf = (name: string) => chart(name).locator('.finding').innerText();

async function openGroups(path: string, tensor = 'self_attn.q_proj.weight', options?: PageOptions) {
  page = await openInspector(browser, path, options);
  await page.locator('.line').first().waitFor();
  hostOf(page).push('reveal', { name: `model.layers.0.${tensor}` });
  await page.locator('.line.selected').click(); // the keyboard is there too then
  await page.locator('.table').press('Enter');
  await tab('Groups').click();
  await chart('Scales by group').waitFor();
}

describe('the groups of a matrix', () => {
  it('of GPTQ with act-order: scales as a map, symmetric zero points, the order of the input channels', async () => {
    await openGroups(ACT_ORDER);
    expect(await findingOf('Scales by group')).toMatch(/^2,048 scales, largest ≈ [\d.]+ × the median$/);
    expect(await findingOf('Zero points')).toBe('all 2,048 are 8: symmetric');
    expect(await chart('Zero points by group').count()).toBe(0); // it would be one color
    expect(await findingOf('Order of the input channels')).toBe(
      '14.51 % of neighbors share groups (in order 96.88 %)',
    );
    expect(await chart('Scales by group').locator('.group-legend').innerText()).toContain(
      '→ 8 groups of input channels, ↓ 256 output channels',
    );
    expectNoComplaints(page);
  });

  it('that are asymmetric have a map of zero points', async () => {
    await openGroups(ASYMMETRIC, 'mlp.down_proj.weight');
    expect(await findingOf('Zero points by group')).toBe('from 2 to 5');
    expect(await findingOf('Zero points')).toBe('4 of 8 values used, most often 4 (48.18 %)');
  });

  it('of EXL2 have different bits along the input channels', async () => {
    await openGroups(EXL2, 'mlp.down_proj.weight');
    expect(await findingOf('Bits along the input channels')).toBe(
      '4.13 bits on average, 2 to 8, as they are stored',
    );
    expect(await findingOf('Scales of the scales')).toMatch(/^q_scale_max: 28, from /);
  });

  it('of double quantization have scales of the scales', async () => {
    await openGroups(NF4);
    expect(await findingOf('Scales of the scales')).toMatch(/^nested_absmax: 4, from /);
    expect(await chart('Zero points').count()).toBe(0);
  });
});

test('a map is read cell by cell with the pointer and with keys', async () => {
  await openGroups(ACT_ORDER);
  await map('Scales by group')
    .locator('canvas')
    .hover({ position: { x: 5, y: 2 } });
  expect(await map('Scales by group').locator('.readout').innerText()).toMatch(
    /^Output channel 2, group 0\nscale 0\.0\d+$/,
  );
  await map('Scales by group').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const status = map('Scales by group').getByRole('status');
  expect(await status.innerText()).toMatch(/^Output channel \d+, group 1: scale /);
  await page.keyboard.press('End');
  expect(await status.innerText()).toMatch(/^Output channel 255, group 7: scale /);
  await page.keyboard.press('Escape');
  expect(await status.innerText()).toBe('');
  expect(await panel().count()).toBe(1); // only the next one closes the panel
});

test('t shows tables; a map is exported as CSV and PNG', async () => {
  await openGroups(ACT_ORDER);
  await map('Scales by group').focus();
  await page.keyboard.press('t');
  const rows = chart('Scales by group').locator('tbody tr');
  expect(await rows.count()).toBe(8);
  await page.keyboard.press('t');
  await chart('Scales by group').getByRole('button', { name: 'Export Scales by group' }).click();
  await chart('Scales by group').getByRole('menuitem', { name: 'Copy Data as CSV' }).click();
  await expect.poll(() => hostOf(page).copied.join('').split('\r\n').length).toBe(1 + 256 * 8 + 1);
  await chart('Scales by group').getByRole('button', { name: 'Export Scales by group' }).click();
  await chart('Scales by group').getByRole('menuitem', { name: 'Save as PNG…' }).click();
  await expect.poll(() => hostOf(page).files.size).toBe(1);
  expect([...hostOf(page).files.values()][0]?.subarray(1, 4)).toEqual(Uint8Array.of(0x50, 0x4e, 0x47));
});

test('tensors of blocks have no groups', async () => {
  page = await openInspector(browser, SAMPLE);
  hostOf(page).push('reveal', { name: 'blk.1.ffn_down.weight' });
  await page.locator('.line.selected').click(); // the keyboard is there too then
  await page.locator('.table').press('Enter');
  await tab('Blocks').waitFor();
  expect(await tab('Groups').count()).toBe(0);
});

test('blocks and worst outliers of a packed matrix belong together', async () => {
  await openGroups(ASYMMETRIC, 'mlp.down_proj.weight');
  await tab('Worst outliers').click();
  const first = panel().locator('tbody tr').first();
  const [value = '', , row = '', column = ''] = (await first.locator('td, th').allInnerTexts()).map((cell) =>
    cell.trim(),
  );
  await first.click();
  await panel().locator('.weight-formula').waitFor();
  expect(await panel().locator('.weight-formula .finding').innerText()).toBe(`row ${row}, column ${column}`);
  expect(
    Number((await panel().locator('.formula').innerText()).split(' = ').at(-1)?.replaceAll('−', '-')),
  ).toBeCloseTo(Number(value.replaceAll('−', '-')), 3);
});

test('is accessible in every theme', async () => {
  await openGroups(EXL2, 'mlp.down_proj.weight');
  await expectAccessibleInThemes(page);
});
