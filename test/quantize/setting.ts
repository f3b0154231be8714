// What the tests of quantizing share: a folder with the samples in it, the real engine, an order to change.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { QuantizeNews } from '../../src/app/quantize/quantizeEngine.ts';
import {
  type QuantizeOrder,
  type QuantizePorts,
  quantizeModel,
} from '../../src/app/quantize/quantizeModel.ts';
import { EMPTY_RECIPE, type Recipe } from '../../src/app/quantize/recipe.ts';
import type { EngineParts } from '../../src/node/engineProcess.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { diskPlaces } from '../../src/node/outputPlaces.ts';
import { createQuantizeEngine } from '../../src/node/quantizeProcess.ts';
import { buildEngine, sample } from '../support/engine.ts';

export interface Setting {
  readonly folder: string;
  readonly parts: EngineParts;
  readonly ports: QuantizePorts;
  /** Where the last engine wrote its process id. */
  readonly pidFile: string;
  path(name: string): string;
  /** Of the F16 sample to `out.gguf`. */
  order(recipe: Partial<Recipe>, change?: Partial<QuantizeOrder>): QuantizeOrder;
}

const SAMPLES = ['sotu-5m-F16.gguf', 'sotu-5m-Q4_K_M.gguf', 'sotu-5m.imatrix.gguf'];

export async function createSetting(): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-quantize-'));
  const program = mkdtempSync(join(tmpdir(), 'quantscope-program-'));
  for (const name of SAMPLES) copyFileSync(sample(name), join(folder, name));
  const built = await buildEngine(program);
  const pidFile = join(program, 'pid');
  const watched = join(program, 'watched.js');
  writeFileSync(
    watched,
    `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); require('./engine.js');`,
  );
  const parts = { ...built, engineProgram: watched };
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    parts,
    ports: { files: diskAccess, engine: createQuantizeEngine(parts), places: diskPlaces },
    pidFile,
    path,
    order: (recipe, change) => ({
      source: path('sotu-5m-F16.gguf'),
      output: path('out.gguf'),
      recipe: { ...EMPTY_RECIPE, type: 'Q4_K_M', ...recipe },
      threads: 1,
      force: false,
      ...change,
    }),
  };
}

/** @param setting undefined where there is no engine to make one of */
export function removeSetting(setting: Setting | undefined): void {
  if (setting === undefined) return;
  for (const folder of [setting.folder, dirname(setting.pidFile)])
    rmSync(folder, { recursive: true, force: true });
}

/** Each test of a file leaves the folder as it was, and the source in it. */
export function expectAllAsBefore(setting: () => Setting): void {
  const state = (): unknown => {
    const { folder, path } = setting();
    return { files: listing(folder), source: sha256(path('sotu-5m-F16.gguf')) };
  };
  let before: unknown;
  beforeEach(() => {
    before = state();
  });
  afterEach(() => expect(state()).toEqual(before));
}

/** Of the last engine. */
export const pidOf = ({ pidFile }: Setting): number => Number(readFileSync(pidFile, 'utf8'));

export const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

export const never = new AbortController().signal;
export const nothing = (): void => undefined;

/** What lies in a folder, in the order of the names. */
export const listing = (folder: string): string[] => readdirSync(folder).sort();

export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false; // this is how the system says that there is none
  }
}

/** How a run ends that must not come to an end. */
export async function failure(
  order: QuantizeOrder,
  ports: QuantizePorts,
  signal = never,
  tell: (news: QuantizeNews) => void = nothing,
): Promise<Error & { code?: string }> {
  return await quantizeModel(ports, order, tell, signal).then(
    () => new Error('It came to an end.'),
    (error: Error) => error,
  );
}

/** Acts when half of the tensors are done. */
export function atHalf(act: () => void): (news: QuantizeNews) => void {
  let acted = false;
  return (news) => {
    if (acted || news.kind !== 'tensor' || news.index < news.count / 2) return;
    acted = true;
    act();
  };
}
