// Compiles the AssemblyScript programs: src/kernel to dist/kernel.wasm, src/rows to dist/rows.wasm. Does nothing for one that is
// newer than its sources.
//   node tools/kernel.mjs
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const KERNEL_WASM = join(root, 'dist/kernel.wasm');
export const ROWS_WASM = join(root, 'dist/rows.wasm');

/** 64 KiB each. Fixed: growing would detach every view of the memory, and nothing is ever loaded whole. */
const KERNEL_PAGES = 1024;

/** @returns {Promise<void>} */
export const buildKernel = () =>
  compile('src/kernel', 'kernel.ts', KERNEL_WASM, [
    ...['--initialMemory', `${KERNEL_PAGES}`],
    ...['--maximumMemory', `${KERNEL_PAGES}`],
  ]);

/** Its host chooses how large its memory is, by the vocabulary. @returns {Promise<void>} */
export const buildRows = () => compile('src/rows', 'rows.ts', ROWS_WASM, []);

/** @param {string} folder @param {string} entry @param {string} wasm @param {string[]} memory */
async function compile(folder, entry, wasm, memory) {
  const sources = join(root, folder);
  if (isFresh(sources, wasm)) return;
  // By a name that TypeScript does not follow: the types of assemblyscript redefine `console` for this whole folder.
  const compiler = 'assemblyscript/asc';
  const { default: asc } = await import(`${compiler}`);
  const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--importMemory'];
  const { error, stdout, stderr } = await asc.main(
    [entry, '--baseDir', sources, '--outFile', 'program.wasm', ...options, ...memory],
    {
      writeFile: (/** @type {string} */ _name, /** @type {Uint8Array} */ contents) => {
        mkdirSync(dirname(wasm), { recursive: true });
        // Tests build it side by side, and one may read it while another writes.
        const unfinished = `${wasm}.${process.pid}`;
        writeFileSync(unfinished, contents);
        renameSync(unfinished, wasm);
      },
    },
  );
  if (error !== null) throw new Error(`${folder} does not compile: ${error.message}\n${stdout}${stderr}`);
}

/** @param {string} sources @param {string} wasm @returns {boolean} */
function isFresh(sources, wasm) {
  const built = statSync(wasm, { throwIfNoEntry: false });
  if (built === undefined) return false;
  const files = [...readdirSync(sources).map((name) => join(sources, name)), fileURLToPath(import.meta.url)];
  return files.every((file) => statSync(file).mtimeMs < built.mtimeMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernel();
  await buildRows();
}
