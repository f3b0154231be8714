// Makes a fresh clone ready to work: Node new enough, dependencies as locked. Plain Node: nothing is installed yet.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProgress, npm, progress, run, step, StepFailed } from './steps.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The first Node that can `require` the ES modules some of the development tools are. */
const OLDEST_NODE = [20, 19];

export async function setUp() {
  checkNode();
  if (installedAsLocked(root, 'package-lock.json')) return;
  await step('Dependencies (npm ci, once)', () => npmInstall(root, ['ci'], 'package-lock.json'));
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new StepFailed(
    `This is Node ${process.versions.node}; Quantscope is built with Node ${OLDEST_NODE.join('.')} or newer. Install it from your package manager or nodejs.org, then run the command again.`,
  );
}

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

/** Compares the lock file with the list that npm leaves in node_modules when an installation is complete. */
function installedAsLocked(/** @type {string} */ folder, /** @type {string} */ lockFile) {
  const installed = packagesOf(join(folder, 'node_modules/.package-lock.json'));
  return Object.entries(packagesOf(join(folder, lockFile))).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && installed[path] === undefined),
  );
}

/** @param {string} file @returns {Packages} */
const packagesOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {});

/**
 * Runs npm in a folder and tells how many of the locked packages are there. No install scripts: none is needed, and what
 * they download would not be locked.
 * @param {string} folder @param {string[]} args @param {string} lockFile
 */
export async function npmInstall(folder, args, lockFile) {
  const paths = Object.keys(packagesOf(join(folder, lockFile))).filter((path) => path !== '');
  const count = () => paths.filter((path) => existsSync(join(folder, path, 'package.json'))).length;
  const timer = setInterval(() => progress(`${count()} of ${paths.length} packages`), 500);
  try {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run(...npm([...args, ...quiet]), { cwd: folder });
  } catch (error) {
    throw new StepFailed(
      `npm could not install the packages: ${/** @type {Error} */ (error).message} Is the npm registry within reach? It is needed once; later runs work offline.`,
    );
  } finally {
    clearInterval(timer);
    endProgress();
  }
}
