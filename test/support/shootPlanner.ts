// A picture of the planner page of a model:
//   node tools/run.mjs test/support/shootPlanner.ts MODEL OUT.png [--published NAME] [--theme dark|light|hc|hcLight] [--width W]
//     [--height H] [--engine] [--device NAME] [--click SELECTOR] [--hover SELECTOR] [--press KEY] [--scroll SELECTOR] [--wait MILLISECONDS]
// --published takes a header of test/core/plan/publishedModels.ts in place of a file. What is done to the page is done in the order given.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type PublishedModel, publishedSpec } from '../core/plan/publishedModels.ts';
import { launchChromium } from './chromium.ts';
import { buildEngine, NO_ENGINE } from './engine.ts';
import { writeGguf } from './ggufWriter.ts';
import { openPlanner } from './plannerPage.ts';
import type { Theme } from './theme.ts';

const text = { type: 'string' } as const;
const { values, positionals, tokens } = parseArgs({
  options: {
    ...{ theme: text, width: text, height: text, click: text, hover: text, press: text, wait: text },
    ...{ scroll: text, published: text, device: text, engine: { type: 'boolean' } },
  },
  allowPositionals: true,
  tokens: true,
});
const temporary = mkdtempSync(join(tmpdir(), 'shoot-planner-'));
const [model, out] =
  values.published === undefined ? positionals : [published(values.published), positionals[0]];
if (model === undefined || out === undefined) throw new Error('Say which model and where to: MODEL OUT.png');

function published(name: string): string {
  const { header, fileSize } = writeGguf(publishedSpec(name as PublishedModel));
  const path = join(temporary, `${name}.gguf`);
  writeFileSync(path, header);
  truncateSync(path, fileSize);
  return path;
}

const browser = await launchChromium();
try {
  const { page, complaints } = await openPlanner(browser, resolve(model), {
    theme: (values.theme ?? 'dark') as Theme,
    width: Number(values.width ?? 1372),
    height: Number(values.height ?? 882),
    engine: values.engine === true ? await buildEngine(temporary) : NO_ENGINE,
    settings: values.device === undefined ? {} : { defaultDevice: values.device },
  });
  await page.waitForTimeout(600);
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    if (token.name === 'click') await page.locator(token.value).first().click({ timeout: 5000 });
    if (token.name === 'hover') await page.locator(token.value).first().hover({ timeout: 5000 });
    if (token.name === 'scroll') await page.locator(token.value).first().scrollIntoViewIfNeeded();
    if (token.name === 'press') await page.keyboard.press(token.value);
    if (token.name === 'wait') await page.waitForTimeout(Number(token.value));
  }
  if (values.wait === undefined) await page.waitForTimeout(700);
  await page.screenshot({ path: out });
  for (const complaint of complaints) console.log(`The page complains: ${complaint}`);
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
