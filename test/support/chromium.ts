// The headless browser of the tests.
import { chromium, type Browser } from 'playwright-core';
import { findChromium } from './tools.ts';

/** No sandbox: containers run as root. Nothing in it asks the network for anything of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Error('There is no Chromium on this machine: `npm test` installs one, or set CHROME_PATH.');
  return chromium.launch({ executablePath, args: FLAGS });
}
