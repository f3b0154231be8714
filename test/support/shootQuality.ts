// A picture of the Quality page of a model, over a history in a folder that is kept between pictures:
//   node tools/run.mjs test/support/shootQuality.ts MODEL OUT.png [--history FOLDER] [--measure [--base MODEL] [--chunks N]]
//     [--theme dark|light|hc|hcLight] [--width W] [--height H] [--click SELECTOR] [--hover SELECTOR] [--press KEY] [--scroll SELECTOR]
//     [--wait MILLISECONDS]
// --measure measures before the page opens. What is done to the page is done in the order given.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine } from '../../src/node/engineProcess.ts';
import { launchChromium } from './chromium.ts';
import { buildEngine } from './engine.ts';
import { createQualitySources } from './quality.ts';
import { openQuality } from './qualityPage.ts';
import type { Theme } from './theme.ts';

const text = { type: 'string' } as const;
const { values, positionals, tokens } = parseArgs({
  options: {
    ...{ theme: text, width: text, height: text, click: text, hover: text, press: text, wait: text },
    ...{ history: text, base: text, chunks: text, scroll: text, measure: { type: 'boolean' } },
  },
  allowPositionals: true,
  tokens: true,
});
const [model, out] = positionals;
if (model === undefined || out === undefined) throw new Error('Say which model and where to: MODEL OUT.png');

const path = resolve(model);
const temporary = mkdtempSync(join(tmpdir(), 'shoot-quality-'));
const sources = createQualitySources({
  folder: values.history ?? join(temporary, 'history'),
  engine: createEngine(await buildEngine(temporary)),
});
if (values.chunks !== undefined) sources.plans.change(path, { chunkLimit: Number(values.chunks) });
if (values.base !== undefined) sources.plans.change(path, { base: resolve(values.base) });
if (values.measure === true) {
  const end = new Promise((done) => sources.jobs.onEnd((_path, how) => done(how.kind)));
  sources.jobs.start(await sources.plans.order(path, new AbortController().signal));
  console.log(`The measurement has ended: ${String(await end)}`);
}
const browser = await launchChromium();
try {
  const { page, complaints } = await openQuality(browser, path, sources, {
    theme: (values.theme ?? 'dark') as Theme,
    width: Number(values.width ?? 1400),
    height: Number(values.height ?? 900),
  });
  await page.waitForTimeout(800);
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    if (token.name === 'click') await page.locator(token.value).first().click({ timeout: 5000 });
    if (token.name === 'hover') await page.locator(token.value).first().hover({ timeout: 5000 });
    if (token.name === 'scroll') await page.locator(token.value).first().scrollIntoViewIfNeeded();
    if (token.name === 'press') await page.keyboard.press(token.value);
    if (token.name === 'wait') await page.waitForTimeout(Number(token.value));
  }
  if (values.wait === undefined) await page.waitForTimeout(500);
  await page.screenshot({ path: out });
  for (const complaint of complaints) console.log(`The page complains: ${complaint}`);
} finally {
  await browser.close();
  sources.jobs.dispose();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
