// A picture of the Re-quantize page of a model:
//   node tools/run.mjs test/support/shootRequantize.ts MODEL OUT.png [--untrusted] [--now], and the options of shoot.ts
// What is done to the page is done when the plan has come, or with --now at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { buildEngine } from './engine.ts';
import { createRequantizeSources, openRequantize, playedShell } from './requantizePage.ts';
import { SHOT_OPTIONS, shotPage, takeShot } from './shot.ts';

const { values, positionals, tokens } = parseArgs({
  options: { ...SHOT_OPTIONS, untrusted: { type: 'boolean' }, now: { type: 'boolean' } },
  allowPositionals: true,
  tokens: true,
});
const [model, out] = positionals;
if (model === undefined || out === undefined) throw new Error('Say which model and where to: MODEL OUT.png');

const temporary = mkdtempSync(join(tmpdir(), 'shoot-requantize-'));
const sources = createRequantizeSources(await buildEngine(temporary));
const shell = playedShell();
shell.user.trusts = values.untrusted !== true;
const browser = await launchChromium();
try {
  const opened = await openRequantize(browser, resolve(model), sources, { shell, ...shotPage(values) });
  const { page, close } = opened;
  await page.locator('.requantize').waitFor();
  if (values.now !== true)
    await page
      .locator('.action-place vscode-button[appearance=primary]:not([disabled])')
      .waitFor({ timeout: 30_000 })
      .catch(() => console.log('The plan did not come.'));
  await takeShot({ ...opened, values, tokens, out });
  await close();
} finally {
  await browser.close();
  sources.jobs.dispose();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
