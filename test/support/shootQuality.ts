// A picture of the Quality page of a model, over a history in a folder that is kept between pictures:
//   node tools/run.mjs test/support/shootQuality.ts MODEL OUT.png [--history FOLDER] [--measure [--base MODEL] [--chunks N]], and the
//     options of shoot.ts
// --measure measures before the page opens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine } from '../../src/node/engineProcess.ts';
import { launchChromium } from './chromium.ts';
import { buildEngine } from './engine.ts';
import { createQualitySources } from './quality.ts';
import { openQuality } from './qualityPage.ts';
import { SHOT_OPTIONS, shotPage, takeShot } from './shot.ts';

const text = { type: 'string' } as const;
const { values, positionals, tokens } = parseArgs({
  options: { ...SHOT_OPTIONS, history: text, base: text, chunks: text, measure: { type: 'boolean' } },
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
  const opened = await openQuality(browser, path, sources, shotPage(values));
  await takeShot({ ...opened, values, tokens, out });
} finally {
  await browser.close();
  sources.jobs.dispose();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
