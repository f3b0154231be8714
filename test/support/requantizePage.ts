// The Re-quantize page in a headless browser, over the real planner, queue and engine.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { createErrorPredictor } from '../../src/app/quantize/predict.ts';
import { createRequantizer } from '../../src/app/requantize/createRequantizer.ts';
import { createRequantizeJobs } from '../../src/app/requantize/requantizeJobs.ts';
import {
  connectRequantizePage,
  createRequantizeService,
  type RequantizeShell,
  type RequantizeSources,
} from '../../src/app/requantize/requantizeService.ts';
import type { EngineParts } from '../../src/node/engineProcess.ts';
import { createErrorEngine } from '../../src/node/errorProcess.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { diskPlaces } from '../../src/node/outputPlaces.ts';
import { createQuantizeEngine } from '../../src/node/quantizeProcess.ts';
import type { RequantizeHost, RequantizePushes } from '../../src/protocol/requantize.ts';
import { type ServedPage, servePage } from './servedPage.ts';
import type { PageOptions } from './webviewPage.ts';

const later = (milliseconds: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

export function createRequantizeSources(parts: EngineParts): RequantizeSources {
  const requantizer = createRequantizer({
    ...{ files: diskAccess, engine: createQuantizeEngine(parts), places: diskPlaces },
    predictor: createErrorPredictor(createErrorEngine(parts)),
    newAbort: () => new AbortController(),
    shell: 'posix',
    readText: (path) => readFileSync(path, 'utf8'),
    resolve: (file, path) => resolve(dirname(file), path),
  });
  const jobs = createRequantizeJobs({ requantizer, now: Date.now, newId: randomUUID, later });
  return { reader: createHeaderReader(diskAccess), requantizer, jobs };
}

/** The editor around the page, played by the test: what the user says, and what was done for them. */
export interface PlayedShell extends RequantizeShell {
  user: { trusts: boolean; replaces: boolean; file: string | null; hasImatrixMaker: boolean };
  readonly done: string[];
  savedState: unknown;
  preferences: unknown;
}

export function playedShell(): PlayedShell {
  const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
  const shell: PlayedShell = {
    user: { trusts: true, replaces: true, file: null, hasImatrixMaker: true },
    ...{ done: [], savedState: null, preferences: null },
    isTrusted: () => shell.user.trusts,
    async mayReplace(path) {
      shell.done.push(`asked to replace ${nameOf(path)}`);
      return shell.user.replaces;
    },
    chooseOutput: async () => shell.user.file,
    chooseImatrix: async () => shell.user.file,
    chooseRecipe: async () => shell.user.file,
    chooseRecipeTarget: async () => shell.user.file,
    writeText: async (path, text) => writeFileSync(path, text),
    useResult: async ({ output }, how) => void shell.done.push(`${how} ${output.fileName}`),
    canMakeImatrix: async () => shell.user.hasImatrixMaker,
    makeImatrix: async () => void shell.done.push('make imatrix'),
    showLayers: async () => void shell.done.push('layers'),
    manageTrust: async () => void shell.done.push('trust'),
    showLog: () => void shell.done.push('log'),
    copy: async (text) => void shell.done.push(text),
    loadState: () => shell.savedState,
    saveState: async (state) => void (shell.savedState = state),
    loadPreferences: () => shell.preferences,
    savePreferences: async (preferences) => void (shell.preferences = preferences),
  };
  return shell;
}

export interface OpenRequantize extends ServedPage<RequantizePushes> {
  readonly shell: PlayedShell;
}

export interface RequantizeOptions extends PageOptions {
  /** Stands in front of the service: for states that a real run has only for a moment. */
  readonly change?: (host: RequantizeHost) => RequantizeHost;
  readonly shell?: PlayedShell;
}

export async function openRequantize(
  browser: Browser,
  path: string,
  sources: RequantizeSources,
  { change = (host) => host, shell = playedShell(), ...options }: RequantizeOptions = {},
): Promise<OpenRequantize> {
  const service = change(createRequantizeService(path, sources, shell));
  const served = await servePage<RequantizeHost, RequantizePushes>(browser, 'requantize', service, {
    ...options,
    connect: (push) => connectRequantizePage(path, sources, later, push),
  });
  return { ...served, shell };
}
