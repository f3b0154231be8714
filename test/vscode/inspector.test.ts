// The packaged extension in a real VS Code, used as a person would.
import { appendFileSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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

const SAMPLE = 'sotu-5m-Q4_K_M.gguf';
const inspector = () => inspectorIn(workbench.webview());

/** A page remembers what was made of a file: every test that opens the sample opens a copy of its own. */
const copies = Array.from({ length: 16 }, (_, index) => `copy-${String(index + 1).padStart(2, '0')}.gguf`);
const unused = copies.values();
function addModels(folder: string): void {
  for (const copy of copies) copyFileSync(join(folder, SAMPLE), join(folder, copy));
}
/** Answers the name of the copy. */
async function openSample(): Promise<string> {
  const name = unused.next().value;
  if (name === undefined) throw new Error('There are more tests than copies of the sample.');
  await workbench.openFromExplorer(name);
  return name;
}

describe('a double-click on a model', () => {
  it('shows its header, map, table and what it costs, and the status bar sums it up', async () => {
    await openSample();
    const { title, facts, map, filterCount, row } = inspector();
    await expect.poll(() => title.textContent()).toBe('SOTU-5M');
    expect(await facts.textContent()).toMatch(/llama.*Q4_K_M.*5,245,184 parameters.*3\.44 MB/);
    await map.waitFor();
    expect(await filterCount.textContent()).toBe('39 tensors');
    expect(await row('token_embd.weight').textContent()).toMatch(/Q4_K.*4\.50.*256 × 4,096.*1,048,576/);
    await workbench.statusItem('llama · 3.44 MB · 5.10 bpw').waitFor();
  });

  it('explains a row with the numbers of that tensor when the pointer rests on it', async () => {
    await openSample();
    const { card, row, filter } = inspector();
    await filter.fill('blk.2.attn_v');
    await row('attn_v').hover();
    await card.waitFor();
    expect(await card.textContent()).toMatch(/blk\.2\.attn_v\.weight.*Q6_K.*32,768.*26,880 bytes/s);
  });

  it('shows the metadata with their types and meanings', async () => {
    await openSample();
    const { tab, panel } = inspector();
    await tab('Metadata').click();
    const text = await panel('Metadata').textContent();
    expect(text).toContain('file_type');
    expect(text).toContain('MOSTLY_Q4_K_M');
    expect(text).toContain('4,096 items');
  });

  it('shows the good half of a file that was cut, says what is missing, and marks the file', async () => {
    await workbench.openFromExplorer('download-interrupted.gguf');
    const { filterCount, row, tab } = inspector();
    await row('token_embd.weight').waitFor();
    expect(await filterCount.textContent()).toMatch(/^\d+ of 39 tensors readable$/);
    expect(await tab('Problems').textContent()).toMatch(/\d/);
    await workbench.statusItem(/1\.72 MB of 3\.44 MB/).waitFor();
    await workbench.command('Problems: Focus on Problems View');
    await expect.poll(() => workbench.page.locator('.markers-panel').textContent()).toContain('Quantscope');
    await workbench.command('View: Hide Panel');
  });

  it('opens a safetensors model with the architecture from the config beside it', async () => {
    await workbench.quickOpen('sotu-5m-fp8/model.safetensors');
    const { facts } = inspector();
    await expect.poll(() => facts.textContent()).toMatch(/llama.*7\.35 MB/);
    await workbench.statusItem('llama · 7.35 MB').waitFor();
  });
});

describe('an index of shards', () => {
  it('opens as text at first, and as one model by command', async () => {
    await workbench.quickOpen('model.safetensors.index.json');
    await workbench.page.locator('.editor-instance .view-lines').first().waitFor();
    await workbench.command('Quantscope: Open as Model');
    const { facts, filterCount } = inspector();
    await expect.poll(() => facts.textContent()).toMatch(/llama.*7\.35 MB/);
    expect(await filterCount.textContent()).toMatch(/^\d+ tensors$/);
  });
});

describe('the window', () => {
  it('shows one file in two editors', async () => {
    await openSample();
    await inspector().table.waitFor();
    await workbench.command('View: Split Editor');
    const pages = workbench.page.locator('iframe.webview.ready:visible');
    await expect.poll(() => pages.count()).toBe(2);
    for (const index of [0, 1]) {
      const page = pages.nth(index).contentFrame().frameLocator('iframe#active-frame');
      await expect.poll(() => inspectorIn(page).title.textContent()).toBe('SOTU-5M');
    }
  });

  it('keeps selection and filter when it is reloaded', async () => {
    await openSample();
    const { filter, filterCount, row } = inspector();
    await filter.fill('layer:2 ffn');
    await row('ffn_down').click();
    await expect.poll(() => inspector().selectedRow.textContent()).toContain('ffn_down');
    await workbench.reload();
    await expect.poll(() => inspector().filter.inputValue()).toBe('layer:2 ffn');
    await expect.poll(() => inspector().selectedRow.textContent()).toContain('ffn_down');
    expect(await filterCount.textContent()).toMatch(/^4 of 39/);
  });

  it('keeps what was done right before an editor was closed', async () => {
    const name = await openSample();
    await inspector().filter.fill('ffn_up');
    await inspector().tab('Metadata').click();
    await inspector().tab('Layers').click();
    await inspector().row('ffn_up').click();
    await workbench
      .tab(name)
      .getByRole('button', { name: /^Close/ })
      .click();
    await expect.poll(() => workbench.tab(name).count()).toBe(0);
    await workbench.openFromExplorer(name);
    await expect.poll(() => inspector().filter.inputValue()).toBe('ffn_up');
    await expect.poll(() => inspector().selectedRow.textContent()).toContain('ffn_up');
  });

  it('keeps selection and filter of an editor that was hidden behind another', async () => {
    const name = await openSample();
    await inspector().filter.fill('attn_v');
    await inspector().row('attn_v').click();
    await workbench.openFromExplorer('sotu-5m-F16.gguf');
    await expect.poll(() => inspector().facts.textContent()).toContain('F16');
    await workbench.tab(name).click();
    await expect.poll(() => inspector().filter.inputValue()).toBe('attn_v');
    await expect.poll(() => inspector().selectedRow.textContent()).toContain('attn_v');
  });
});

describe('a file that changes on the disk', () => {
  it('is announced and read again when the user asks, and missed when it is gone', async () => {
    const path = join(editor.folder, 'changing.gguf');
    copyFileSync(join(editor.folder, 'download-interrupted.gguf'), path);
    await workbench.quickOpen('changing.gguf');
    await inspector().row('token_embd.weight').waitFor();
    expect(await inspector().filterCount.textContent()).toMatch(/readable/);

    const whole = readFileSync(join(editor.folder, SAMPLE));
    appendFileSync(path, whole.subarray(readFileSync(path).length));
    await expect.poll(() => inspector().banner.textContent()).toContain('changed on disk');
    await inspector().banner.getByText('Reload').click();
    await expect.poll(() => inspector().filterCount.textContent()).toBe('39 tensors');
    await expect.poll(() => inspector().banner.count()).toBe(0);

    rmSync(path);
    await expect.poll(() => inspector().banner.textContent()).toContain('no longer on disk');
    await inspector().row('token_embd.weight').waitFor();
  });
});

const isFilterFocused = (): Promise<boolean> =>
  inspector().filter.evaluate((input) => input.matches(':focus') && document.hasFocus());

describe('the commands', () => {
  it('reveal a tensor picked by name', async () => {
    await openSample();
    await inspector().table.waitFor();
    await workbench.command('Quantscope: Reveal Tensor…');
    await workbench.quickInput().fill('blk.3.ffn_down');
    const pick = workbench.quickPicks().filter({ hasText: 'blk.3.ffn_down.weight' }).first();
    await expect.poll(() => pick.textContent()).toContain('Q6_K · 768 × 256 · 161.28 kB · 6.56 bpw');
    await workbench.page.keyboard.press('Enter');
    await expect.poll(() => inspector().selectedRow.textContent()).toContain('ffn_down');
  });

  it('put the focus into the filter', async () => {
    await openSample();
    await inspector().table.waitFor();
    await workbench.command('Quantscope: Filter Tensors');
    await expect.poll(isFilterFocused).toBe(true);
    await workbench.page.keyboard.type('q6_k');
    await expect.poll(() => inspector().filter.inputValue()).toBe('q6_k');
  });

  it('leave Ctrl+F to the panel where that has the keyboard', async () => {
    const { page } = workbench;
    await openSample();
    await inspector().table.press('ArrowDown');
    await page.keyboard.press('Control+f');
    await expect.poll(isFilterFocused).toBe(true);
    await workbench.command('Problems: Focus on Problems View');
    await expect.poll(isFilterFocused).toBe(false);
    await page.keyboard.press('Control+f');
    await page.locator('.part.panel .viewpane-filter input:focus').waitFor();
    await workbench.command('View: Hide Panel');
  });

  it('copy a report as Markdown', async () => {
    await openSample();
    await inspector().table.waitFor();
    await workbench.command('Quantscope: Copy Report as Markdown');
    const clipboard = () => workbench.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(clipboard).toMatch(/SOTU-5M[^]*5,245,184[^]*Q4_K/);
  });

  it('export a report to a file', async () => {
    const name = await openSample();
    await inspector().table.waitFor();
    await workbench.command('Quantscope: Export Report…');
    await workbench.quickPicks().filter({ hasText: 'JSON' }).first().click();
    await workbench.page.locator('.quick-input-widget:visible').getByText('OK').click();
    await workbench.notification('Report written to').waitFor();
    const report = readFileSync(join(editor.folder, `${name}.report.json`), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ architecture: 'llama', parameterCount: 5_245_184 });
  });

  it('reopen the file as text and say where a hex editor is to be had', async () => {
    await openSample();
    await inspector().table.waitFor();
    await workbench.command('Quantscope: Reopen as Hex');
    await workbench.notification('Hex Editor').waitFor();
    await workbench.command('Quantscope: Reopen as Text');
    await workbench.page.getByText(/not displayed in the text editor because it is either binary/).waitFor();
  });
});
