// Quantized checkpoints of real tools in a real VS Code: logical layers in the table; scales, zero points and outliers in the panel.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, startEditor } from '../support/editor.ts';
import { inspectorIn } from '../support/inspector.ts';
import type { Workbench } from '../support/workbench.ts';

const SAMPLES = join(import.meta.dirname, '../samples/packed');
const GPTQ = 'sotu-5m-gptq-3bit-g64';
const NF4 = 'sotu-5m-bnb-nf4-dq';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  editor = await startEditor({
    addModels(folder) {
      for (const name of [GPTQ, NF4]) {
        mkdirSync(join(folder, name));
        cpSync(join(SAMPLES, name), join(folder, name), { recursive: true });
      }
    },
  });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
afterEach((context) => editor.tidyUp(context));

const inspector = () => inspectorIn(workbench.webview());
const panel = () => workbench.webview().getByRole('region', { name: 'Tensor', exact: true });
const text = () => panel().textContent();

async function openPanel(folder: string, type: string): Promise<void> {
  await workbench.quickOpen(`${folder}/model.safetensors`);
  await expect.poll(() => inspector().row('down_proj.weight').textContent()).toContain(type);
  await inspector().row('down_proj.weight').click();
  const hasKeyboard = () =>
    inspector().table.evaluate((table) => table === document.activeElement && document.hasFocus());
  await expect.poll(hasKeyboard).toBe(true);
  await workbench.page.keyboard.press('Enter');
  await expect.poll(text).toContain('196,608 weights, exact');
}

describe('a quantized checkpoint', () => {
  it('of GPTQ: layers in place of qweight, qzeros and scales; scales, zero points and outliers', async () => {
    await openPanel(GPTQ, 'GPTQ 3-bit g64');
    expect(await inspector().row('qweight').count()).toBe(0);
    expect(await text()).toContain('476 beyond 3σ');
    expect(await text()).toContain('2.82 of 3 bits');
    await panel().getByRole('tab', { name: 'Groups' }).click();
    await expect.poll(text).toContain('3,072 scales');
    expect(await text()).toContain('from 2 to 5'); // zero points
    expect(await text()).toContain('4 of 8 values used, most often 4');
    await panel().getByRole('tab', { name: 'Worst outliers' }).click();
    await panel().locator('tbody tr').first().click();
    await expect.poll(text).toContain('27 bytes of several tensors');
  });

  it('of NF4 with double quantization: absmax, and what it is scaled by', async () => {
    await openPanel(NF4, 'NF4 g64 double');
    expect(await inspector().row('quant_map').count()).toBe(0);
    await panel().getByRole('tab', { name: 'Groups' }).click();
    await expect.poll(text).toContain('3,072 scales');
    expect(await text()).toContain('nested_absmax: 12');
    await panel().getByRole('tab', { name: 'Worst outliers' }).click();
    await expect.poll(() => panel().locator('tbody tr').count()).toBe(100);
  });
});
