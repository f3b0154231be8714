// Importance matrices in a real VS Code: made by questions, cancelled, gone on with, opened; and files of others.
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enginesOf, startEditor, type Editor } from '../support/editor.ts';
import { ENGINE_MISSING, sample } from '../support/engine.ts';
import { writeLegacyImatrix } from '../support/imatrixFiles.ts';
import { inspectorIn } from '../support/inspector.ts';
import type { Workbench } from '../support/workbench.ts';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  // On the processor with one thread: other tests of the machine shall not be in the way, and there is a middle to cancel in.
  const settings = { 'quantscope.engine.device': 'off', 'quantscope.engine.threads': 1 };
  editor = await startEditor({ addModels, settings });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
afterEach((context) => editor.tidyUp(context));

const MODEL = 'calibrated.gguf';
const MADE = 'calibrated.imatrix.gguf';

function addModels(folder: string): void {
  copyFileSync(sample('sotu-5m-F16.gguf'), join(folder, MODEL));
  copyFileSync(sample('sotu-5m.imatrix.gguf'), join(folder, 'of-others.gguf'));
  const values = Array.from({ length: 64 }, (_item, column) => (column === 7 ? 900 : 3));
  for (const name of ['old.imatrix', 'old.dat'])
    writeLegacyImatrix(join(folder, name), [{ name: 'blk.0.attn_q.weight', chunks: 3, values }]);
}

const page = () => workbench.webview();
const step = (number: number) => workbench.page.locator('.quick-input-title', { hasText: `(${number}/3)` });
const progress = () => workbench.notification(`Importance matrix of ${MODEL}`);
const dialogButton = (text: string, name: string | RegExp) =>
  workbench.page.locator('.monaco-dialog-box', { hasText: text }).getByRole('button', { name });
const tensorRows = () => page().getByRole('grid', { name: 'Tensors' }).getByRole('row');

/** Answers the questions, each by the beginning of a line of its list. */
async function answer(...lines: readonly string[]): Promise<void> {
  for (const [at, text] of lines.entries()) {
    await step(at + 1).waitFor();
    await workbench.quickPicks().filter({ hasText: text }).first().click();
  }
}

async function make(...lines: readonly string[]): Promise<void> {
  await workbench.openFromExplorer(MODEL);
  await page().getByRole('heading', { level: 1 }).waitFor();
  await workbench.command('Quantscope: Make Importance Matrix…');
  await answer(...lines);
}

describe.skipIf(ENGINE_MISSING !== null)('Make Importance Matrix…', () => {
  it('is cancelled in the middle, and leaves nothing beside the model', async () => {
    const before = readdirSync(editor.folder).sort();
    await make('speeches', 'Full', MADE);
    await expect
      .poll(() => progress().innerText(), { timeout: 60_000 })
      .toMatch(/(1[6-9]|[2-9]\d) of \d+ chunks · [\d,]+ tokens\/s · .* left/);
    await progress().getByRole('button', { name: 'Cancel' }).click();
    await workbench
      .notification(/was cancelled\. \d+ of \d+ chunks are kept/)
      .getByRole('button', { name: 'Go On' })
      .waitFor();
    expect(readdirSync(editor.folder).sort()).toEqual(before);
  });

  it('goes on where it was, and opens what it made', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await make('speeches', 'Full', MADE);
    await dialogButton('did not come to its end', /^Go on from Chunk \d+ of \d+$/).click();
    const done = workbench.notification(
      /calibrated\.imatrix\.gguf: importance of 28 tensors from \d+ chunks, the first \d+ of an earlier run/,
    );
    await done.waitFor({ timeout: 60_000 });
    expect(existsSync(join(editor.folder, MADE))).toBe(true);
    await done.getByRole('button', { name: 'Re-quantize…' }).waitFor();
    await done.getByRole('button', { name: 'Open' }).click();
    await expect.poll(() => page().getByRole('heading', { level: 1 }).innerText()).toBe(MADE);
    await expect.poll(() => tensorRows().count()).toBe(29);
    await tensorRows().nth(1).click();
    await page().getByRole('region', { name: 'Channels', exact: true }).waitFor();
    await page().getByRole('table', { name: 'Strongest channels' }).waitFor();
    await expect.poll(() => page().locator('body').innerText()).toContain('quantscope/english.txt');
  });

  it('replaces one that is there after a question, and makes the same in one run', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    const first = readFileSync(join(editor.folder, MADE));
    await make('speeches', 'Full', MADE);
    await dialogButton('is there already. Replace it?', 'Replace').click();
    await workbench.notification(/importance of 28 tensors from \d+ chunks, in/).waitFor({ timeout: 80_000 });
    expect(readFileSync(join(editor.folder, MADE)).equals(first)).toBe(true);
  });

  it('says so when the engine is killed, and goes on from there', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await make('speeches', 'Full', MADE);
    await dialogButton('is there already. Replace it?', 'Replace').click();
    const isUnderWay = /(1[6-9]|[2-9]\d) of \d+ chunks/;
    await expect.poll(() => progress().innerText(), { timeout: 60_000 }).toMatch(isUnderWay);
    const before = readFileSync(join(editor.folder, MADE));
    const running = enginesOf(editor);
    expect(running.length).toBe(1);
    for (const pid of running) process.kill(pid, 'SIGKILL');
    const failed = workbench.notification(/The engine stopped \(SIGKILL\).* \d+ of \d+ chunks are kept/);
    await failed.getByRole('button', { name: 'Go On' }).click();
    await expect.poll(() => progress().innerText(), { timeout: 60_000 }).toMatch(isUnderWay);
    await progress().getByRole('button', { name: 'Cancel' }).click();
    await workbench.notification('was cancelled').waitFor();
    await expect.poll(() => enginesOf(editor)).toEqual([]);
    expect(readFileSync(join(editor.folder, MADE)).equals(before)).toBe(true);
  });

  it('is ended by a reload of the window, which is told afterwards', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    const before = readdirSync(editor.folder).sort();
    await make('speeches', 'Full', MADE);
    await dialogButton('is there already. Replace it?', 'Replace').click();
    await dialogButton('did not come to its end', 'Start Over').click();
    await expect.poll(() => progress().innerText(), { timeout: 60_000 }).toMatch(/\d of \d+ chunks/);
    await workbench.reload();
    await workbench
      .notification(`${MADE} was not finished`)
      .getByRole('button', { name: 'Make Importance Matrix…' })
      .waitFor({ timeout: 60_000 });
    await expect.poll(() => readdirSync(editor.folder).sort()).toEqual(before);
    await page().getByRole('heading', { level: 1 }).waitFor();
  });

  it('is in the menu of the explorer, and tells why a model without vocabulary cannot be read', async () => {
    const { page: window } = workbench;
    await window
      .locator('.explorer-folders-view .monaco-list-row', { hasText: 'of-others.gguf' })
      .click({ button: 'right' });
    await window.getByRole('menuitem', { name: 'Make Importance Matrix…' }).hover();
    await window.keyboard.press('Enter'); // a click right after the menu came is taken for the one that opened it
    await workbench.notification('it has no vocabulary').waitFor();
  });
});

describe('an importance matrix in an editor', () => {
  it('is recognized by its header, and shows its tensors on request', async () => {
    await workbench.openFromExplorer('of-others.gguf');
    await expect
      .poll(() => page().locator('.facts').first().innerText(), { timeout: 30_000 })
      .toContain('100 chunks of 256 tokens');
    await page().getByRole('tab', { name: 'Depth' }).click();
    await page().getByRole('region', { name: 'ffn_down', exact: true }).waitFor();
    await page().getByRole('button', { name: 'More actions' }).click();
    await page().getByRole('menuitem', { name: 'Show Tensors and Metadata' }).click();
    const { filterCount } = inspectorIn(page());
    await expect.poll(() => filterCount.textContent(), { timeout: 30_000 }).toBe('56 tensors');
  });

  it('of the old format opens by its ending', async () => {
    await workbench.openFromExplorer('old.imatrix');
    await expect
      .poll(() => page().locator('.facts').first().innerText(), { timeout: 30_000 })
      .toContain('old format');
    await expect.poll(() => tensorRows().last().innerText()).toContain('blk.0.attn_q');
  });

  it('of the old format called .dat opens on request', async () => {
    await workbench.openFromExplorer('old.dat');
    await workbench.page.getByText('Open Anyway').waitFor(); // only then there is an editor that can be another
    await workbench.command('View: Reopen Editor With...');
    await workbench.quickPicks().filter({ hasText: 'Quantscope Importance Matrix' }).first().click();
    await expect.poll(() => tensorRows().last().innerText(), { timeout: 30_000 }).toContain('blk.0.attn_q');
  });
});
