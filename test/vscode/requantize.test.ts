// Re-quantizing in a real VS Code, as a person does it: plan it, change it on the map, write it, go on with the result.
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEditor, type Editor } from '../support/editor.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import { inspectorIn } from '../support/inspector.ts';
import type { Workbench } from '../support/workbench.ts';
import { writeZeroModel } from '../support/zeroModel.ts';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  // On the processor: other tests of the machine shall not be in the way.
  editor = await startEditor({ addModels, settings: { 'quantscope.engine.device': 'off' } });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
beforeEach(async () => {
  if (ENGINE_MISSING === null) await workbench.command('Notifications: Clear All Notifications');
});
afterEach((context) => editor?.tidyUp(context));

/** Every test has a source of its own: what is written beside it, is its. */
const COPIES = ['chain', 'reloaded'] as const;
/** Large enough to be met at work on any machine. */
const LARGE = 'zeros-F16.gguf';
const ENDED = 'ended-F16.gguf';

function addModels(folder: string): void {
  for (const name of COPIES) copyFileSync(join(folder, 'sotu-5m-F16.gguf'), join(folder, `${name}-F16.gguf`));
  for (const name of [LARGE, ENDED]) writeZeroModel(join(folder, name));
}

const page = () => workbench.webview();
const button = (name: string | RegExp) => page().getByRole('button', { name, exact: true });
const map = () => page().getByRole('grid', { name: 'Planned bit width' });
const row = (...texts: readonly string[]) =>
  texts.reduce(
    (rows, text) => rows.filter({ hasText: text }),
    page().getByRole('treegrid', { name: 'Planned tensors' }).getByRole('row'),
  );
const pathOf = (fileName: string): string => join(editor.folder, fileName);

/** Opens the page of a model from its inspector, and waits until its plan stands. */
async function plan(fileName: string): Promise<void> {
  await workbench.openFromExplorer(fileName);
  await button('Re-quantize…').click();
  await workbench.tab(`Re-quantize: ${fileName}`).waitFor();
  await row('ffn_down.weight', 'Q6_K').first().waitFor({ timeout: 30_000 });
}

/** Selects attn_q of the first two layers on the map, and gives them a type. */
async function override(type: string): Promise<void> {
  await map().focus();
  for (const key of ['ArrowRight', 'ArrowDown', 'Shift+ArrowRight']) await workbench.page.keyboard.press(key);
  await page()
    .getByRole('toolbar', { name: 'Type of the selection' })
    .getByRole('button', { name: type, exact: false })
    .first()
    .click();
  await expect.poll(() => row('attn_q.weight', type, 'Your override').count()).toBe(2);
}

async function chooseTarget(name: string): Promise<void> {
  await page().getByRole('combobox', { name: 'Target' }).click();
  await page().getByRole('option', { name }).first().click();
}

describe.skipIf(ENGINE_MISSING !== null)('Re-quantize…', () => {
  it('plans, changes two tensors on the map, writes, opens the result and measures its perplexity', async () => {
    await plan('chain-F16.gguf');
    await override('Q8_0');
    const dryRun = () => page().locator('body').innerText();
    await expect.poll(dryRun).toMatch(/39 tensors · 2 overrides/);
    await expect.poll(dryRun).toMatch(/Overrides add\s+\+65\.54 kB/);
    expect(existsSync(pathOf('chain-Q4_K_M.gguf'))).toBe(false);

    await button('Quantize').click();
    const result = page().getByRole('region', { name: 'Result' });
    await result.waitFor({ timeout: 60_000 });
    expect(await result.innerText()).toMatch(/chain-Q4_K_M\.gguf[^]*3\.51 MB[^]*5\.20 bits per weight/);
    await result.getByRole('button', { name: 'Open' }).click();
    await workbench.tab('chain-Q4_K_M.gguf').waitFor();
    const inspector = inspectorIn(page());
    await expect.poll(() => inspector.filterCount.textContent()).toBe('39 tensors');
    await inspector.filter.fill('type:q8_0');
    await expect.poll(() => inspector.filterCount.textContent()).toMatch(/^2 of 39/);
    await inspector.row('attn_q').waitFor();

    await workbench.tab('Re-quantize: chain-F16.gguf').click();
    await result.getByRole('button', { name: 'Measure Perplexity' }).click();
    await workbench.tab('Quality: chain-Q4_K_M.gguf').waitFor();
    const measurements = page().getByRole('table', { name: 'Measurements' });
    await expect.poll(() => measurements.innerText(), { timeout: 60_000 }).toMatch(/\d+\.\d\d ± \d+\.\d\d/);
  });

  it('compares the result with its source', async () => {
    await workbench.openFromExplorer('chain-F16.gguf');
    await workbench.command('Quantscope: Re-quantize…');
    const compare = page().getByRole('region', { name: 'Result' }).getByRole('button', { name: 'Compare…' });
    await compare.click({ timeout: 30_000 });
    await workbench.tab('Quality: chain-Q4_K_M.gguf').waitFor();
    const measurements = page().getByRole('table', { name: 'Measurements' });
    await expect.poll(() => measurements.innerText(), { timeout: 60_000 }).toMatch(/[+−]\d+\.\d+ ± /);
  });

  it('goes on when its page is closed, and tells when it is done', async () => {
    await plan(LARGE);
    await button('Quantize').click();
    await button('Cancel').waitFor();
    await workbench.command('View: Close All Editors');
    const notice = workbench.notification('zeros-Q4_K_M.gguf');
    await notice.getByRole('button', { name: 'Open' }).click({ timeout: 60_000 });
    await workbench.tab('zeros-Q4_K_M.gguf').waitFor();
    await expect.poll(() => inspectorIn(page()).filterCount.textContent()).toBe('111 tensors');
  });

  it('is cancelled on its page or by its notification, and leaves nothing behind', async () => {
    const written = () => readdirSync(editor.folder).filter((name) => /^zeros-IQ3_S/.test(name));
    await plan(LARGE);
    await chooseTarget('IQ3_S');
    await row('ffn_down.weight', 'IQ3_S').first().waitFor({ timeout: 30_000 });
    await button('Quantize').click();
    await workbench.statusItem(/Quantizing \d+ %/).waitFor();
    await expect.poll(written).toEqual(['zeros-IQ3_S.gguf.part']);
    await button('Cancel').click();
    await button('Quantize').waitFor({ timeout: 30_000 });
    await expect.poll(written).toEqual([]);

    await button('Quantize').click();
    await button('Cancel').waitFor();
    await workbench.openFromExplorer('chain-F16.gguf');
    const notice = workbench.notification(`Quantizing ${LARGE}`);
    await notice.getByRole('button', { name: 'Cancel' }).click({ timeout: 30_000 });
    await workbench.statusItem(/Quantizing/).waitFor({ state: 'hidden' });
    await expect.poll(written).toEqual([]);
  });

  it('is ended by a reload of the window, which is told afterwards', async () => {
    const written = () => readdirSync(editor.folder).filter((name) => /^ended-IQ3_S/.test(name));
    await plan(ENDED);
    await chooseTarget('IQ3_S');
    await row('ffn_down.weight', 'IQ3_S').first().waitFor({ timeout: 30_000 });
    await button('Quantize').click();
    await expect.poll(written).toEqual(['ended-IQ3_S.gguf.part']);
    await workbench.reload();
    const notice = workbench.notification('ended-IQ3_S.gguf was not finished');
    await notice.getByRole('button', { name: 'Show the Plan' }).click({ timeout: 60_000 });
    await row('ffn_down.weight', 'IQ3_S').first().waitFor({ timeout: 30_000 });
    await expect.poll(written).toEqual([]);
  });

  it('is back with its choices after a reload of the window', async () => {
    await plan('reloaded-F16.gguf');
    await override('F16');
    await workbench.reload();
    await expect
      .poll(() => row('attn_q.weight', 'F16', 'Your override').count(), { timeout: 60_000 })
      .toBe(2);
  });

  it('says of safetensors that they are converted first', async () => {
    await workbench.quickOpen('sotu-5m-fp8/model.safetensors');
    await workbench.command('Quantscope: Re-quantize…');
    await workbench.tab('Re-quantize: model.safetensors').waitFor();
    await expect
      .poll(() => page().locator('body').innerText(), { timeout: 30_000 })
      .toContain('must be converted first');
  });
});
