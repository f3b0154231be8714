// A requantizer in this process, on the samples and with the real engine.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createErrorPredictor } from '../../../src/app/quantize/predict.ts';
import { createRequantizer } from '../../../src/app/requantize/createRequantizer.ts';
import { FIRST_RECIPE } from '../../../src/app/requantize/recipeViews.ts';
import type { Requantizer } from '../../../src/app/requantize/requantizer.ts';
import { createErrorEngine } from '../../../src/node/errorProcess.ts';
import type { RecipeView } from '../../../src/protocol/requantize.ts';
import { createSetting, type Setting } from '../../quantize/setting.ts';

export interface RequantizerSetting extends Setting {
  readonly requantizer: Requantizer;
}

export async function createRequantizerSetting(): Promise<RequantizerSetting> {
  const setting = await createSetting();
  return { ...setting, requantizer: newRequantizer(setting) };
}

/** Another one, that remembers nothing. */
export const newRequantizer = ({ ports, parts }: Setting): Requantizer =>
  createRequantizer({
    ...ports,
    predictor: createErrorPredictor(createErrorEngine(parts)),
    newAbort: () => new AbortController(),
    shell: 'posix',
    readText: (path) => readFileSync(path, 'utf8'),
    resolve: (file, path) => resolve(dirname(file), path),
  });

export const recipe = (change: Partial<RecipeView> = {}): RecipeView => ({ ...FIRST_RECIPE, ...change });
