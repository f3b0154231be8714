// A picture of the inspector page:
//   node tools/run.mjs test/support/shoot.ts MODEL OUT.png [--theme dark|light|hc|hcLight] [--width W] [--height H]
//     [--click SELECTOR] [--hover SELECTOR] [--scroll SELECTOR] [--drag "SELECTOR X Y X Y"] [--type TEXT] [--press KEY] [--wait MILLISECONDS]
// What is done to the page may be said several times and is done in the order given.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { hostOf, openInspector } from './page.ts';
import { SHOT_OPTIONS, shotPage, takeShot } from './shot.ts';

const { values, positionals, tokens } = parseArgs({
  options: SHOT_OPTIONS,
  allowPositionals: true,
  tokens: true,
});
const [model, out] = positionals;
if (model === undefined || out === undefined) throw new Error('Say which model and where to: MODEL OUT.png');

const browser = await launchChromium();
try {
  const page = await openInspector(browser, resolve(model), shotPage(values));
  await takeShot({ page, complaints: hostOf(page).complaints, values, tokens, out });
} finally {
  await browser.close();
}
