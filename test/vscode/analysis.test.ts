// The analysis of all tensors in a real VS Code, as a person starts, stops and finds it again; and the panel of one tensor.
import { closeSync, copyFileSync, openSync, readFileSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEditor, type Editor } from '../support/editor.ts';
import { text, uint32, writeGguf } from '../support/ggufWriter.ts';
import { inspectorIn } from '../support/inspector.ts';
import type { Workbench } from '../support/workbench.ts';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  // On one thread, so that a long analysis is long on every machine.
  editor = await startEditor({ addModels, settings: { 'quantscope.analysis.threads': 1 } });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
afterEach((context) => editor.tidyUp(context));

const SAMPLE = 'sotu-5m-Q4_K_M.gguf';
/** Every test has a file of its own: results and what a page remembers belong to a file. */
const COPIES = ['button.gguf', 'palette.gguf', 'context.gguf', 'twice.gguf', 'panel.gguf'] as const;
/** Takes some seconds, so that there is a middle. */
const LARGE = 'large.gguf';
const LARGE_TENSORS = 64;

function addModels(folder: string): void {
  for (const copy of COPIES) copyFileSync(join(folder, SAMPLE), join(folder, copy));
  writeLarge(join(folder, LARGE), readFileSync(join(folder, SAMPLE)));
}

/** 600 MB of blocks of the sample. */
function writeLarge(path: string, sample: Buffer): void {
  const { header, fileSize } = writeGguf({
    metadata: [
      { key: 'general.architecture', value: text('llama') },
      { key: 'llama.block_count', value: uint32(LARGE_TENSORS) },
    ],
    tensors: Array.from({ length: LARGE_TENSORS }, (_, layer) => ({
      name: `blk.${layer}.ffn_down.weight`,
      dims: [4096, 4096],
      type: 12, // Q4_K
    })),
  });
  const blocks = sample.subarray(958_656, 958_656 + 589_824); // token_embd.weight, Q4_K
  const tensorBytes = (4096 * 4096 * 144) / 256;
  const tensor = Buffer.alloc(tensorBytes);
  for (let at = 0; at < tensorBytes; at += blocks.length) blocks.copy(tensor, at);
  const file = openSync(path, 'w');
  writeSync(file, header);
  const dataStart = fileSize - LARGE_TENSORS * tensorBytes;
  for (let index = 0; index < LARGE_TENSORS; index++)
    writeSync(file, tensor, 0, tensorBytes, dataStart + index * tensorBytes);
  closeSync(file);
}

const inspector = () => inspectorIn(workbench.webview());
const button = (name: 'Analyze' | 'Cancel' | 'Continue analysis') =>
  workbench.webview().getByRole('button', { name, exact: true });
const anyButton = () => workbench.webview().locator('.analyze');
const line = () => workbench.webview().locator('.analysis-text');
const told = () => workbench.webview().locator('.tab-strip [role=status]');
const column = (name: string) => workbench.webview().getByRole('columnheader', { name });
const DONE = 'Analysis done: 39 of 39 tensors analyzed.';
/** "12 of 64 tensors analyzed" → 12 */
const countDone = async (): Promise<number> => Number.parseInt(await line().innerText(), 10);

describe('all tensors of a model are analyzed', () => {
  it('by the button: the columns fill, and the map can be colored by what was found', async () => {
    await workbench.openFromExplorer('button.gguf');
    await button('Analyze').click();
    await expect.poll(() => told().textContent()).toBe(DONE);
    await column('Kurtosis').waitFor();
    expect(await anyButton().count()).toBe(0);
    await workbench.webview().getByRole('combobox').first().selectOption('outlier share');
    await workbench.webview().getByRole('grid', { name: 'Outlier share by layer and role' }).waitFor();
    await workbench.webview().getByRole('heading', { name: 'Outliers' }).waitFor();
  });

  it('by the palette', async () => {
    await workbench.openFromExplorer('palette.gguf');
    await button('Analyze').waitFor();
    for (const _time of ['first', 'again']) {
      await workbench.command('Quantscope: Analyze All Tensors');
      await expect.poll(() => told().textContent()).toBe(DONE);
      await workbench.statusItem('39 tensors analyzed').waitFor();
      await workbench.statusItem('39 tensors analyzed').waitFor({ state: 'detached' });
    }
  });

  it('by the menu of a file that is not open yet', async () => {
    await workbench.page
      .locator('.explorer-folders-view .monaco-list-row', { hasText: 'context.gguf' })
      .click({ button: 'right' });
    await workbench.page.getByRole('menuitem', { name: 'Analyze All Tensors' }).hover();
    await workbench.page.keyboard.press('Enter'); // a click right after the menu came is taken for the one that opened it
    await column('Kurtosis').waitFor();
    await expect.poll(() => anyButton().count()).toBe(0);
  });

  it('in two editors of one file at once', async () => {
    await workbench.openFromExplorer('twice.gguf');
    await button('Analyze').waitFor();
    await workbench.command('View: Split Editor');
    const pages = workbench.page.locator('iframe.webview.ready:visible');
    await expect.poll(() => pages.count()).toBe(2);
    const page = (index: number) => pages.nth(index).contentFrame().frameLocator('iframe#active-frame');
    await page(1).getByRole('button', { name: 'Analyze', exact: true }).click();
    for (const index of [0, 1])
      await expect.poll(() => page(index).locator('.tab-strip [role=status]').textContent()).toBe(DONE);
  });

  it('but for those whose data is cut off, which is said', async () => {
    await workbench.openFromExplorer('download-interrupted.gguf');
    await button('Analyze').click();
    await expect.poll(() => line().innerText()).toMatch(/^\d+ tensors have no numbers: data cut off/);
    await column('Kurtosis').waitFor();
  });
});

describe('a long analysis', () => {
  it('is told by notification and status bar, cancelled, survives a reload of the window, and goes on', async () => {
    await workbench.openFromExplorer(LARGE);
    await button('Analyze').click();
    await workbench.statusItem(/Analyzing \d+ of 64 tensors/).waitFor();
    await workbench.notification(`Analyzing ${LARGE}`).waitFor();
    await expect.poll(() => line().innerText()).toMatch(/Analyzing [1-9]\d* of 64 tensors/);
    await button('Cancel').click();
    await button('Continue analysis').waitFor();
    await workbench.notification(`Analyzing ${LARGE}`).waitFor({ state: 'hidden' });
    await expect.poll(() => workbench.statusItem(/Analyzing/).count()).toBe(0);
    const done = await countDone();
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(LARGE_TENSORS);

    await workbench.reload();
    await button('Continue analysis').waitFor();
    expect(await countDone()).toBe(done);
    await column('Kurtosis').waitFor();

    await button('Continue analysis').click();
    await button('Cancel').waitFor();
    await workbench.openFromExplorer('panel.gguf'); // the page is thrown away while it is hidden
    await expect.poll(() => inspector().title.textContent()).toBe('SOTU-5M');
    await workbench.tab(LARGE).click();
    await column('Kurtosis').waitFor();
    await expect.poll(() => anyButton().count(), { timeout: 30_000 }).toBe(0);
    await workbench.reload();
    await column('Kurtosis').waitFor();
    expect(await anyButton().count()).toBe(0);
  });

  it('fails in words when the file changes under it, and begins anew with the new file', async () => {
    const path = join(editor.folder, LARGE);
    utimesSync(path, new Date(), new Date()); // what was found before is of another file now
    await workbench.openFromExplorer(LARGE);
    await button('Analyze').click();
    await expect.poll(() => line().innerText()).toMatch(/Analyzing [1-9]\d* of 64 tensors/);
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    const { banner } = inspector();
    await expect.poll(() => banner.innerText()).toMatch(/The file changed .*analyze again/);
    expect(await column('Kurtosis').count()).toBe(0);
    await banner.getByRole('button', { name: 'Reload' }).click();
    await button('Analyze').waitFor();
    await expect.poll(() => banner.count()).toBe(0);

    await button('Analyze').click();
    await expect.poll(() => line().innerText()).toMatch(/Analyzing [1-9]\d* of 64 tensors/);
    await workbench.command('Quantscope: Cancel Analysis');
    await button('Continue analysis').waitFor();
  });

  it('ends when the last editor of its model is closed, and keeps what it has', async () => {
    await workbench.openFromExplorer(LARGE);
    await anyButton().click();
    await expect.poll(() => line().innerText()).toMatch(/Analyzing [1-9]\d* of 64 tensors/);
    await workbench.command('View: Close All Editors');
    await expect.poll(() => workbench.statusItem(/Analyzing/).count()).toBe(0);
    await workbench.openFromExplorer(LARGE);
    await button('Continue analysis').waitFor();
    expect(await countDone()).toBeGreaterThan(0);
  });
});

describe('the panel of a tensor', () => {
  it('opens by Enter with statistics over its weights, takes a block apart, and closes by Escape', async () => {
    await workbench.openFromExplorer('panel.gguf');
    await inspector().filter.fill('blk.0.ffn_down');
    await inspector().row('ffn_down.weight').click();
    // VS Code moves the focus into an editor that was just opened, and to the page in it, a little later.
    const hasKeyboard = () =>
      inspector().table.evaluate((table) => table === document.activeElement && document.hasFocus());
    await expect.poll(hasKeyboard).toBe(true);
    await workbench.page.keyboard.press('Enter');
    const panel = workbench.webview().getByRole('region', { name: 'Tensor', exact: true });
    await expect.poll(() => panel.textContent()).toContain('764 beyond 3σ (0.39 %');
    await panel.getByRole('tab', { name: 'Blocks' }).click();
    await expect.poll(() => panel.textContent()).toContain('144 bytes at offset');
    await workbench.page.keyboard.press('Escape');
    await expect.poll(() => panel.count()).toBe(0);
  });
});
