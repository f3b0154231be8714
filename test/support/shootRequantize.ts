// A picture of the Re-quantize page of a model:
//   node tools/run.mjs test/support/shootRequantize.ts MODEL OUT.png [--theme dark|light|hc|hcLight] [--width W] [--height H]
//     [--untrusted] [--click SELECTOR] [--drag "SELECTOR X Y X Y"] [--hover SELECTOR] [--type TEXT] [--press KEY] [--wait MILLISECONDS]
// What is done to the page is done in the order given; then it waits for --wait, and until nothing is pending unless --now is said.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { buildEngine } from './engine.ts';
import { createRequantizeSources, openRequantize, playedShell } from './requantizePage.ts';
import type { Theme } from './theme.ts';

const text = { type: 'string' } as const;
const { values, positionals, tokens } = parseArgs({
  options: {
    ...{ theme: text, width: text, height: text, click: text, hover: text, press: text, wait: text },
    ...{ type: text, drag: text, untrusted: { type: 'boolean' }, now: { type: 'boolean' } },
  },
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
  const { page, complaints, close } = await openRequantize(browser, resolve(model), sources, {
    shell,
    theme: (values.theme ?? 'dark') as Theme,
    width: Number(values.width ?? 1372),
    height: Number(values.height ?? 880),
  });
  await page.locator('.requantize').waitFor();
  if (values.now !== true)
    await page
      .locator('.action-place vscode-button[appearance=primary]:not([disabled])')
      .waitFor({ timeout: 30_000 })
      .catch(() => console.log('The plan did not come.'));
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    const { name, value } = token;
    if (name === 'click') await page.locator(value).first().click({ timeout: 5000 });
    if (name === 'hover') await page.locator(value).first().hover({ timeout: 5000 });
    if (name === 'type') await page.keyboard.type(value);
    if (name === 'press') await page.keyboard.press(value);
    if (name === 'wait') await page.waitForTimeout(Number(value));
    if (name !== 'drag') continue;
    const [selector = '', ...numbers] = value.split(' ');
    const [fromX = 0, fromY = 0, toX = 0, toY = 0] = numbers.map(Number);
    const box = await page.locator(selector).first().boundingBox();
    if (box === null) throw new Error(`There is no ${selector}.`);
    await page.mouse.move(box.x + fromX, box.y + fromY);
    await page.mouse.down();
    await page.mouse.move(box.x + toX, box.y + toY, { steps: 5 });
    await page.mouse.up();
  }
  if (values.wait === undefined) await page.waitForTimeout(1500);
  await page.screenshot({ path: out });
  for (const complaint of complaints) console.log(`The page complains: ${complaint}`);
  await close();
} finally {
  await browser.close();
  sources.jobs.dispose();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
