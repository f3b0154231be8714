// Where llama.cpp's libraries are, and koffi, which calls them: plain files in one folder, shipped beside the program.
import { createRequire } from 'node:module';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as koffi from 'koffi';
import { Failure, notFound } from '../core/base/failure.ts';

export type Koffi = typeof koffi;
export type Library = ReturnType<Koffi['load']>;

/** Names carry the variant: libllama.vulkan.v0.4.0.so, llama.v0.4.0.dll, libllama.metal.v0.4.0.dylib. */
const NAMES = {
  ggmlBase: /^(lib)?ggml-base\.(so|dylib|dll)$/,
  ggml: /^(lib)?ggml(\.\w+)?\.v[\d.]+\.(so|dylib|dll)$/,
  llama: /^(lib)?llama(\.\w+)?\.v[\d.]+\.(so|dylib|dll)$/,
} as const;

/** The C library of each platform, for memcpy and strlen. */
const C_LIBRARY: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'libc.so.6',
  darwin: 'libSystem.B.dylib',
  win32: 'ucrtbase.dll',
};

export interface Libraries {
  readonly koffi: Koffi;
  readonly folder: string;
  readonly ggmlBase: Library;
  readonly ggml: Library;
  readonly llama: Library;
  readonly c: Library;
}

/**
 * Loads them from the first folder that has them.
 * @throws Failure when none has, or this system cannot load them
 */
export function loadLibraries(folders: readonly string[]): Libraries {
  const folder = folders.find((path) => fileIn(path, NAMES.llama) !== undefined);
  const cName = C_LIBRARY[process.platform];
  if (folder === undefined || cName === undefined)
    throw notFound(`llama.cpp for ${process.platform}-${process.arch}`);
  const loaders = [folder, ...folders].map((path) => join(path, 'koffi.node'));
  const loader = loaders.find(existsSync);
  if (loader === undefined) throw notFound(join(folder, 'koffi.node'));
  try {
    // The binding itself: the package around it only looks for this file and adds deprecated names.
    const native = createRequire(__filename)(loader) as Koffi;
    // In the order of their needs: Windows does not look beside a library for another one.
    const load = (name: RegExp): Library => native.load(join(folder, fileIn(folder, name) ?? ''));
    const [ggmlBase, ggml, llama] = [load(NAMES.ggmlBase), load(NAMES.ggml), load(NAMES.llama)];
    return { koffi: native, folder, ggmlBase, ggml, llama, c: native.load(cName) };
  } catch (error) {
    throw new Failure(
      'not-readable',
      `This system cannot load llama.cpp (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
}

function fileIn(folder: string, name: RegExp): string | undefined {
  return existsSync(folder) ? readdirSync(folder).find((entry) => name.test(entry)) : undefined;
}
