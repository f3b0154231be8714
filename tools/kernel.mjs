// Compiles src/kernel (AssemblyScript) to dist/kernel.wasm; does nothing when that is newer than its sources.
//   node tools/kernel.mjs
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src/kernel');
export const KERNEL_WASM = join(root, 'dist/kernel.wasm');

/** 64 KiB each. Fixed: growing would detach every view of the memory, and nothing is ever loaded whole. */
const MEMORY_PAGES = 1024;

/** @returns {Promise<void>} */
export async function buildKernel() {
  if (isFresh()) return;
  // By a name that TypeScript does not follow: the types of assemblyscript redefine `console` for this whole folder.
  const compiler = 'assemblyscript/asc';
  const { default: asc } = await import(`${compiler}`);
  const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--importMemory'];
  const memory = ['--initialMemory', `${MEMORY_PAGES}`, '--maximumMemory', `${MEMORY_PAGES}`];
  const { error, stdout, stderr } = await asc.main(
    ['kernel.ts', '--baseDir', sources, '--outFile', 'kernel.wasm', ...options, ...memory],
    {
      writeFile: (/** @type {string} */ _name, /** @type {Uint8Array} */ contents) => {
        mkdirSync(dirname(KERNEL_WASM), { recursive: true });
        // Tests build it side by side, and one may read it while another writes.
        const unfinished = `${KERNEL_WASM}.${process.pid}`;
        writeFileSync(unfinished, contents);
        renameSync(unfinished, KERNEL_WASM);
      },
    },
  );
  if (error !== null) throw new Error(`The kernel does not compile: ${error.message}\n${stdout}${stderr}`);
}

/** @returns {boolean} */
function isFresh() {
  const built = statSync(KERNEL_WASM, { throwIfNoEntry: false });
  if (built === undefined) return false;
  const files = [...readdirSync(sources).map((name) => join(sources, name)), fileURLToPath(import.meta.url)];
  return files.every((file) => statSync(file).mtimeMs < built.mtimeMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernel();
