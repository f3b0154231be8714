// A picture of the page of an importance matrix:
//   node tools/run.mjs test/support/shootImatrix.ts FILE|mixture|large OUT.png [--theme dark|light|hc|hcLight] [--width W]
//     [--height H] [--click SELECTOR] [--hover SELECTOR] [--press KEY] [--wait MILLISECONDS]
// "mixture" and "large" are written for it: 24 layers with experts that were never used, 700 dense layers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { writeDenseImatrix, writeMixtureImatrix } from './imatrixFiles.ts';
import { openImatrixPage } from './imatrixPage.ts';
import type { Theme } from './theme.ts';

const text = { type: 'string' } as const;
const { values, positionals, tokens } = parseArgs({
  options: { theme: text, width: text, height: text, click: text, hover: text, press: text, wait: text },
  allowPositionals: true,
  tokens: true,
});
const [file, out] = positionals;
if (file === undefined || out === undefined) throw new Error('Say which file and where to: FILE OUT.png');

const temporary = mkdtempSync(join(tmpdir(), 'shoot-imatrix-'));
let path = resolve(file);
if (file === 'mixture') {
  path = join(temporary, 'Mixture-8x3B-Instruct.imatrix.gguf');
  writeMixtureImatrix(path, {
    ...{ layers: 24, width: 512, experts: 32 },
    unseen: (layer) => (layer % 7 === 3 ? [4, 17] : layer === 22 ? [9] : []),
    rare: (layer) => (layer % 6 === 5 ? [1] : []),
  });
} else if (file === 'large') {
  path = join(temporary, 'large.imatrix.gguf');
  writeDenseImatrix(path, 700, 64);
}
const browser = await launchChromium();
try {
  const { page, complaints } = await openImatrixPage(browser, path, {
    theme: (values.theme ?? 'dark') as Theme,
    width: Number(values.width ?? 1372),
    height: Number(values.height ?? 900),
  });
  await page.waitForTimeout(600);
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    if (token.name === 'click') await page.locator(token.value).first().click({ timeout: 5000 });
    if (token.name === 'hover') await page.locator(token.value).first().hover({ timeout: 5000 });
    if (token.name === 'press') await page.keyboard.press(token.value);
    if (token.name === 'wait') await page.waitForTimeout(Number(token.value));
  }
  if (values.wait === undefined) await page.waitForTimeout(500);
  await page.screenshot({ path: out });
  for (const complaint of complaints) console.log(`The page complains: ${complaint}`);
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
}
