// A folder that the user does not trust: models are looked at all the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEditor, type Editor } from '../support/editor.ts';
import { inspectorIn } from '../support/inspector.ts';

let editor: Editor;
beforeAll(async () => void (editor = await startEditor({ trusted: false })));
afterAll(() => editor?.stop());

describe('in restricted mode', () => {
  it('a model opens as it does in a trusted folder', async () => {
    const { workbench } = editor;
    await workbench.statusItem('Restricted Mode').waitFor();
    await workbench.openFromExplorer('sotu-5m-Q4_K_M.gguf');
    const { title, filterCount } = inspectorIn(workbench.webview());
    await expect.poll(() => title.textContent()).toBe('SOTU-5M');
    expect(await filterCount.textContent()).toBe('39 tensors');
  });

  it('nothing is measured: why is said, with the way to trust', async () => {
    const { workbench } = editor;
    await workbench.command('Quantscope: Measure Perplexity…');
    const notice = workbench.notification('In a workspace that is not trusted Quantscope starts nothing');
    await notice.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await workbench.tab('Workspace Trust').waitFor();
  });

  it('no importance matrix is made', async () => {
    const { workbench } = editor;
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Quantscope: Make Importance Matrix…');
    await workbench.notification('Making an importance matrix runs llama.cpp').waitFor();
  });

  it('nothing is quantized: why is said, with the way to trust', async () => {
    const { workbench } = editor;
    await workbench.openFromExplorer('sotu-5m-F16.gguf');
    await workbench.webview().getByRole('button', { name: 'Re-quantize…' }).click();
    await workbench.tab('Re-quantize: sotu-5m-F16.gguf').waitFor();
    const body = workbench.webview().locator('body');
    await expect.poll(() => body.innerText()).toContain('This workspace is not trusted');
    expect(await workbench.webview().getByRole('button', { name: 'Quantize', exact: true }).count()).toBe(0);
    await workbench
      .webview()
      .getByRole('button', { name: /Manage Workspace Trust/ })
      .click();
    await workbench.tab('Workspace Trust').waitFor();
  });
});
