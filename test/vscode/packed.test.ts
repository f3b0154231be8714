// Quantized safetensors in a real VS Code: layers in place of stored tensors, and hovers where they are configured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { fileOf, parts, utf8, withData, type Stored } from '../core/formats/packed/checkpoints.ts';
import { startEditor, type Editor } from '../support/editor.ts';
import { inspectorIn } from '../support/inspector.ts';
import type { Workbench } from '../support/workbench.ts';

let editor: Editor;
let workbench: Workbench;
beforeAll(async () => {
  editor = await startEditor({ addModels });
  ({ workbench } = editor);
});
afterAll(() => editor?.stop());
afterEach((context) => editor.tidyUp(context));

const UP = 'model.layers.0.mlp.up_proj';

function addModels(folder: string): void {
  const gptq = parts(UP, 'qweight I32 32 64', 'qzeros I32 2 8', 'scales F16 2 64', 'g_idx I32 256');
  const quantization = { quant_method: 'gptq', bits: 4, group_size: 128, sym: true, desc_act: false };
  add(folder, 'gptq', gptq, quantization);
  add(folder, 'hovered', gptq, quantization); // never opened as a model: VS Code goes on opening a file as it was opened last
  const state = utf8('{"quant_type": "nf4", "blocksize": 64, "dtype": "float16", "shape": [64, 256]}');
  const nf4 = parts(
    UP,
    'weight U8 8192 1',
    'weight.absmax F32 256',
    'weight.quant_map F32 16',
    `weight.quant_state.bitsandbytes__nf4 U8 ${state.length}`,
  ).map((stored) => (stored.name.includes('quant_state') ? withData(stored, state) : stored));
  add(folder, 'nf4', nf4, { quant_method: 'bitsandbytes', load_in_4bit: true });
}

/** A model in two files with an index, so that there is something to hover. */
function add(folder: string, name: string, tensors: readonly Stored[], quantization: object): void {
  const own = join(folder, name);
  mkdirSync(own);
  const [first, second] = ['00001', '00002'].map((number) => `${name}-${number}-of-00002.safetensors`);
  if (first === undefined || second === undefined) return;
  const head = parts('lm_head', 'weight F16 64 256');
  writeFileSync(join(own, first), fileOf(tensors));
  writeFileSync(join(own, second), fileOf(head));
  const weightMap = Object.fromEntries([
    ...tensors.map((tensor) => [tensor.name, first] as const),
    ...head.map((tensor) => [tensor.name, second] as const),
  ]);
  writeFileSync(
    join(own, `${name}.safetensors.index.json`),
    JSON.stringify({ weight_map: weightMap }, null, 2),
  );
  const config = { model_type: 'llama', quantization_config: quantization };
  writeFileSync(join(own, 'config.json'), JSON.stringify(config, null, 2));
}

it.each([
  [
    'gptq',
    'GPTQ 4-bit g128',
    /GPTQ 4-bit g128.*4\.66.*256 × 64.*16,384/,
    ['qweight', 'scales', 'qzeros', 'g_idx'],
  ],
  ['nf4', 'NF4 g64', /NF4 g64.*4\.57.*256 × 64.*16,384/, ['weight', 'absmax', 'quant_map']],
] as const)(
  'a %s model shows its layers, and their stored tensors below them',
  async (name, type, text, stored) => {
    await workbench.quickOpen(`${name}-00001-of-00002.safetensors`);
    const { facts, row, table } = inspectorIn(workbench.webview());
    await row('up_proj').waitFor();
    expect(await facts.textContent()).toContain(type);
    expect(await row('up_proj').textContent()).toMatch(text);
    await row('up_proj').locator('.disclosure').click();
    const labels = table.locator('.line.part .label');
    await expect.poll(async () => (await labels.allTextContents()).slice(0, stored.length)).toEqual(stored);
  },
);

it('a hover on quantization_config says what the layers are, and leads to the model', async () => {
  await workbench.quickOpen('gptq/config.json');
  await hover('"quantization_config"');
  const card = workbench.page.locator('.monaco-hover:visible');
  await card.getByText('bits per weight').first().waitFor();
  expect(await card.innerText()).toMatch(
    /10\.33 bits per weight over 32,768 parameters[^]*GPTQ 4-bit g128\s+4\.66/,
  );
  await card.getByText('Open Model').click();
  await inspectorIn(workbench.webview()).row('up_proj').waitFor();
});

it('a hover on an entry of an index names the layer of the stored tensor', async () => {
  await workbench.quickOpen('hovered/hovered.safetensors.index.json');
  await hover(`"${UP}.scales"`);
  const card = workbench.page.locator('.monaco-hover:visible');
  await card.getByText('bits per weight').first().waitFor();
  expect(await card.innerText()).toContain(
    `The scales of ${UP}.weight. GPTQ 4-bit g128 · 4.66 bits per weight`,
  );
});

/** Points at a key of the JSON in the editor that is in front. */
async function hover(key: string): Promise<void> {
  const token = workbench.page.locator('.monaco-editor .view-line span span', { hasText: key }).first();
  await token.waitFor();
  await token.hover();
}
