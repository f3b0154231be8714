// The Re-quantize page of a model of sixty thousand tensors. llama.cpp takes minutes to plan such a one, so the plan is made here;
// the model and its page are real.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { QUANTIZE_TARGETS } from '../../src/app/quantize/targets.ts';
import { FIRST_RECIPE } from '../../src/app/requantize/recipeViews.ts';
import { targetViews, tensorTypeViews } from '../../src/app/requantize/targetViews.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type {
  PlanColumns,
  PlanView,
  RecipeView,
  RequantizeHost,
  RequantizePushes,
} from '../../src/protocol/requantize.ts';
import { createServer } from '../../src/protocol/rpc.ts';
import { launchChromium } from '../support/chromium.ts';
import { withTensors } from '../support/largeModels.ts';
import { createWebview } from '../support/webviewPage.ts';
import { modelFolder } from './pageSupport.ts';

const COUNT = 60_000;
const PAGE_ROWS = 16_384;
const folder = modelFolder();
const path = folder.gguf('many.gguf', withTensors(COUNT));
const reader = createHeaderReader(diskAccess);
const never = new AbortController().signal;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 60_000);
afterAll(async () => {
  await browser.close();
  folder.remove();
});

/** Every tensor gets Q4_K, or what was chosen for it. */
function planOf({ overrides }: RecipeView): { readonly view: PlanView; readonly columns: PlanColumns } {
  const chosen = overrides.reduce((sum, { names }) => sum + names.length, 0);
  const type = (name: string, bitsPerWeight: number) => ({
    ...{ name, bitsPerWeight, tensorCount: COUNT, bytes: 1, weights: 1, block: null },
    ...{ formula: [], costs: [], isPacked: false, summary: '', cost: '', source: '' },
  });
  const columns: PlanColumns = {
    ...{ first: 0, count: COUNT },
    to: new Uint16Array(COUNT).fill(chosen > 0 ? 1 : 0),
    reason: new Uint16Array(COUNT).fill(chosen > 0 ? 1 : 0),
    bytesAfter: new Float64Array(COUNT).fill(36_864),
    turn: Uint32Array.from({ length: COUNT }, (_item, row) => row + 1),
  };
  const size = { fileBytes: 2e9, tensorBytes: 2e9, weights: 3e9, bitsPerWeight: 4.5 };
  const view: PlanView = {
    ...{
      id: `plan ${chosen}`,
      types: [type('Q4_K', 4.5), type('Q8_0', 8.5)],
      roles: [],
      rows: page(columns, 0),
    },
    reasons: [
      { kind: 'mix', text: 'As most tensors' },
      { kind: 'override', text: 'Your override' },
    ],
    ...{ before: size, after: size, overrideBytes: 0, tensorCount: COUNT, overrideCount: chosen },
    output: {
      path: '/out.gguf',
      folder: '/',
      fileName: 'out.gguf',
      fileCount: 1,
      exists: false,
      freeBytes: 1e12,
    },
    estimate: { seconds: null, memoryBytes: 1e9, timeText: '', memoryText: '' },
    ...{
      imatrix: null,
      warnings: [],
      blockedBy: null,
      command: ['Q4_K_M'],
      commandLines: 1,
      engineVersion: '',
    },
  };
  return { view, columns };
}

const page = (columns: PlanColumns, first: number): PlanColumns => {
  const end = Math.min(COUNT, first + PAGE_ROWS);
  return {
    ...{
      first,
      count: end - first,
      to: columns.to.slice(first, end),
      reason: columns.reason.slice(first, end),
    },
    ...{ bytesAfter: columns.bytesAfter.slice(first, end), turn: columns.turn.slice(first, end) },
  };
};

it('draws only the lines in view, and gives a type to thousands of sixty thousand', async () => {
  const webview = await createWebview(browser, 'requantize', {});
  const recipes: RecipeView[] = [];
  const host: Partial<RequantizeHost> = {
    open: async () => ({
      source: { path, fileName: 'many.gguf', typeName: 'F16', isQuantized: false, stamp: '1' },
      model: await reader.open(path, never),
      targets: targetViews(3e9),
      tensorTypes: tensorTypeViews(),
      recipe: FIRST_RECIPE,
      ...{
        obstacle: null,
        isSplit: false,
        canMakeImatrix: false,
        jobs: [],
        savedState: null,
        preferences: null,
      },
    }),
    tensors: ({ first }) => reader.tensors(path, first, never),
    async plan({ recipe }) {
      recipes.push(recipe);
      return planOf(recipe).view;
    },
    planColumns: async ({ first }) => page(planOf(recipes.at(-1)!).columns, first),
    predictedErrors: () => new Promise(() => undefined),
    saveState: async () => null,
  };
  const server = createServer<RequantizeHost, RequantizePushes>(
    host as RequantizeHost,
    webview.post,
    () => new AbortController(),
  );
  await webview.open((message) => server.receive(message));
  const { page: shown } = webview;
  await shown.locator('.outcome[aria-busy=false]').waitFor({ timeout: 30_000 });
  expect(QUANTIZE_TARGETS.length).toBeGreaterThan(30);
  expect(await shown.locator('.plan-table .line').count()).toBeLessThan(100);

  const table = shown.getByRole('treegrid', { name: 'Planned tensors' });
  await table.focus();
  await shown.keyboard.press('Control+a');
  expect(await shown.locator('.selection-text').innerText()).toMatch(/^60,000 tensors selected/);
  await shown.keyboard.press('7');
  await shown.getByText('At most 15,000 tensors can be given a type one by one').waitFor();
  expect(await shown.locator('.header .facts').innerText()).not.toContain('override');

  await shown.getByRole('textbox', { name: 'Filter tensors' }).fill('layer:0-999');
  await shown.locator('.filter-count', { hasText: '9,000 of 60,000' }).waitFor();
  await table.focus();
  await shown.keyboard.press('Control+a');
  await shown.keyboard.press('7');
  // Norms are never quantized: nobody gives them a type.
  await expect
    .poll(() => recipes.at(-1)?.overrides.reduce((sum, { names }) => sum + names.length, 0), {
      timeout: 20_000,
    })
    .toBe(7000);
  await shown.keyboard.press('End');
  const last = await table.getAttribute('aria-rowcount');
  await expect.poll(() => table.locator('.line.active').getAttribute('aria-rowindex')).toBe(last);

  // What is kept of so much is small, and comes back.
  const stored = await shown.evaluate(() => sessionStorage.getItem('vscode state')?.length ?? 0);
  expect(stored).toBeLessThan(250_000);
  await shown.reload();
  await shown.locator('.outcome[aria-busy=false]').waitFor({ timeout: 30_000 });
  expect(await shown.locator('.header .facts').innerText()).toMatch(/7,000 overrides/);
  expect(webview.complaints).toEqual([]);
  server.close();
  await shown.context().close();
});
