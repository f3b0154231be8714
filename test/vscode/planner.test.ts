// Planning memory in a real VS Code, as a person asks for it: from the header of a model, the palette and the explorer.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEditor, type Editor } from '../support/editor.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import type { Workbench } from '../support/workbench.ts';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  // On the processor: a machine with a GPU shall answer as one without.
  const settings = {
    'quantscope.engine.device': 'off',
    'quantscope.planner.devices': [{ name: 'Two cards', memoryGiB: 48, bandwidthGBs: 936 }],
  };
  editor = await startEditor({ settings });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
afterEach((context) => editor.tidyUp(context));

const MODEL = 'sotu-5m-Q4_K_M.gguf';
const page = () => workbench.webview();
const verdict = () => page().locator('.verdict');
const device = () => page().getByRole('combobox', { name: 'Device' });
const clipboard = (): Promise<string> => workbench.page.evaluate(() => navigator.clipboard.readText());

async function openPlanner(): Promise<void> {
  await workbench.openFromExplorer(MODEL);
  await page().getByRole('button', { name: 'Plan memory…' }).click();
  await workbench.tab(`Memory: ${MODEL}`).waitFor();
  await verdict().waitFor();
}

describe('Plan Memory…', () => {
  it('is led to by the header’s verdict, follows the slider, and gives the settings to copy', async () => {
    await workbench.openFromExplorer(MODEL);
    await expect.poll(() => page().locator('.memory').innerText()).toContain('Fits 4 GB with 256 context');
    await page().getByRole('button', { name: 'Plan memory…' }).click();
    await workbench.tab(`Memory: ${MODEL}`).waitFor();
    await expect.poll(() => verdict().innerText()).toBe('Fits 4 GB with 256 context, f16 KV');
    await page().getByRole('slider', { name: 'Context', exact: true }).focus();
    for (let step = 0; step < 3; step++) await workbench.page.keyboard.press('ArrowRight');
    await expect.poll(() => verdict().innerText()).toBe('Fits 4 GB with 1,536 context, f16 KV');
    await device().selectOption('GeForce RTX 4090');
    await expect.poll(() => verdict().innerText()).toBe('Fits 24 GB with 1,536 context, f16 KV');
    await page().getByRole('button', { name: 'Copy llama-server command' }).click();
    await workbench.statusItem('Copied').waitFor();
    expect(await clipboard()).toBe(`llama-server -m ${editor.folder}/${MODEL} -c 1536 -np 1 -ngl 5 -fa on`);
  });

  it('is there in the palette and in the explorer, once for each model', async () => {
    await workbench.openFromExplorer(MODEL);
    await page().getByRole('heading', { level: 1 }).waitFor();
    await workbench.command('Quantscope: Plan Memory…');
    await workbench.tab(`Memory: ${MODEL}`).waitFor();
    await verdict().waitFor();
    const { page: window } = workbench;
    await window
      .locator('.explorer-folders-view .monaco-list-row', { hasText: MODEL })
      .first()
      .click({ button: 'right' });
    await window.getByRole('menuitem', { name: 'Plan Memory…' }).hover();
    await window.keyboard.press('Enter'); // a click right after the menu came is taken for the one that opened it
    await verdict().waitFor();
    expect(await workbench.tab(`Memory: ${MODEL}`).count()).toBe(1);
    await page().getByRole('button', { name: 'Layers', exact: true }).click();
    await page().locator('.memory').waitFor();
  });

  it('makes a device of the settings the one of the headers', async () => {
    await openPlanner();
    await device().selectOption('Two cards');
    await expect.poll(() => verdict().innerText()).toContain('Fits 48 GB');
    await page().getByRole('button', { name: 'Use in the headers of models' }).click();
    await page().getByRole('button', { name: 'Undo' }).waitFor();
    await page().getByRole('button', { name: 'Layers', exact: true }).click();
    await expect.poll(() => page().locator('.memory').innerText()).toContain('Fits 48 GB with 256 context');
    await page().getByRole('button', { name: 'Plan memory…' }).click();
    await page().getByRole('button', { name: 'Undo' }).click();
    await page().getByRole('button', { name: 'Use in the headers of models' }).waitFor();
  });

  it('is back after a reload of the window, as it was', async () => {
    await openPlanner();
    await device().selectOption('L40S');
    await page().getByRole('slider', { name: 'Context', exact: true }).focus();
    await workbench.page.keyboard.press('End');
    await expect.poll(() => verdict().innerText()).toBe('Fits 48 GB with 32k context, f16 KV');
    await workbench.reload();
    await expect
      .poll(() => verdict().innerText(), { timeout: 30_000 })
      .toBe('Fits 48 GB with 32k context, f16 KV');
  });

  it.skipIf(ENGINE_MISSING !== null)(
    'asks the engine on a click: which GPUs there are, and what it would allocate',
    async () => {
      await openPlanner();
      await page().getByRole('button', { name: 'Detect' }).click();
      await expect
        .poll(() => page().locator('.detecting').innerText(), { timeout: 30_000 })
        .toMatch(/No GPU that llama\.cpp can use was found|\((CUDA|Vulkan|Metal)\)/);
      await page().getByRole('button', { name: 'Ask llama.cpp' }).click();
      const answer = page().getByRole('table', { name: 'llama.cpp’s own answer' });
      await answer.waitFor({ timeout: 30_000 });
      expect(await answer.getByRole('row', { name: /^KV cache, states/ }).innerText()).toMatch(/same$/);
    },
  );
});
