// Bundles everything that ships into dist/: the extension, its threads, the kernel, the terminal command and the pages.
//   node tools/build.mjs [--production] [--watch]
// --production minifies and leaves out source maps; --watch builds again after every change.
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import { buildKernel, buildRows, KERNEL_WASM, ROWS_WASM } from './kernel.mjs';
import { noticesOf } from './notices.mjs';
import { runCommand, StepFailed } from './steps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ production?: boolean }} Kind */

/**
 * Programs for Node, in CommonJS: the extension host loads nothing else everywhere.
 * @param {Kind} kind @param {{ in: string, out: string }[]} entries @param {string} firstLine
 * @returns {import('esbuild').BuildOptions}
 */
const forNode = ({ production = false }, entries, firstLine) => ({
  absWorkingDir: root,
  entryPoints: present(entries),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  plugins: [leaveOutUnused('@huggingface/tasks')],
  banner: { js: firstLine },
  minify: production,
  sourcemap: production ? false : 'linked',
  metafile: true,
  logLevel: 'warning',
});

/** @param {Kind} kind */
const hostPrograms = (kind) =>
  forNode(
    kind,
    [
      { in: 'src/extension/main.ts', out: 'extension' },
      { in: 'src/node/headerThread.ts', out: 'headerThread' },
      { in: 'src/node/imatrixThread.ts', out: 'imatrixThread' },
      { in: 'src/node/analysisThread.ts', out: 'analysisThread' },
      { in: 'src/engine/main.ts', out: 'engine' },
      { in: 'src/node/modelAnalysisThread.ts', out: 'modelAnalysisThread' },
      { in: 'src/node/sliceThread.ts', out: 'sliceThread' },
      { in: 'src/node/requantizeThread.ts', out: 'requantizeThread' },
    ],
    '',
  );

/** @param {Kind} kind */
const terminalProgram = (kind) =>
  forNode(kind, [{ in: 'src/cli/main.ts', out: 'cli' }], '#!/usr/bin/env node');

/**
 * The page: its script and style sheet, those of the parts that it loads later, what both share, and the icon font.
 * @param {Kind} kind
 * @returns {import('esbuild').BuildOptions}
 */
export const pages = ({ production = false }) => ({
  absWorkingDir: root,
  entryPoints: present([
    { in: 'webview/inspector/main.tsx', out: 'inspector' },
    { in: 'webview/inspector/parts.tsx', out: 'parts' },
  ]),
  outdir: 'dist/webview',
  bundle: true,
  splitting: true,
  chunkNames: 'shared',
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  legalComments: 'none',
  minify: production,
  sourcemap: production ? false : 'linked',
  metafile: true,
  logLevel: 'warning',
});

/**
 * The page of measurements: one script and one style sheet, apart from the inspector's, whose first script shares nothing with it.
 * @param {Kind} kind
 * @returns {import('esbuild').BuildOptions}
 */
export const qualityPage = (kind) => ({
  ...pages(kind),
  entryPoints: present([{ in: 'webview/quality/main.tsx', out: 'quality' }]),
  splitting: false,
});

/**
 * The page that plans memory, apart from the others for the same reason.
 * @param {Kind} kind
 * @returns {import('esbuild').BuildOptions}
 */
export const plannerPage = (kind) => ({
  ...qualityPage(kind),
  entryPoints: present([{ in: 'webview/planner/main.tsx', out: 'planner' }]),
});

/**
 * The page of plans, by itself like the page of measurements.
 * @param {Kind} kind
 * @returns {import('esbuild').BuildOptions}
 */
export const requantizePage = (kind) => ({
  ...pages(kind),
  entryPoints: present([{ in: 'webview/requantize/main.tsx', out: 'requantize' }]),
  splitting: false,
});

/**
 * The page of importance matrices, by itself like the others.
 * @param {Kind} kind
 * @returns {import('esbuild').BuildOptions}
 */
export const imatrixPage = (kind) => ({
  ...qualityPage(kind),
  entryPoints: present([{ in: 'webview/imatrix/main.tsx', out: 'imatrix' }]),
});

/** @param {Kind} kind */
export const everything = (kind) => [
  hostPrograms(kind),
  terminalProgram(kind),
  pages(kind),
  qualityPage(kind),
  requantizePage(kind),
  plannerPage(kind),
  imatrixPage(kind),
];

/**
 * A package that has no side effects but does not say so: what is not used of it stays out of the bundle (230 kB of 360).
 * @param {string} name @returns {import('esbuild').Plugin}
 */
function leaveOutUnused(name) {
  const folder = join('node_modules', name);
  return {
    name: 'leave-out-unused',
    setup({ onResolve, resolve: resolveImport }) {
      onResolve({ filter: /^(\.|@)/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === name || !(path === name || importer.includes(folder))) return undefined;
        const found = await resolveImport(path, { importer, kind, resolveDir, pluginData: name });
        return { path: found.path, errors: found.errors, sideEffects: false };
      });
    },
  };
}

/** @param {{ in: string, out: string }[]} entries */
function present(entries) {
  return entries.filter((entry) => {
    const there = existsSync(join(root, entry.in));
    if (!there) console.log(`  ${entry.in} is not there: left out.`);
    return there;
  });
}

const NOTICES = 'dist/THIRD_PARTY_NOTICES.txt';

/** What stands in the outputs; a file that was read and left out does not count. @param {Outputs} outputs */
function bundledFiles(outputs) {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

/** @typedef {import('esbuild').Metafile['outputs']} Outputs */

/** @param {Kind} kind */
export async function buildAll(kind) {
  const results = await Promise.all(everything(kind).map((options) => build(options))).catch(() => {
    throw new StepFailed('The build failed; the errors stand above.');
  });
  await buildKernel();
  await buildRows();
  const outputs = Object.assign({}, ...results.map((result) => result.metafile?.outputs));
  writeFileSync(join(root, NOTICES), noticesOf(bundledFiles(outputs)));
  removeStale(
    new Set([KERNEL_WASM, ROWS_WASM, NOTICES, ...Object.keys(outputs)].map((path) => resolve(root, path))),
  );
  if (existsSync(join(root, 'dist/cli.js'))) chmodSync(join(root, 'dist/cli.js'), 0o755);
  for (const [path, { bytes }] of Object.entries(outputs))
    if (!path.endsWith('.map'))
      console.log(`  ${path.padEnd(32)} ${(bytes / 1000).toFixed(1).padStart(8)} kB`);
}

/** What an earlier build left in dist/ would end up in the package. @param {Set<string>} outputs */
function removeStale(outputs) {
  const folder = join(root, 'dist');
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isEngine = path.startsWith(join(folder, 'engine', sep)); // tools/engine.mjs looks after it
    if (entry.isFile() && !isEngine && !outputs.has(path)) rmSync(path);
  }
}

async function watch() {
  await buildKernel();
  await buildRows();
  for (const options of everything({})) await (await context({ ...options, logLevel: 'info' })).watch();
  console.log(`Watching; built into ${relative(process.cwd(), join(root, 'dist'))}. Ctrl+C ends it.`);
}

if (process.argv[1] === import.meta.filename) {
  const flags = new Set(process.argv.slice(2));
  await runCommand(() =>
    flags.has('--watch') ? watch() : buildAll({ production: flags.has('--production') }),
  );
}
