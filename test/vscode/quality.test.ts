// Measuring in a real VS Code, as a person asks for it: by questions, with a page, cancelled, compared, and when the engine dies.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enginesOf, startEditor, type Editor } from '../support/editor.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import type { Workbench } from '../support/workbench.ts';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  // On the processor with one thread: other tests of the machine shall not be in the way, and there is a middle to cancel in.
  const settings = { 'quantscope.engine.device': 'off', 'quantscope.engine.threads': 1 };
  editor = await startEditor({ addModels, settings });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
afterEach((context) => editor.tidyUp(context));

/** Every test has a model of its own: its history is found by its path. */
const COPIES = [
  'palette.gguf',
  'cancelled.gguf',
  'compared.gguf',
  'killed.gguf',
  'hidden.gguf',
  'selected.gguf',
  'device.gguf',
] as const;
const NOTES = 'notes.txt';
const TEXT = new URL('../../media/texts/english.txt', import.meta.url);
/** llama.cpp has an assertion against so many layers, which ends its process. */
const ASSERTING = 'asserting.gguf';
const BASE = 'sotu-5m-F16.gguf';

function addModels(folder: string): void {
  const sample = join(folder, 'sotu-5m-Q4_K_M.gguf');
  for (const copy of COPIES) copyFileSync(sample, join(folder, copy));
  const bytes = readFileSync(sample);
  const key = 'llama.block_count';
  bytes.writeUInt32LE(100_000, bytes.indexOf(key) + key.length + 4); // behind the type of the value
  writeFileSync(join(folder, ASSERTING), bytes);
  writeFileSync(join(folder, NOTES), readFileSync(TEXT, 'utf8').slice(1000, 9000));
}

const page = () => workbench.webview();
const button = (name: string) => page().getByRole('button', { name, exact: true });
/** One for each measurement; beside them the table has one for each group of them. */
const rows = () =>
  page()
    .getByRole('table', { name: 'Measurements' })
    .getByRole('row')
    .filter({ hasText: /\d ± \d/ });
const line = () => page().getByRole('status').first();
const SCORE = /\d+\.\d\d ± \d+\.\d\d/;

/** Answers the questions, each by the beginning of a line of its list. */
async function answer(...lines: readonly string[]): Promise<void> {
  for (const [at, text] of lines.entries()) {
    await workbench.page.locator('.quick-input-title', { hasText: `(${at + 1}/3)` }).waitFor();
    await workbench.quickPicks().filter({ hasText: text }).first().click();
  }
}

async function measure(file: string, ...lines: readonly string[]): Promise<void> {
  await workbench.openFromExplorer(file);
  await page().getByRole('heading', { level: 1 }).waitFor();
  await workbench.command('Quantscope: Measure Perplexity…');
  await answer(...lines);
  await workbench.tab(`Quality: ${file}`).waitFor();
}

async function measureByMenu(file: string, ...lines: readonly string[]): Promise<void> {
  const { page: window } = workbench;
  await window
    .locator('.explorer-folders-view .monaco-list-row', { hasText: file })
    .click({ button: 'right' });
  await window.getByRole('menuitem', { name: 'Measure Perplexity…' }).hover();
  await window.keyboard.press('Enter'); // a click right after the menu came is taken for the one that opened it
  await answer(...lines);
  await workbench.tab(`Quality: ${file}`).waitFor();
}

describe.skipIf(ENGINE_MISSING !== null)('Measure Perplexity…', () => {
  it('asks for text, length and base model, and shows the figure on a page that is back after a reload', async () => {
    await measure('palette.gguf', 'English', 'Quick', 'None');
    await expect.poll(() => rows().count(), { timeout: 60_000 }).toBeGreaterThan(0);
    await expect.poll(() => rows().first().innerText()).toMatch(SCORE);
    await workbench.notification(/SOTU-5M Q4_K_M: perplexity \d+\.\d\d ± \d+\.\d\d/).waitFor();
    const text = await rows().first().innerText();
    await expect.poll(() => page().locator('body').innerText()).toContain('trained on no longer ones');
    await workbench.reload();
    await expect.poll(() => rows().first().innerText(), { timeout: 30_000 }).toBe(text);
  });

  it('goes back to the question before, and remembers the answers', async () => {
    await workbench.openFromExplorer('palette.gguf');
    await page().getByRole('heading', { level: 1 }).waitFor();
    await workbench.command('Quantscope: Measure Perplexity…');
    await answer('Code', 'Standard');
    const title = (step: number) => workbench.page.locator('.quick-input-title', { hasText: `(${step}/3)` });
    await title(3).waitFor();
    await expect
      .poll(() => workbench.quickPicks().allInnerTexts())
      .toContainEqual(expect.stringContaining('SOTU-5M F16'));
    const back = workbench.page.getByRole('button', { name: /^Back/ });
    await back.click();
    await title(2).waitFor();
    await expect
      .poll(() => workbench.page.locator('.quick-input-list .monaco-list-row.focused').innerText())
      .toContain('Standard');
    await back.click();
    await title(1).waitFor();
    await expect
      .poll(() => workbench.page.locator('.quick-input-list .monaco-list-row.focused').innerText())
      .toContain('Code');
    await workbench.page.keyboard.press('Escape');
    expect(await workbench.tab('Quality: palette.gguf').count()).toBe(0);
  });

  it('is there for a model in the explorer, and compares with a base', async () => {
    await measureByMenu('compared.gguf', 'English', 'Quick', 'SOTU-5M F16');
    await expect.poll(() => rows().first().innerText(), { timeout: 60_000 }).toMatch(/[+−]\d+\.\d+ ± /);
    await workbench.notification(/against F16/).waitFor();
    await page().getByRole('region', { name: 'Perplexity against bits per weight' }).waitFor();
    await page().getByRole('region', { name: 'Damaged text' }).waitFor();
    await expect
      .poll(() => page().getByRole('table', { name: 'Worst tokens' }).locator('tbody tr').count())
      .toBeGreaterThan(5);
  });

  it('reads what is selected in a text editor', async () => {
    const { page: window } = workbench;
    await workbench.openFromExplorer(NOTES);
    await window.locator('.monaco-editor .view-line').first().click();
    await window.keyboard.press('Control+a');
    await measureByMenu('selected.gguf', `Selection of ${NOTES}`, 'Quick', 'None');
    await expect.poll(() => rows().count(), { timeout: 60_000 }).toBeGreaterThan(0);
    const table = page().getByRole('table', { name: 'Measurements' });
    await expect.poll(() => table.innerText()).toContain(`selection of ${NOTES}`);
  });

  it('computes where the user says', async () => {
    await measure('device.gguf', 'English', 'Quick', 'None');
    await expect.poll(() => rows().count(), { timeout: 60_000 }).toBeGreaterThan(0);
    const device = page().getByRole('button', { name: /^Device \w/ });
    await expect.poll(() => device.innerText()).toContain('CPU, 1 thread');
    await workbench.command('Quantscope: Select Compute Device…');
    await workbench.quickPicks().filter({ hasText: 'Threads…' }).click();
    // The box for the number takes the place of the list.
    await expect.poll(() => workbench.quickInput().inputValue()).toBe('1');
    await workbench.quickInput().fill('2');
    await workbench.page.keyboard.press('Enter');
    await expect.poll(() => device.innerText()).toContain('CPU, 2 threads');
  });

  it('is cancelled in the middle', async () => {
    await measure('cancelled.gguf', 'English', 'Full', 'None');
    await expect.poll(() => line().innerText(), { timeout: 30_000 }).toMatch(/Chunk [2-9]/);
    await button('Cancel').click();
    await button('Measure').waitFor();
    expect(await rows().count()).toBe(0);
    await expect.poll(() => enginesOf(editor)).toEqual([]);
  });

  it('goes on behind another editor, with a notification that leads back to it', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await measure('hidden.gguf', 'English', 'Standard', BASE);
    await expect.poll(() => line().innerText(), { timeout: 30_000 }).toMatch(/Chunk [1-9]/);
    await workbench.openFromExplorer(BASE);
    await workbench.notification('Measuring hidden.gguf').waitFor();
    await workbench.notification(/SOTU-5M Q4_K_M: perplexity/).waitFor({ timeout: 150_000 });
    await workbench.notification('Measuring hidden.gguf').waitFor({ state: 'hidden' });
    await workbench
      .notification(/SOTU-5M Q4_K_M: perplexity/)
      .getByRole('button', { name: 'Show' })
      .click();
    await expect.poll(() => rows().first().innerText()).toMatch(SCORE);
  }, 200_000); // seconds, but minutes on a machine with much else to do

  it('says so when the engine is killed, and the window lives', async () => {
    await measure('killed.gguf', 'English', 'Full', 'None');
    await expect.poll(() => line().innerText(), { timeout: 30_000 }).toMatch(/Chunk [2-9]/);
    const running = enginesOf(editor);
    expect(running.length).toBe(1);
    for (const pid of running) process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => page().getByRole('alert').first().innerText())
      .toContain('The engine stopped (SIGKILL)');
    await button('Measure').click();
    await expect.poll(() => line().innerText(), { timeout: 30_000 }).toMatch(/Chunk [1-9]/);
    await button('Cancel').click();
    await button('Measure').waitFor();
  });

  it('says what llama.cpp said when a model makes it end, and the window lives', async () => {
    await measure(ASSERTING, 'English', 'Quick', 'None');
    const alert = page().getByRole('alert').first();
    await expect
      .poll(() => alert.innerText(), { timeout: 30_000 })
      .toMatch(/The engine stopped \(SIGABRT\): .*GGML_ASSERT/);
    await button('Measure').waitFor();
    await workbench.openFromExplorer('palette.gguf');
    await page().getByRole('heading', { level: 1 }).waitFor();
  });
});
