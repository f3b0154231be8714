// The Re-quantize page while jobs run and after them, over a reload, and where something is in the way.
import { copyFileSync, existsSync, mkdtempSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RequantizeSources } from '../../src/app/requantize/requantizeService.ts';
import type { JobView, RecipeView } from '../../src/protocol/requantize.ts';
import { launchChromium } from '../support/chromium.ts';
import { buildEngine, ENGINE_MISSING, sample } from '../support/engine.ts';
import {
  createRequantizeSources,
  openRequantize,
  playedShell,
  type OpenRequantize,
  type RequantizeOptions,
} from '../support/requantizePage.ts';
import {
  expectAccessible,
  expectAccessibleInThemes,
  pagesOfTests,
  SAFETENSORS_SAMPLE,
} from './pageSupport.ts';

let [folder, model] = ['', ''];
let browser: Browser;
let sources: RequantizeSources;
const kept = pagesOfTests<OpenRequantize>();

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'requantize-runs-'));
  model = join(folder, 'model-with-a-rather-long-name-to-be-cut-where-there-is-no-room-F16.gguf');
  copyFileSync(sample('sotu-5m-F16.gguf'), model);
  sources = createRequantizeSources(await buildEngine(folder));
  browser = await launchChromium();
}, 240_000);
afterEach(async () => {
  for (const { id } of sources?.jobs.all() ?? []) {
    sources.jobs.cancel(id);
    await expect
      .poll(() => sources.jobs.all().find((job) => job.id === id)?.state)
      .not.toMatch(/running|cancelling|queued/);
    sources.jobs.dismiss(id);
  }
});
afterAll(async () => {
  await browser?.close();
  sources?.jobs.dispose();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function open(path: string, options: RequantizeOptions = {}): Promise<OpenRequantize> {
  const one = kept(await openRequantize(browser, path, sources, options));
  await one.page.locator('.requantize').waitFor();
  return one;
}

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const map = (page: Page): Locator => page.getByRole('grid', { name: 'Planned bit width' });
const result = (page: Page): Locator => page.getByRole('region', { name: 'Result' });
const facts = (page: Page): Locator => page.locator('.header .facts');
const planned = (page: Page): Promise<void> =>
  page.locator('.outcome[aria-busy=false]').waitFor({ timeout: 60_000 });

describe.skipIf(ENGINE_MISSING !== null)('jobs', () => {
  it('write what the plan shows, and offer what comes next', async () => {
    const { page, shell } = await open(model);
    await planned(page);
    await button(page, 'Quantize').click();
    await result(page).waitFor({ timeout: 60_000 });
    expect(await result(page).getByRole('status').innerText()).toMatch(
      /-Q4_K_M\.gguf\s*Written in .*s\s*3\.44 MB\s*5\.10 bits per weight/,
    );
    const output = model.replace('F16', 'Q4_K_M');
    expect(existsSync(output)).toBe(true);
    for (const name of ['Open', 'Compare…', 'Measure Perplexity'])
      await result(page).getByRole('button', { name }).click();
    await expect
      .poll(() => shell.done.map((text) => text.split(' ')[0]))
      .toEqual(['open', 'compare', 'measure']);
    expect(await button(page, 'Quantize').count()).toBe(1);
    await expectAccessible(page);
    await result(page)
      .getByRole('button', { name: /^Dismiss/ })
      .click();
    await result(page).waitFor({ state: 'detached' });
    rmSync(output);
  });

  it('are cancelled at the place where they were started, and leave nothing behind', async () => {
    const { page } = await open(model);
    await planned(page);
    await page.getByRole('combobox', { name: 'Target' }).focus();
    await page.keyboard.type('q5_k_m');
    await page.keyboard.press('Enter');
    await planned(page);
    await button(page, 'Quantize').click();
    await button(page, 'Cancel').click();
    await button(page, 'Quantize').waitFor({ timeout: 60_000 });
    expect(await page.locator('.shown-job').innerText()).toContain('Cancelled; nothing was left behind');
    expect(existsSync(model.replace('F16', 'Q5_K_M'))).toBe(false);
  });

  /** As a run has it for a moment. */
  const running = (path: string): JobView => ({
    ...{ id: 'run', label: 'Q4_K_M', plannedBytes: 3_444_416, state: 'running', phase: 'writing' },
    source: { path: model, fileName: 'F16.gguf' },
    output: { path, fileName: 'Q4_K_M.gguf' },
    ...{ tensor: 5, tensorCount: 39, tensorName: 'blk.0.attn_k.weight', writtenBytes: 958_660 },
    ...{ bytesPerSecond: 1_170_000, secondsLeft: 2.1 },
  });

  it('show how far they are, tensor by tensor', async () => {
    let recipe: unknown = null;
    const { page, push } = await open(model, {
      change: (host) => ({
        ...host,
        plan(argument, signal) {
          recipe = argument.recipe;
          return host.plan(argument, signal);
        },
        jobRecipe: async ({ job }) => ({ ...(recipe as RecipeView), leaveOutput: job !== 'run' }),
      }),
    });
    await planned(page);
    const job = running(model.replace('F16', 'Q4_K_M'));
    const waits: JobView = { ...job, id: 'next', label: 'Q8_0', state: 'queued', ahead: 1 } as JobView;
    const other: JobView = { ...job, id: 'other', source: { path: '/other.gguf', fileName: 'other.gguf' } };
    push('jobs', [job, { ...waits, output: { path: '/q8.gguf', fileName: 'q8.gguf' } }, other]);
    await button(page, 'Cancel').waitFor();
    expect(await page.locator('.shown-job [role=status]').innerText()).toMatch(
      /Writing 5 of 39 tensors\s*958\.66 kB of 3\.44 MB\s*1\.17 MB\/s\s*2\.1 s left/,
    );
    expect(await page.locator('.map-title h2').innerText()).toBe('Written so far');
    const rows = page.getByRole('treegrid', { name: 'Planned tensors' }).getByRole('row');
    const states = await rows.locator('.column-state').allInnerTexts();
    expect(states.filter((text) => text.endsWith('written')).length).toBeGreaterThan(0);
    expect(states.filter((text) => text === 'writing…').length).toBe(1);
    expect(await page.locator('.other-job').allInnerTexts()).toEqual(
      [
        expect.stringContaining('other.gguf → Q4_K_M') as string,
        expect.stringMatching(/^Q8_0 Waits for the job before it/) as string,
      ].reverse(),
    );
    await expectAccessible(page);
    // Another recipe than the one that runs: the button is for it, the job keeps a line of its own.
    await page.getByRole('checkbox', { name: 'Same type everywhere (pure)' }).check();
    await button(page, 'Quantize').waitFor();
    await button(page, 'Cancel Q4_K_M').waitFor();
  });

  it('that fail say why, with the log below', async () => {
    let recipe: unknown = null;
    const { page, push, shell } = await open(model, {
      change: (host) => ({
        ...host,
        plan(argument, signal) {
          recipe = argument.recipe;
          return host.plan(argument, signal);
        },
        jobRecipe: async ({ job }) => ({ ...(recipe as RecipeView), leaveOutput: job !== 'run' }),
      }),
    });
    await planned(page);
    const { source, output, label, plannedBytes } = running(model.replace('F16', 'Q4_K_M'));
    push('jobs', [
      {
        ...{ id: 'run', source, output, label, plannedBytes, state: 'failed' },
        why: 'There is no room left on the disk. Nothing was left behind.',
        log: ['llama_model_quantize: failed to write'],
      },
    ]);
    expect(await page.getByRole('alert').innerText()).toMatch(/no room left on the disk/);
    await page.getByText('What the engine said last (1 line)').click();
    await button(page, 'Copy Log').click();
    await button(page, 'Show Whole Log').click();
    await expect.poll(() => shell.done).toEqual(['llama_model_quantize: failed to write', 'log']);
    await expectAccessible(page);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('what the user made', () => {
  it('outlives a reload of the window, and a page that is built anew', async () => {
    const shell = playedShell();
    const { page } = await open(model, { shell });
    await planned(page);
    await page.getByRole('combobox', { name: 'Target' }).focus();
    await page.keyboard.type('q5_k_s');
    await page.keyboard.press('Enter');
    await map(page).focus();
    for (const key of ['Control+Home', 'ArrowRight', 'Shift+ArrowRight', '7']) await page.keyboard.press(key);
    await page.getByRole('textbox', { name: 'Filter tensors' }).fill('layer:0-1');
    await button(page, 'By role').click();
    const check = async (shown: Page): Promise<void> => {
      await planned(shown);
      expect(await facts(shown).innerText()).toBe('F16 → Q5_K_S · 39 tensors · 2 overrides');
      expect(await shown.locator('.selection-text').innerText()).toBe(
        '2 tensors selected attn_output, layers 0–1',
      );
      expect(await shown.getByRole('textbox', { name: 'Filter tensors' }).inputValue()).toBe('layer:0-1');
      expect(await shown.getByRole('table', { name: 'Sums by role' }).innerText()).toMatch(
        /attn_output\s+7\.\d\d/,
      );
    };
    await check(page);
    await page.reload();
    await check(page);
    await check((await open(model, { shell })).page);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('a file that changed', () => {
  it('is planned again, and types stay with their tensors', async () => {
    const changing = join(folder, 'changing.gguf');
    copyFileSync(model, changing);
    const { page, push } = await open(changing);
    await planned(page);
    await map(page).focus();
    for (const key of ['Control+Home', 'ArrowRight', '7']) await page.keyboard.press(key);
    await planned(page);
    utimesSync(changing, new Date(), new Date('2030-01-01'));
    push('changed', null);
    await expect.poll(() => button(page, 'Undo (Ctrl+Z)').isDisabled()).toBe(true); // rows are others now
    await planned(page);
    expect(await facts(page).innerText()).toBe('F16 → Q4_K_M · 39 tensors · 1 override');
    expect(await page.locator('.command-lines').innerText()).toContain('q8_0');
  });
});

describe.skipIf(ENGINE_MISSING !== null)('what is in the way', () => {
  it('in a workspace that is not trusted nothing is planned', async () => {
    const shell = playedShell();
    shell.user.trusts = false;
    const { page, push } = await open(model, { shell });
    expect(await page.getByRole('alert').innerText()).toMatch(/not trusted/);
    expect(await button(page, 'Quantize').count()).toBe(0);
    expect(await page.locator('.map-title h2').innerText()).toBe('Bit width now');
    await button(page, 'Manage Workspace Trust…').click();
    await expect.poll(() => shell.done).toEqual(['trust']);
    await expectAccessible(page);
    shell.user.trusts = true;
    push('changed', null);
    await planned(page);
    expect(await button(page, 'Quantize').count()).toBe(1);
  });

  it('safetensors are to be converted first', async () => {
    const { page } = await open(SAFETENSORS_SAMPLE);
    expect(await page.getByRole('alert').innerText()).toMatch(/converted/);
    expect(await page.getByRole('combobox', { name: 'Target' }).getAttribute('aria-disabled')).toBe('true');
    await expectAccessible(page);
  });

  it('a file that is cut is not planned', async () => {
    const cut = join(folder, 'cut.gguf');
    copyFileSync(model, cut);
    truncateSync(cut, 5_000_000);
    const { page } = await open(cut);
    expect(await page.getByRole('alert').innerText()).not.toBe('');
    expect(await button(page, 'Quantize').count()).toBe(0);
    await expectAccessible(page);
  });

  it('a source that is quantized already gets the advice not to, and a way to do it all the same', async () => {
    const quantized = join(folder, 'q4.gguf');
    copyFileSync(sample('sotu-5m-Q4_K_M.gguf'), quantized);
    const { page } = await open(quantized);
    await planned(page);
    expect(await page.getByRole('alert').count()).toBe(0); // to the same type: nothing is quantized again
    await page.getByRole('combobox', { name: 'Target' }).focus();
    await page.keyboard.type('q3_k_m');
    await page.keyboard.press('Enter');
    await planned(page);
    expect(await page.getByRole('alert').innerText()).toMatch(/quantized/);
    const start = page.locator('.action-place vscode-button');
    expect(await start.getAttribute('disabled')).not.toBeNull();
    await button(page, 'Quantize It Anyway').click();
    await expect.poll(() => start.getAttribute('disabled'), { timeout: 30_000 }).toBeNull();
    expect(await page.getByRole('checkbox', { name: /quantized already/ }).isChecked()).toBe(true);
    await expectAccessible(page);
  });

  it('what llama.cpp refuses is said, with the log and another try', async () => {
    let tries = 0;
    const { page, shell } = await open(model, {
      change: (host) => ({
        ...host,
        plan(argument, signal) {
          tries += 1;
          return tries > 1
            ? host.plan(argument, signal)
            : Promise.reject(new Error('The engine is missing: llama.cpp could not be loaded.'));
        },
      }),
    });
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/could not be loaded/);
    await button(page, 'Show Log').click();
    await expect.poll(() => shell.done).toEqual(['log']);
    await button(page, 'Try Again').click();
    await planned(page);
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe.skipIf(ENGINE_MISSING !== null)('the looks', () => {
  it.each([1372, 620])(
    'at %s px axe finds nothing in any theme, and nothing is wider than the page',
    async (width) => {
      const { page } = await open(model, { width });
      await planned(page);
      for (const name of ['By role', 'Metadata', 'Leave out layers']) await button(page, name).click();
      const { x, y } = (await map(page).boundingBox())!;
      await page.mouse.click(x + 160, y + 32);
      await page.keyboard.press('7');
      await planned(page);
      await expectAccessibleInThemes(page);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(widths[0]).toBe(widths[1]);
      for (const part of ['.header', '.options', '.plan-side', '.type-line', '.notices', '.filter-line'])
        for (const box of await page
          .locator(part)
          .evaluateAll((all) => all.map((one) => [one.scrollWidth, one.clientWidth])))
          expect(box[0], part).toBeLessThanOrEqual(box[1] ?? 0);
    },
  );
});
