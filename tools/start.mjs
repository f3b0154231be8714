// npm start: from a fresh clone to a VS Code with Quantscope in it.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';
import { run, runCommand, seconds, step, StepFailed } from './steps.mjs';

const USAGE = `npm start                 opens VS Code in the browser, with models to try
npm start -- PATH         opens a folder or a model of yours
npm start -- --desktop    uses the VS Code or VSCodium that is installed on this machine
        --port N          port of the window in the browser (any free one unless told)
        --no-open         only prints the address
        --help            prints this`;

const DESKTOP_PROGRAMS = [
  'code',
  'codium',
  'code-insiders',
  '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code',
  '/Applications/VSCodium.app/Contents/Resources/app/bin/codium',
];

await runCommand(async () => {
  const { flags, path } = readArguments();
  if (flags.help) {
    console.log(USAGE);
    return;
  }
  const start = performance.now();
  const own = path === undefined ? null : whatToOpen(resolve(process.env['INIT_CWD'] ?? '.', path));
  await setUp();
  // Only now: they need what the set-up installs.
  const { makePackage, vsixPath } = await import('./package.mjs');
  await makePackage();
  const folder = own?.folder ?? join(root, '.demo');
  if (own === null)
    await step('Models to try, in .demo', async () => (await import('./demo.mjs')).makeDemo(folder));
  if (flags.desktop) await openDesktop(vsixPath, folder, own?.file);
  else await serve({ vsixPath, folder, own, flags, start });
});

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        desktop: { type: 'boolean', default: false },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const [path, ...more] = positionals;
    if (more.length > 0) throw new Error('There is more than one path.');
    if (values.port !== undefined && !isPort(values.port))
      throw new Error('--port takes a number from 1 to 65535.');
    return { flags: values, path };
  } catch (error) {
    throw new StepFailed(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
  }
}

function isPort(/** @type {string} */ text) {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/** @typedef {{ folder: string, file?: string }} Own what the user named: a folder, and the file to click in it */

/** @param {string} path @returns {Own} */
function whatToOpen(path) {
  if (!existsSync(path)) throw new StepFailed(`${path} does not exist; check the path.`);
  return statSync(path).isDirectory() ? { folder: path } : { folder: dirname(path), file: path };
}

/** @param {string} vsix @param {string} folder @param {string} [file] */
async function openDesktop(vsix, folder, file) {
  // On Windows `code` is a script, which only a shell runs, and which wants its paths in quotes.
  const shell = process.platform === 'win32';
  const paths = (/** @type {string[]} */ ...list) => (shell ? list.map((path) => `"${path}"`) : list);
  const program = DESKTOP_PROGRAMS.find(
    (name) => spawnSync(name, ['--version'], { shell, stdio: 'ignore' }).status === 0,
  );
  if (program === undefined)
    throw new StepFailed(
      'There is no code, codium or code-insiders on the PATH. Install VS Code (on macOS, run "Shell Command: Install \'code\' command in PATH" in it), or leave out --desktop to use the browser.',
    );
  await step(`Install the extension into ${basename(program)}`, () =>
    run(program, ['--install-extension', ...paths(vsix), '--force'], { shell }),
  );
  await run(program, file === undefined ? paths(folder) : paths(folder, file), { shell });
  console.log(`\n${basename(program)} opens ${folder}. ${whatToClick(file)}`);
}

/**
 * @param {{ vsixPath: string, folder: string, own: Own | null, start: number,
 *   flags: { port?: string | undefined, 'no-open': boolean } }} options
 */
async function serve({ vsixPath, folder, own, flags, start }) {
  const { installVsCode } = await import('./vscode/install.mjs');
  const { startServer } = await import('./vscode/server.mjs');
  const { DEMO_FILES } = await import('./demo.mjs');
  const server = await installVsCode();
  /** @type {import('./vscode/server.mjs').RunningServer | null} */
  let running = null;
  let stopping = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => {
      stopping = true;
      if (running === null) process.exit(130); // ends a server that is still starting, too
      void running.stop(); // `ended` below waits for it
    });
  running = await step('Start VS Code', () =>
    startServer({
      server,
      profile: join(root, '.cache/profile'),
      vsix: vsixPath,
      token: randomBytes(12).toString('hex'),
      // A folder of the user's is trusted by the user or not at all: VS Code asks.
      trusted: own === null,
      ...(own === null ? {} : { settings: { 'security.workspace.trust.startupPrompt': 'once' } }),
      ...(flags.port === undefined ? {} : { port: Number(flags.port) }),
    }),
  );
  const url = running.url(folder);
  console.log(`\nReady after ${seconds(start)}. Quantscope runs in VS Code at\n\n  ${url}\n`);
  if (own === null) {
    console.log('Double-click a model in the explorer on the left:');
    for (const [name, what] of Object.entries(DEMO_FILES)) console.log(`  ${name.padEnd(46)} ${what}`);
  } else {
    console.log(whatToClick(own.file));
  }
  if (process.env['SSH_CONNECTION'])
    console.log(
      `\nOver SSH: forward the port first (ssh -L ${new URL(url).port}:127.0.0.1:${new URL(url).port} …).`,
    );
  console.log('\nCtrl+C ends it.');
  if (!flags['no-open']) openBrowser(url);

  await running.ended;
  if (!stopping) throw new StepFailed('The VS Code server ended by itself; start it again.');
  console.log('\nStopped.');
}

/** @param {string | undefined} file */
function whatToClick(file) {
  return file === undefined
    ? 'Double-click a .gguf or .safetensors in the explorer on the left.'
    : `Double-click ${basename(file)} in the explorer on the left.`;
}

/** Where there is a screen. That it fails is no reason to stop: the address is printed. @param {string} url */
function openBrowser(url) {
  const [program, args] = /** @type {[string, string[]]} */ (
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]]
  );
  if (program === 'xdg-open' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
