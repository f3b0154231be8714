// The pictures of the README, taken in the real VS Code from the packaged extension:
//   npm run package && node tools/run.mjs test/support/pictures.ts
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEditor } from './editor.ts';
import { inspectorIn } from './inspector.ts';

const folder = fileURLToPath(new URL('../../media/', import.meta.url));
mkdirSync(folder, { recursive: true });

const editor = await startEditor();
const { workbench } = editor;
const { page } = workbench;
const save = async (name: string): Promise<void> => {
  await page.waitForTimeout(500); // the last frame
  await page.screenshot({ path: join(folder, name) });
};
const theme = async (name: string): Promise<void> => {
  await workbench.command('Preferences: Color Theme');
  await workbench.quickInput().fill(name);
  await page.keyboard.press('Enter');
};
try {
  await theme('Default Dark Modern');
  await workbench.openFromExplorer('sotu-5m-Q4_K_M.gguf');
  await inspectorIn(workbench.webview()).table.waitFor();
  await save('inspector-dark.png');

  const { row, card } = inspectorIn(workbench.webview());
  await row('attn_q.weight').hover();
  await card.waitFor();
  await save('hover-dark.png');

  await page.keyboard.press('Escape');
  await row('ffn_down.weight').click();
  await page.keyboard.press('Enter');
  await workbench.webview().getByText('Statistics').first().waitFor();
  await save('panel-dark.png');

  await page.keyboard.press('Escape');
  await workbench.webview().getByRole('button', { name: 'Analyze', exact: true }).click();
  await workbench.webview().getByRole('columnheader', { name: 'Kurtosis' }).waitFor();
  await save('analysis-dark.png');

  await workbench.openFromExplorer('sotu-5m-F16.gguf');
  await workbench.webview().getByRole('button', { name: 'Re-quantize…' }).click();
  const map = workbench.webview().getByRole('grid', { name: 'Planned bit width' });
  await map.focus();
  for (const key of ['ArrowRight', 'ArrowDown', 'Shift+ArrowRight']) await page.keyboard.press(key);
  const types = workbench.webview().getByRole('toolbar', { name: 'Type of the selection' });
  await types.getByRole('button', { name: 'Q8_0' }).first().click();
  await workbench.webview().getByText('Your override').first().waitFor();
  await page.waitForTimeout(4000); // the errors are measured
  await save('requantize-dark.png');

  await workbench.openFromExplorer('sotu-5m-Q4_K_M.gguf');
  await workbench.command('Quantscope: Plan Memory…');
  await workbench.webview().getByText('How it is known').waitFor();
  await save('planner-dark.png');

  await workbench.openFromExplorer('sotu-5m-Q4_K_M.gguf');
  await workbench.command('Quantscope: Measure Perplexity…');
  for (const answer of ['English', 'Standard', 'sotu-5m-F16.gguf']) {
    const pick = workbench.quickPicks().filter({ hasText: answer }).first();
    await pick.click();
  }
  await workbench.webview().getByText('Damage in the text').waitFor({ timeout: 60_000 });
  await save('quality-dark.png');

  await theme('Default Light Modern');
  await workbench.openFromExplorer('download-interrupted.gguf');
  await inspectorIn(workbench.webview()).table.waitFor();
  await save('truncated-light.png');
} finally {
  await editor.stop();
}
