// Runs one TypeScript program of this repository: node tools/run.mjs FILE.ts [arguments of the program]
// It is bundled into out/run first; packages stay outside the bundle.
import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [entry, ...rest] = process.argv.slice(2);
if (entry === undefined) {
  console.error('Say which program: node tools/run.mjs FILE.ts [arguments].');
  process.exit(64);
}

// A name of its own per run: the same program may run twice at once.
const program = join(root, 'out/run', `${basename(entry, '.ts')}-${process.pid}.mjs`);
await build({
  entryPoints: [entry],
  outfile: program,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  plugins: [ownPlace()],
  sourcemap: 'inline',
  logLevel: 'warning',
});
const flags = ['--enable-source-maps', '--expose-gc'];
const { status } = spawnSync(process.execPath, [...flags, program, ...rest], { stdio: 'inherit' });
await rm(program);
process.exitCode = status ?? 1;

/**
 * Sources find files of the repository by their own place in it, which a bundle would lose.
 * @returns {import('esbuild').Plugin}
 */
function ownPlace() {
  return {
    name: 'own-place',
    setup(builder) {
      builder.onLoad({ filter: /\.[jt]sx?$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const own = JSON.stringify(pathToFileURL(path).href);
        const loader = /** @type {import('esbuild').Loader} */ (extname(path).slice(1));
        return { contents: text.replaceAll('import.meta.url', own), loader };
      });
    },
  };
}
