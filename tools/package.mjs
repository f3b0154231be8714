// Packs what build.mjs made into quantscope-<version>.vsix: node tools/package.mjs
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { buildAll } from './build.mjs';
import { root } from './setup.mjs';
import { runCommand, step } from './steps.mjs';

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const vsixPath = join(root, `${name}-${version}.vsix`);

export async function makePackage() {
  await step('Build', () => buildAll({ production: true }));
  await step(`Package ${basename(vsixPath)}`, async () => {
    await createVSIX({
      cwd: root,
      packagePath: vsixPath,
      dependencies: false, // everything is bundled
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
  });
}

if (import.meta.filename === process.argv[1]) await runCommand(makePackage);
