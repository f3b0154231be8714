// Fetches what the engine needs from npm, once: llama.cpp's libraries as node-llama-cpp ships them, and koffi, which calls
// them. Versions and hashes stand in engine.json; one version of the libraries exists for all platforms.
//   node tools/engine.mjs              makes dist/engine for this machine
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GGML_LICENSE, inSections } from './notices.mjs';
import { root } from './setup.mjs';
import { endProgress, npm, progress, runCommand, step, StepFailed } from './steps.mjs';

/** @typedef {{ package: string, integrity: string }} Pinned package name@version and the hash npm publishes for it */
/** @type {Record<string, Pinned[]>} */
const targets = JSON.parse(readFileSync(join(root, 'tools/engine.json'), 'utf8'));

/** The platforms that have an engine, by the names that VS Code's marketplace gives them. */
export const ENGINE_TARGETS = Object.keys(targets);

/** The target of this machine; undefined where there is no engine. */
export const ownTarget = () =>
  ENGINE_TARGETS.find((target) => target === `${process.platform}-${process.arch}`);

/** Where the engine of an extension stands, beside its programs. */
export const SHIPPED_ENGINE = join(root, 'dist/engine');

/** llama.cpp and its backends; not its helpers for programs, nor node-llama-cpp's addon. */
const LIBRARY = /^(lib)?(llama|ggml)(?!-addon|-common).*\.(so|dylib|dll)$/;
const isWanted = (/** @type {string} */ name) => LIBRARY.test(name) || name === 'koffi.node';

/** Folder of the files of a target in .cache; fetched when they are not there. @param {string} target */
export async function ensureEngine(target) {
  const pinned = targets[target];
  if (pinned === undefined)
    throw new StepFailed(`There is no engine for ${target}; there is one for ${ENGINE_TARGETS.join(', ')}.`);
  const stamp = createHash('sha256').update(JSON.stringify(pinned)).digest('hex').slice(0, 12);
  const folder = join(root, '.cache/engine', `${target}@${stamp}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await step(`Engine for ${target} (llama.cpp, once)`, async () => {
      const licenses = [];
      for (const one of pinned) licenses.push(...unpack(await download(one, unfinished), unfinished, one));
      writeFileSync(join(unfinished, 'LICENSES.txt'), licensesText(licenses));
    });
    // Tests and packaging may fetch side by side: the first one to finish gives the folder its name.
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    endProgress();
  }
  return folder;
}

/** Puts the files of a target into dist/engine; nothing else is left there. @param {string | undefined} target */
export async function placeEngine(target) {
  const folder = target === undefined ? null : await ensureEngine(target);
  rmSync(SHIPPED_ENGINE, { recursive: true, force: true });
  if (folder !== null) cpSync(folder, SHIPPED_ENGINE, { recursive: true });
}

/** The archive of a package, by npm itself, which knows the registry and the proxy. @param {Pinned} pinned @param {string} folder */
async function download({ package: name, integrity }, folder) {
  const args = ['pack', name, '--pack-destination', folder, '--ignore-scripts', '--loglevel=error'];
  progress(name);
  const timer = setInterval(() => progress(`${name} is being fetched`), 500);
  try {
    await quietly(...npm(args));
  } catch (error) {
    throw new StepFailed(
      `npm could not fetch ${name}: ${/** @type {Error} */ (error).message.trim()} Is the npm registry within reach? It is needed once; later runs work offline.`,
    );
  } finally {
    clearInterval(timer);
  }
  const archive = readdirSync(folder).find((entry) => entry.endsWith('.tgz'));
  if (archive === undefined) throw new StepFailed(`npm fetched no archive of ${name}.`);
  const bytes = readFileSync(join(folder, archive));
  rmSync(join(folder, archive));
  const [algorithm = '', expected] = integrity.split(/-(.*)/s);
  if (createHash(algorithm).update(bytes).digest('base64') !== expected)
    throw new StepFailed(
      `${name} is not what it was when it was chosen: its hash differs from tools/engine.json.`,
    );
  return bytes;
}

/** Runs a program without its output, which comes with the error. @param {string} program @param {string[]} args @returns {Promise<void>} */
function quietly(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr?.on('data', (/** @type {Buffer} */ data) => (text += data));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(text))));
  });
}

/**
 * Writes the wanted files of a package; tells whose license it came with.
 * @param {Buffer} archive @param {string} folder @param {Pinned} pinned
 */
function unpack(archive, folder, { package: name }) {
  const licenses = [];
  for (const { path, contents } of filesOf(gunzipSync(archive))) {
    // koffi's package for Linux has a build for musl too; llama.cpp's libraries are made for glibc.
    if (isWanted(basename(path)) && !path.includes('musl'))
      writeFileSync(join(folder, basename(path)), contents);
    if (path === 'package/LICENSE') licenses.push({ name, text: contents.toString('utf8').trim() });
  }
  return licenses;
}

const TAR_BLOCK = 512;

/** Regular files of a tar archive, as npm makes them: names of at most 100 bytes. @param {Buffer} tar */
function* filesOf(tar) {
  const text = (/** @type {number} */ at, /** @type {number} */ length) =>
    tar.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; at + TAR_BLOCK <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const [path, kind] = [text(at, 100), text(at + 156, 1)];
    const begin = at + TAR_BLOCK;
    if (kind === '0' || kind === '') yield { path, contents: tar.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

/** @param {{ name: string, text: string }[]} licenses */
function licensesText(licenses) {
  const koffi = readFileSync(join(root, 'node_modules/koffi/LICENSE.txt'), 'utf8').trim();
  const sections = [
    `llama.cpp and ggml (MIT)\n\n${GGML_LICENSE}`,
    ...licenses.map(({ name, text }) => `${name} (MIT)\n\n${text}`),
    `koffi (MIT)\n\n${koffi}`,
  ];
  return `The engine is made of these works.\n\n${inSections(sections)}`;
}

if (process.argv[1] === import.meta.filename) await runCommand(() => placeEngine(ownTarget()));
