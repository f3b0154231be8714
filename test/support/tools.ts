// The tools of the repository, which are plain JavaScript, as the tests see them.
import type { BuildOptions } from 'esbuild';

const load = (file: string): Promise<unknown> =>
  import(/* @vite-ignore */ new URL(`../../tools/${file}`, import.meta.url).href);

type Kind = { readonly production?: boolean };

export const { everything, pages } = (await load('build.mjs')) as {
  /** What esbuild is asked to make: all that ships, and the pages alone. */
  readonly everything: (kind: Kind) => readonly BuildOptions[];
  readonly pages: (kind: Kind) => BuildOptions;
};
export const { findChromium } = (await load('chromium.mjs')) as {
  /** Path of a browser that is on this machine; null when there is none. */
  readonly findChromium: () => string | null;
};
