// The engine as it ships, for the tests: its program bundled, llama.cpp's libraries from the cache.
import { build } from 'esbuild';
import { join } from 'node:path';
import type { EngineParts } from '../../src/node/engineProcess.ts';
import { buildRows, ensureEngine, everything, ownTarget, ROWS_WASM } from './tools.ts';

/** Why there is no engine here; null where there is one. */
export const ENGINE_MISSING: string | null =
  ownTarget() === undefined ? `there is no engine for ${process.platform}-${process.arch}` : null;

/** For tests that never start it. */
export const NO_ENGINE: EngineParts = { engineProgram: '', engineFolders: [], rowsFile: '' };

/** @param folder where the program is bundled to */
export async function buildEngine(folder: string): Promise<EngineParts> {
  const target = ownTarget();
  if (target === undefined) throw new Error(ENGINE_MISSING ?? '');
  const [engineFolder] = await Promise.all([ensureEngine(target), buildRows()]);
  const programs = everything({})[0]!;
  const entryPoints = (programs.entryPoints as { in: string; out: string }[]).filter(
    ({ out }) => out === 'engine',
  );
  await build({ ...programs, entryPoints, outdir: folder });
  return { engineProgram: join(folder, 'engine.js'), engineFolders: [engineFolder], rowsFile: ROWS_WASM };
}

const MODELS = join(import.meta.dirname, '../samples');

export const sample = (name: string): string => join(MODELS, name);

/** What the sample models are measured on. The commands in the references call it sotu-test-200k.txt. */
export const ENGLISH_TEXT = join(import.meta.dirname, '../../media/texts/english.txt');
