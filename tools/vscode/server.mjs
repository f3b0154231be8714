// Starts and stops a VS Code server with a profile of its own, for the demo and for the editor tests.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepFailed } from '../steps.mjs';

/** No dialogs, no tours, nothing that asks the network: a person and a test see our editor and nothing else. */
const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.enabled': false,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};
/** A loaded machine needs a few seconds; beyond this the server will not come. */
const START_LIMIT_MS = 60_000;

/**
 * @typedef {object} ServerOptions
 * @property {string} server folder of the VS Code server, from installVsCode
 * @property {string} profile folder for settings, extensions and logs; made if missing
 * @property {string} vsix the packaged extension, installed first
 * @property {string} token whoever has not got it is turned away
 * @property {boolean} trusted false: folders open in restricted mode
 * @property {number} [port] any free one unless told
 * @property {Record<string, unknown>} [settings] of user and machine, besides the quiet ones
 *
 * @typedef {object} RunningServer
 * @property {(folder: string) => string} url of a window on the folder
 * @property {() => Promise<void>} stop with everything it started
 * @property {Promise<void>} ended
 */

/** @param {ServerOptions} options @returns {Promise<RunningServer>} */
export async function startServer({ server, profile, vsix, token, trusted, port, settings }) {
  const program = join(server, 'out/server-main.js');
  const folders = [
    ...['--server-data-dir', profile, '--user-data-dir', profile],
    ...['--extensions-dir', join(profile, 'extensions')],
  ];
  const allSettings = { ...QUIET_SETTINGS, 'security.workspace.trust.enabled': !trusted, ...settings };
  // What belongs to a machine is not taken from the user's settings: the window is in a browser, so this machine is a remote one.
  for (const owner of ['User', 'Machine']) {
    mkdirSync(join(profile, owner), { recursive: true });
    writeFileSync(join(profile, owner, 'settings.json'), JSON.stringify(allSettings, null, 2));
  }
  const env = environment(profile);

  const installed = spawnSync(
    process.execPath,
    [program, ...folders, '--install-extension', vsix, '--force'],
    {
      env,
      encoding: 'utf8',
    },
  );
  if (installed.status !== 0)
    throw new StepFailed(`VS Code refused the extension: ${installed.stderr}${installed.stdout}`);

  const chosenPort = await freePort(port ?? 0);
  const child = spawn(
    process.execPath,
    [
      ...[program, ...folders, '--accept-server-license-terms', '--telemetry-level', 'off'],
      ...['--host', '127.0.0.1', '--port', String(chosenPort), '--connection-token', token],
      ...(trusted ? ['--disable-workspace-trust'] : []),
    ],
    // A group of its own: extension hosts outlive a server that is killed alone.
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = `${output}${String(chunk)}`.slice(-4000)));
  const killNow = () => killGroup(child.pid);
  process.once('exit', killNow);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  const origin = `http://127.0.0.1:${chosenPort}`;

  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await answers(origin))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      killNow();
      throw new StepFailed(`The VS Code server did not start on port ${chosenPort}:\n${output}`);
    }
    await sleep(50);
  }
  return {
    url: (folder) => `${origin}/?tkn=${token}&folder=${encodeURI(asUrlPath(folder))}`,
    ended,
    async stop() {
      process.off('exit', killNow);
      killNow();
      await ended;
    },
  };
}

/** C:\\models → /C:/models. @param {string} folder */
const asUrlPath = (folder) => folder.replaceAll('\\', '/').replace(/^(?=[A-Za-z]:)/, '/');

/** @param {string} profile */
function environment(profile) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    XDG_RUNTIME_DIR: profile, // its sockets lie there, and go with the profile
  };
}

/** The port asked for, or any for 0. @param {number} port @returns {Promise<number>} */
function freePort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', ({ message }) =>
      reject(new StepFailed(`Port ${port} cannot be used (${message}); choose another with --port.`)),
    );
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

/** @param {string} origin */
const answers = (origin) =>
  fetch(`${origin}/version`).then(
    ({ ok }) => ok,
    () => false,
  );

/** @param {number | undefined} pid */
function killGroup(pid) {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error; // it is gone already
  }
}
