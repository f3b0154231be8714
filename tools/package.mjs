// Packs what build.mjs made, with the engine of a platform, into a .vsix.
//   node tools/package.mjs                   quantscope-<version>.vsix, for this machine
//   node tools/package.mjs --target TARGET   quantscope-<version>-<target>.vsix
//   node tools/package.mjs --all             one for every platform that has an engine
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { buildAll } from './build.mjs';
import { ENGINE_TARGETS, ownTarget, placeEngine } from './engine.mjs';
import { root } from './setup.mjs';
import { runCommand, step, StepFailed } from './steps.mjs';

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const vsixPath = join(root, `${name}-${version}.vsix`);
export const vsixPathOf = (/** @type {string} */ target) => join(root, `${name}-${version}-${target}.vsix`);

/** The package for this machine. Where there is no engine for it, all but measuring works. */
export async function makePackage() {
  await step('Build', () => buildAll({ production: true }));
  await pack(ownTarget(), vsixPath);
}

/** @param {string[]} chosen targets */
async function makePackages(chosen) {
  await step('Build', () => buildAll({ production: true }));
  for (const target of chosen) await pack(target, vsixPathOf(target));
  console.log('');
  for (const path of chosen.map(vsixPathOf))
    console.log(`  ${basename(path).padEnd(40)} ${(statSync(path).size / 1e6).toFixed(1).padStart(6)} MB`);
  await placeEngine(ownTarget()); // dist/ is used as it stands, too
}

/** @param {string | undefined} target @param {string} packagePath */
async function pack(target, packagePath) {
  await placeEngine(target);
  await step(`Package ${basename(packagePath)}`, async () => {
    await createVSIX({
      cwd: root,
      packagePath,
      ...(target !== undefined && { target }),
      dependencies: false, // everything is bundled, or stands in dist/engine
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    if (target === undefined)
      console.log(`  without an engine: there is none for ${process.platform}-${process.arch}`);
    console.log(`  ${(statSync(packagePath).size / 1e6).toFixed(1)} MB`);
  });
}

/** @returns {string[] | null} null: only for this machine */
function chosenTargets() {
  const { values } = parseArgs({
    options: { target: { type: 'string', multiple: true }, all: { type: 'boolean', default: false } },
  });
  const unknown = values.target?.find((target) => !ENGINE_TARGETS.includes(target));
  if (unknown !== undefined)
    throw new StepFailed(`There is no target ${unknown}; there are ${ENGINE_TARGETS.join(', ')}.`);
  return values.all ? ENGINE_TARGETS : (values.target ?? null);
}

if (import.meta.filename === process.argv[1])
  await runCommand(async () => {
    const targets = chosenTargets();
    await (targets === null ? makePackage() : makePackages(targets));
  });
