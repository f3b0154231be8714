// A picture of the page of an importance matrix:
//   node tools/run.mjs test/support/shootImatrix.ts FILE|mixture|large OUT.png, and the options of shoot.ts
// "mixture" and "large" are written for it: 24 layers with experts that were never used, 700 dense layers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { writeDenseImatrix, writeMixtureImatrix } from './imatrixFiles.ts';
import { openImatrixPage } from './imatrixPage.ts';
import { SHOT_OPTIONS, shotPage, takeShot } from './shot.ts';

const { values, positionals, tokens } = parseArgs({
  options: SHOT_OPTIONS,
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
  const opened = await openImatrixPage(browser, path, shotPage(values));
  await takeShot({ ...opened, values, tokens, out });
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
}
