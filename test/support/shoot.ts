// A picture of the inspector page:
//   node tools/run.mjs test/support/shoot.ts MODEL OUT.png [--theme dark|light|hc|hcLight] [--width W] [--height H]
//                                            [--click SELECTOR] [--hover SELECTOR] [--press KEY] [--wait MILLISECONDS]
// --click, --hover, --press and --wait may be given several times and are done in the order given.
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { launchChromium } from './chromium.ts';
import { hostOf, openInspector } from './page.ts';
import type { Theme } from './theme.ts';

const text = { type: 'string' } as const;
const { values, positionals, tokens } = parseArgs({
  options: { theme: text, width: text, height: text, click: text, hover: text, press: text, wait: text },
  allowPositionals: true,
  tokens: true,
});
const [model, out] = positionals;
if (model === undefined || out === undefined) throw new Error('Say which model and where to: MODEL OUT.png');

const browser = await launchChromium();
try {
  const page = await openInspector(browser, resolve(model), {
    theme: (values.theme ?? 'dark') as Theme,
    width: Number(values.width ?? 1400),
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
  // Longer than the delay of the hover card.
  if (values.wait === undefined) await page.waitForTimeout(800);
  await page.screenshot({ path: out });
  for (const complaint of hostOf(page).complaints) console.log(`The page complains: ${complaint}`);
} finally {
  await browser.close();
}
