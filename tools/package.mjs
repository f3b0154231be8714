// Packs what build.mjs made into quantscope-<version>.vsix: node tools/package.mjs
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
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
    for (const file of await listFiles({ cwd: root, packageManager: PackageManager.None })) {
      const { size } = statSync(join(root, file));
      console.log(`  ${file.padEnd(32)} ${(size / 1000).toFixed(1).padStart(8)} kB`);
    }
    console.log(`  ${basename(vsixPath)}: ${(statSync(vsixPath).size / 1000).toFixed(1)} kB`);
  });
}

if (import.meta.filename === process.argv[1]) await runCommand(makePackage);
