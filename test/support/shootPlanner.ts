// A picture of the planner page of a model:
//   node tools/run.mjs test/support/shootPlanner.ts MODEL OUT.png [--published NAME] [--engine] [--device NAME], and the options of shoot.ts
// --published takes a header of test/core/plan/publishedModels.ts in place of a file.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type PublishedModel, publishedSpec } from '../core/plan/publishedModels.ts';
import { launchChromium } from './chromium.ts';
import { buildEngine, NO_ENGINE } from './engine.ts';
import { writeGguf } from './ggufWriter.ts';
import { openPlanner } from './plannerPage.ts';
import { SHOT_OPTIONS, shotPage, takeShot } from './shot.ts';

const { values, positionals, tokens } = parseArgs({
  options: {
    ...SHOT_OPTIONS,
    ...{ published: { type: 'string' }, device: { type: 'string' }, engine: { type: 'boolean' } },
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
  const opened = await openPlanner(browser, resolve(model), {
    ...shotPage(values),
    engine: values.engine === true ? await buildEngine(temporary) : NO_ENGINE,
    settings: values.device === undefined ? {} : { defaultDevice: values.device },
  });
  await takeShot({ ...opened, values, tokens, out });
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
