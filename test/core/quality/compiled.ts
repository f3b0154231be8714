// The compiled row kernel for the tests: tools/kernel.mjs, with types.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const TOOL = path.resolve(import.meta.dirname, '../../../tools/kernel.mjs');

export const { buildRows, ROWS_WASM } = (await import(pathToFileURL(TOOL).href)) as {
  buildRows(): Promise<void>;
  ROWS_WASM: string;
};
