import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { inspectorIn } from '../support/inspector.ts';
import { withTensors } from '../support/largeModels.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import {
  expectAccessibleInThemes,
  expectNoComplaints,
  modelFolder,
  RICH_METADATA,
  SAFETENSORS_SAMPLE,
  SAMPLE,
} from './pageSupport.ts';

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

const bits = () => page.locator('.bits .number').textContent();
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

describe('the header', () => {
  test('says what the model is, and what its weights cost', async () => {
    const inspector = await open(SAMPLE);
    await expect.poll(() => inspector.title.textContent()).toBe('SOTU-5M');
    expect(await inspector.facts.textContent()).toContain('5,245,184 parameters');
    expect(await bits()).toBe('5.10');
    expect(await page.getByRole('group', { name: 'Types' }).getByRole('button').allTextContents()).toEqual([
      'Q4_K 62.8 % of bytes / 71.2 % of weights',
      'Q6_K 36.9 % of bytes / 28.7 % of weights',
      'F32 0.28 % of bytes / 0.04 % of weights',
    ]);
  });

  test('draws its bars in proportion', async () => {
    await open(SAMPLE);
    const widths = await page
      .locator('.mix-bar')
      .first()
      .locator('.segment')
      .evaluateAll((segments) => segments.map((segment) => segment.getBoundingClientRect().width));
    const sum = widths.reduce((a, b) => a + b);
    expect((widths[0] ?? 0) / sum).toBeCloseTo(0.628, 1);
    expect(widths[2]).toBeGreaterThanOrEqual(2);
  });

  test('cuts facts that do not fit whole, from the end', async () => {
    await open(SAMPLE, { width: 420 });
    const facts = await page.locator('.facts').boundingBox();
    expect(facts?.height).toBe(18); // the line below says what memory it fits
    const shown = await page.locator('.facts li').evaluateAll((items) => {
      const bottom = items[0]?.parentElement?.getBoundingClientRect().bottom ?? 0;
      return items
        .filter((item) => item.getBoundingClientRect().bottom <= bottom)
        .map((item) => item.textContent);
    });
    expect(shown.slice(0, 3)).toEqual(['llama', 'Q4_K_M', '5,245,184 parameters']);
    expect(shown.length).toBeLessThan(9);
  });

  test('shows names that are HTML or reverse the text as what they are', async () => {
    const inspector = await open(models.gguf('hostile.gguf', { metadata: RICH_METADATA }));
    await expect
      .poll(() => inspector.title.textContent())
      .toBe('<img src=x onerror=alert(1)> ⟨U+202E⟩gnp.exe');
    expectNoComplaints(page);
  });
});

describe('nothing jumps', () => {
  test.each([1400, 620])('the tabs stand in the skeleton where they stay, at %d px', async (width) => {
    const inspector = await open(SAMPLE, { width });
    const after = await inspector.tab('Metadata').boundingBox();
    // The page as it is drawn before the host has answered.
    await page.evaluate(() => sessionStorage.clear());
    await page.addInitScript(() => {
      const api = (window as unknown as { acquireVsCodeApi(): object }).acquireVsCodeApi();
      Object.assign(window, { acquireVsCodeApi: () => ({ ...api, postMessage: () => undefined }) });
    });
    await page.reload();
    const before = await inspector.tab('Metadata').boundingBox();
    expect([before?.x, before?.y]).toEqual([after?.x, after?.y]);
    expect(await page.locator('.reading').textContent()).toBe('Reading the header…');
  });
});

describe('the tabs', () => {
  test('are walked with arrows and tell their panels', async () => {
    const inspector = await open(SAMPLE);
    await inspector.tab('Layers').focus();
    await press('ArrowRight');
    await press('ArrowRight');
    await expect.poll(() => inspector.tab('Metadata').getAttribute('aria-selected')).toBe('true');
    expect(await inspector.panel('Metadata').isVisible()).toBe(true);
    await press('End');
    await expect.poll(() => inspector.panel('Problems').isVisible()).toBe(true);
    await press('ArrowRight');
    await expect.poll(() => inspector.panel('Layers').isVisible()).toBe(true);
  });

  test('keep the table as it was scrolled', async () => {
    const inspector = await open(SAMPLE, { height: 500 });
    await inspector.row('Layer 0').waitFor();
    const scrollTop = (): Promise<number> =>
      inspector.table.evaluate(
        (table) =>
          table.closest('[role=tabpanel]')?.querySelector('.scroller, [role=treegrid]')?.scrollTop ?? -1,
      );
    await inspector.table.hover();
    await page.mouse.wheel(0, 220);
    await expect.poll(scrollTop).toBe(220);
    await inspector.tab('Metadata').click();
    await inspector.tab('Layers').click();
    await expect.poll(scrollTop).toBe(220);
  });
});

describe('the menus', () => {
  test('run the commands of the extension', async () => {
    await open(SAMPLE);
    await page.getByRole('button', { name: 'Report' }).click();
    await press('ArrowDown', 'Enter');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Reopen as text' }).click();
    await expect.poll(() => hostOf(page).commands).toEqual(['exportReport', 'reopenAsText']);
  });

  test('close with Escape and give the focus back', async () => {
    await open(SAMPLE);
    const button = page.getByRole('button', { name: 'Report' });
    await button.focus();
    await press('ArrowDown');
    expect(await page.getByRole('menu').count()).toBe(1);
    await press('Escape');
    expect(await page.getByRole('menu').count()).toBe(0);
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});

describe('keys of the whole page', () => {
  test('/ and Ctrl+F go to the filter, Escape clears it', async () => {
    const inspector = await open(SAMPLE);
    await inspector.row('Layer 0').waitFor();
    await press('/');
    await expect
      .poll(() => inspector.filter.evaluate((input) => input === document.activeElement))
      .toBe(true);
    await page.keyboard.type('attn_q');
    await expect.poll(() => inspector.filterCount.textContent()).toContain('4 of 39');
    await inspector.tab('Layers').focus();
    await press('Escape');
    await expect.poll(() => inspector.filter.inputValue()).toBe('');
    await press('Control+f');
    await expect
      .poll(() => inspector.filter.evaluate((input) => input === document.activeElement))
      .toBe(true);
  });
});

describe('what the user made of the page', () => {
  test('is there again after a reload of the window', async () => {
    const inspector = await open(SAMPLE);
    await inspector.row('ffn_down').click();
    await page.keyboard.press('/');
    await page.keyboard.type('layer:0');
    await expect.poll(() => hostOf(page).savedState).toMatchObject({ filter: 'layer:0' });
    await page.reload();
    await expect.poll(() => inspector.filter.inputValue()).toBe('layer:0');
    await expect.poll(() => inspector.selectedRow.textContent()).toContain('ffn_down');
  });

  test('is there again when the host has it and VS Code has not', async () => {
    const inspector = await open(SAMPLE);
    await inspector.tab('Metadata').click();
    await expect.poll(() => hostOf(page).savedState).toMatchObject({ tab: 'metadata' });
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await expect.poll(() => inspector.panel('Metadata').isVisible()).toBe(true);
  });

  test('stays when the model is read again', async () => {
    const inspector = await open(SAMPLE);
    await inspector.row('Layer 0').waitFor();
    await press('/');
    await page.keyboard.type('type:q6_k');
    await expect.poll(() => inspector.filterCount.textContent()).toContain('of 39');
    hostOf(page).push('reload', null);
    await page.waitForTimeout(100);
    expect(await inspector.filter.inputValue()).toBe('type:q6_k');
    expect(await bits()).toBe('5.10');
  });
});

describe('the host', () => {
  test('makes the page show a tensor', async () => {
    const inspector = await open(SAMPLE);
    await inspector.tab('Metadata').click();
    hostOf(page).push('reveal', { name: 'blk.3.ffn_up.weight' });
    await expect.poll(() => inspector.selectedRow.textContent()).toContain('ffn_up');
  });

  test('tells of a file that changed, and the page offers to reload', async () => {
    const inspector = await open(SAMPLE);
    await expect.poll(bits).toBe('5.10');
    hostOf(page).push('fileChanged', { state: 'changed' });
    await expect.poll(() => inspector.banner.textContent()).toContain('The file changed on disk.');
    await inspector.banner.getByText('Reload').click();
    expect(hostOf(page).commands).toEqual(['reload']);
    hostOf(page).push('reload', null);
    await expect.poll(() => inspector.banner.count()).toBe(0);
  });

  test('tells of a file that is gone, and nothing can be reloaded', async () => {
    const inspector = await open(SAMPLE);
    await expect.poll(bits).toBe('5.10');
    hostOf(page).push('fileChanged', { state: 'gone' });
    await expect.poll(() => inspector.banner.textContent()).toContain('no longer on disk');
    expect(await inspector.banner.getByText('Reload').count()).toBe(0);
  });
});

test('60,000 tensors arrive page by page while the first are shown', async () => {
  const inspector = await open(models.gguf('many.gguf', withTensors(60_000)));
  await expect.poll(() => inspector.filterCount.textContent(), { timeout: 15_000 }).toBe('60,000 tensors');
  expectNoComplaints(page);
});

test('the moments of painting stand on the timeline and go to the host', async () => {
  await open(SAMPLE);
  const marks = () => page.evaluate(() => performance.getEntriesByType('mark').map(({ name }) => name));
  await expect.poll(marks).toEqual(['quantscope:first-content', 'quantscope:table-rows']);
});

test('in every theme axe finds nothing', async () => {
  const inspector = await open(SAMPLE);
  await inspector.row('Layer 0').waitFor();
  await page.getByRole('button', { name: 'Report' }).click();
  await expectAccessibleInThemes(page);
  await page.setViewportSize({ width: 620, height: 900 });
  await expectAccessibleInThemes(page);
  expectNoComplaints(page);
});

test('safetensors have the same page', async () => {
  const inspector = await open(SAFETENSORS_SAMPLE);
  await expect.poll(bits).toBe('11.20');
  expect(await inspector.facts.textContent()).toContain('FP8 128×128');
});
