// The tools of the repository, which are plain JavaScript, as the tests see them.
import type { BuildOptions } from 'esbuild';

const load = (file: string): Promise<unknown> =>
  import(/* @vite-ignore */ new URL(`../../tools/${file}`, import.meta.url).href);

export const { pages } = (await load('build.mjs')) as {
  readonly pages: (kind: { readonly production?: boolean }) => BuildOptions;
};
export const { findChromium } = (await load('chromium.mjs')) as {
  /** Path of a browser that is on this machine; null when there is none. */
  readonly findChromium: () => string | null;
};
