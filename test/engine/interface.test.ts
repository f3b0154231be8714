// The check before the first call: the library must be the one that the structures were written for.
import type { LibraryHandle } from 'koffi';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Libraries, loadLibraries } from '../../src/engine/libraries.ts';
import { checkInterface, defineStructs } from '../../src/engine/structs.ts';
import { ENGINE_MISSING } from '../support/engine.ts';
import { ensureEngine, ownTarget } from '../support/tools.ts';

let libraries: Libraries;

beforeAll(async () => {
  if (ENGINE_MISSING !== null) return;
  libraries = loadLibraries(['/nowhere', await ensureEngine(ownTarget()!)]);
  defineStructs(libraries.koffi);
}, 240_000);

/** The library, but for one function. */
function withAnswer(name: string, change: (answer: unknown) => unknown): LibraryHandle {
  const { llama } = libraries;
  const func = (declaration: string): unknown => {
    const real = llama.func(declaration);
    return declaration.includes(`${name}(`) ? () => change(real()) : real;
  };
  return { ...llama, func } as LibraryHandle;
}

describe.skipIf(ENGINE_MISSING !== null)('the interface of llama.cpp', () => {
  it('is the one of version 0.4.0', () => {
    expect(checkInterface(libraries.koffi, libraries.llama)).toMatch(/^0\.4\.0/);
  });

  it.each([
    ['of another version', 'llama_version', () => '0.5.0-dev', /it is version 0\.5\.0-dev/],
    [
      'whose fields have moved',
      'llama_context_default_params',
      (answer: unknown) => ({ ...(answer as object), n_batch: 512 }),
      /n_batch of llama_context_default_params is 512, not 2048/,
    ],
    [
      'whose fields at the end have moved',
      'llama_model_default_params',
      (answer: unknown) => ({ ...(answer as object), use_extra_bufts: false }),
      /use_extra_bufts of llama_model_default_params is false, not true/,
    ],
  ] as const)('%s is refused', (_what, name, change, sentence) => {
    expect(() => checkInterface(libraries.koffi, withAnswer(name, change))).toThrow(sentence);
  });
});
