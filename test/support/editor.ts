// A real VS Code with the packaged extension, on a folder of models of its own.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { launchChromium } from './chromium.ts';
import { installVsCode, makeDemo, startServer } from './tools.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

export interface Editor {
  /** The folder that is open, with the models of `npm start` in it. */
  readonly folder: string;
  readonly workbench: Workbench;
  /** For `afterEach`: leaves a picture of a window in which a test failed in out/, and closes all editors. */
  tidyUp(context: TestContext): Promise<void>;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
/** In the palette as soon as VS Code knows the extension. */
const SIGN_OF_LIFE = 'Quantscope: Open Model…';

/** @param addModels puts further models into the folder before it is opened @param settings of the user */
export async function startEditor({
  trusted = true,
  addModels = (_folder: string): void => undefined,
  settings = {},
} = {}): Promise<Editor> {
  const base = mkdtempSync(join(tmpdir(), 'quantscope-'));
  const folder = join(base, 'models');
  makeDemo(folder);
  addModels(folder);
  const server = await startServer({
    server: await installVsCode(),
    profile: join(base, 'profile'),
    vsix: packagedExtension(),
    token: 'test',
    trusted,
    settings,
  });
  const browser = await launchChromium();
  const stop = async (): Promise<void> => {
    await browser.close();
    await server.stop();
    rmSync(base, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const workbench = await openWorkbench(browser, server.url(folder), SIGN_OF_LIFE);
    const tidyUp = async ({ task }: TestContext): Promise<void> => {
      if (task.result?.state === 'fail') {
        const path = join(root, 'out/failed', `${task.name.replaceAll(/\W+/g, '-')}.png`);
        await workbench.page.screenshot({ path });
        console.log(`The window in which it failed: ${path}`);
      }
      await workbench.command('View: Close All Editors');
    };
    return { folder, workbench, tidyUp, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Processes of the engine that this editor's extension started: its extensions lie beside the folder of models. */
export function enginesOf({ folder }: Editor): number[] {
  const profile = join(folder, '../profile');
  const list = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((text) => text.includes(profile) && /\/dist\/engine\.js$/.test(text.trim()))
    .map((text) => Number.parseInt(text, 10));
}

function packagedExtension(): string {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
  };
  const vsix = join(root, `${name}-${version}.vsix`);
  if (!existsSync(vsix))
    throw new Error(`${vsix} is missing: run \`npm run package\` first; \`npm test\` does.`);
  return vsix;
}
