// Where a Chromium is on this machine, and how to get one.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { aptInstall, attempt, canInstall } from './debian.mjs';
import { StepFailed } from './steps.mjs';

/** The headless shell first: opening a page costs it less than half, because it has no windows of a whole browser to make. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env['PROGRAMFILES'] ?? 'C:\\Program Files', 'Google\\Chrome\\Application\\chrome.exe'),
];

/** $CHROME_PATH, then the usual names and places, then the one that Playwright installed. @returns {string | null} */
export function findChromium() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const { chromium } = createRequire(import.meta.url)('playwright-core');
  const candidates = [process.env['CHROME_PATH'], ...onPath, ...PLACES, chromium.executablePath()];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

/** Finds a browser or installs one; throws an Error that says what to do when neither works. @returns {string} */
export function ensureChromium() {
  const found = findChromium();
  if (found !== null) return found;
  console.log(`  There is no Chromium: installing it ${canInstall() ? 'with apt-get' : 'with Playwright'}.`);
  for (const name of ['chromium-headless-shell', 'chromium'])
    if (canInstall() && findChromium() === null) aptInstall(name);
  if (findChromium() === null) attempt(process.execPath, [playwrightProgram(), 'install', 'chromium']);
  const installed = findChromium();
  if (installed === null)
    throw new StepFailed(
      'The tests need Chromium and it could not be installed. Install Chromium or Chrome, or set CHROME_PATH to its program.',
    );
  return installed;
}

const playwrightProgram = () =>
  join(createRequire(import.meta.url).resolve('playwright-core/package.json'), '..', 'cli.js');

/** "Chromium 131.0…", for the log. @param {string} path */
export function chromiumVersion(path) {
  return execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
