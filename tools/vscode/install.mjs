// A real VS Code from the npm registry: the server of the package code-server, kept in .cache/vscode/<version>. Nothing is
// compiled and no install script runs; the two native modules that matter are replaced by the stand-ins beside this file.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { npmInstall, root } from '../setup.mjs';
import { endProgress, npm, progress, run, step, StepFailed } from '../steps.mjs';

/** code-server 4.100.3 is VS Code 1.100.3: the oldest one in `engines.vscode`, and the newest that runs on Node 20. */
const VERSION = '4.100.3';
/** Of the package as published; npm checks it for all other packages by the lock file inside this one. */
const SHA512 = 'q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==';
/** Search in files and Quick Open run it; its own installer would ask GitHub. */
const RIPGREP = `@vscode/ripgrep-${process.platform}-${process.arch}`;
const RIPGREP_VERSION = '1.18.0';

/** Installs it if it is not there. @returns {Promise<string>} the folder of the VS Code server */
export async function installVsCode() {
  const target = join(root, '.cache/vscode', VERSION);
  const server = join(target, 'lib/vscode');
  if (!existsSync(server)) await installInto(target);
  await linkModules(server);
  return server;
}

/** @param {string} target */
async function installInto(target) {
  await step(`VS Code 1.100 from the npm registry (once, about 63 MB)`, async () => {
    // Made beside and renamed: an interrupted installation is never taken for a whole one.
    const draft = `${target}.${process.pid}`;
    try {
      mkdirSync(draft, { recursive: true });
      await unpack(draft);
      await completeServer(join(draft, 'lib/vscode'));
      await rename(draft, target).catch((/** @type {unknown} */ error) => {
        if (!existsSync(target)) throw error; // else another run was faster
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

/** Part of VS Code looks for its modules under this name. Made where it stays: a link on Windows holds its whole path. */
async function linkModules(/** @type {string} */ server) {
  const link = join(server, 'node_modules.asar');
  if (existsSync(link)) return;
  await rm(link, { force: true });
  await symlink('node_modules', link, 'junction');
}

/** @param {string} folder */
async function unpack(folder) {
  const archive = join(folder, 'code-server.tgz');
  try {
    await download(archive);
  } catch {
    // npm knows the user's proxies and credentials, but does not tell how far it is.
    await run(...npm(['pack', '--ignore-scripts', '--loglevel=error', `code-server@${VERSION}`]), {
      cwd: folder,
    }).catch((/** @type {Error} */ { message }) => {
      throw new StepFailed(
        `VS Code could not be downloaded: ${message} Is the npm registry within reach? It is needed once; later runs use .cache/vscode.`,
      );
    });
    await rename(join(folder, `code-server-${VERSION}.tgz`), archive);
  }
  await run('tar', ['xzf', 'code-server.tgz', '--strip-components=1'], { cwd: folder });
  await rm(archive);
}

/** Straight from the registry that npm is set to, for the progress line. @param {string} file */
async function download(file) {
  const [program, args] = npm(['config', 'get', 'registry']);
  const registry = execFileSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const response = await fetch(new URL(`code-server/-/code-server-${VERSION}.tgz`, registry.trim()));
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha512');
  const target = openSync(file, 'w');
  let received = 0;
  for await (const chunk of response.body) {
    hash.update(chunk);
    writeSync(target, chunk);
    received += chunk.length;
    progress(`${megabytes(received)} of ${megabytes(total)} MB`);
  }
  closeSync(target);
  endProgress();
  if (hash.digest('base64') !== SHA512)
    throw new Error('The download is not the package that was published.');
}

const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);

/** @param {string} server */
async function completeServer(server) {
  // Not `npm ci`: the published lock file lacks an entry that it wants, but pins everything with its integrity.
  await npmInstall(server, ['install', '--omit=dev', `${RIPGREP}@${RIPGREP_VERSION}`], 'npm-shrinkwrap.json');
  const modules = join(server, 'node_modules');
  cpSync(join(modules, RIPGREP, 'bin'), join(modules, '@vscode/ripgrep/bin'), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'spdlog.cjs'), join(modules, '@vscode/spdlog/index.js'));
  copyFileSync(join(import.meta.dirname, 'nativeWatchdog.cjs'), join(modules, 'native-watchdog/index.js'));
  shareServiceWorker(join(server, 'out/vs/workbench/contrib/webview/browser/pre/index.html'));
}

/**
 * In this server all webviews have one origin, but each registers a service worker of its own; a new Chromium then lets the
 * next webview wait a second for the worker of the last. Elsewhere a kind of webview has an origin, and its worker, for
 * itself. Here they get one worker: what makes it differ is only used by workers inside webviews.
 * @param {string} file the outer page of webviews, whose script is allowed by its hash
 */
function shareServiceWorker(file) {
  const page = readFileSync(file, 'utf8');
  const script = /<script async type="module">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  const shared = script.replace('&id=${ID}', '');
  const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest('base64');
  if (shared === script || !page.includes(sha256(script))) throw new Error(`${file} is not as expected.`);
  writeFileSync(file, page.replace(script, () => shared).replace(sha256(script), sha256(shared)));
}
