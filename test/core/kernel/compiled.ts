// The compiled kernel for the tests: tools/kernel.mjs, with types.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const TOOL = path.resolve(import.meta.dirname, '../../../tools/kernel.mjs');

export const { buildKernel, KERNEL_WASM } = (await import(pathToFileURL(TOOL).href)) as {
  buildKernel(): Promise<void>;
  KERNEL_WASM: string;
};
