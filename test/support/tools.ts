// The tools of the repository, which are plain JavaScript, as the tests see them.
import type { BuildOptions } from 'esbuild';

const load = (file: string): Promise<unknown> =>
  import(/* @vite-ignore */ new URL(`../../tools/${file}`, import.meta.url).href);

type Kind = { readonly production?: boolean };

export const { everything, imatrixPage, pages, plannerPage, qualityPage, requantizePage } = (await load(
  'build.mjs',
)) as {
  /** What esbuild is asked to make: all that ships, and the pages alone. */
  readonly everything: (kind: Kind) => readonly BuildOptions[];
  readonly pages: (kind: Kind) => BuildOptions;
  readonly qualityPage: (kind: Kind) => BuildOptions;
  readonly plannerPage: (kind: Kind) => BuildOptions;
  readonly imatrixPage: (kind: Kind) => BuildOptions;
  readonly requantizePage: (kind: Kind) => BuildOptions;
};
export const { buildKernel, KERNEL_WASM, buildRows, ROWS_WASM } = (await load('kernel.mjs')) as {
  /** Compiles the kernel when its sources are newer. */
  readonly buildKernel: () => Promise<void>;
  readonly KERNEL_WASM: string;
  /** The same for the program that scores rows of logits. */
  readonly buildRows: () => Promise<void>;
  readonly ROWS_WASM: string;
};
export const { ensureEngine, ownTarget, ENGINE_TARGETS } = (await load('engine.mjs')) as {
  /** Folder with the libraries of a target; fetched once. */
  readonly ensureEngine: (target: string) => Promise<string>;
  /** The target of this machine; undefined where there is no engine. */
  readonly ownTarget: () => string | undefined;
  readonly ENGINE_TARGETS: readonly string[];
};
export const { findChromium } = (await load('chromium.mjs')) as {
  /** Path of a browser that is on this machine; null when there is none. */
  readonly findChromium: () => string | null;
};

export interface RunningServer {
  /** Address of a window on the folder. */
  url(folder: string): string;
  stop(): Promise<void>;
}
export const { installVsCode } = (await load('vscode/install.mjs')) as {
  /** Folder of the VS Code server; installs it when it is not there. */
  readonly installVsCode: () => Promise<string>;
};
export const { startServer } = (await load('vscode/server.mjs')) as {
  readonly startServer: (options: {
    readonly server: string;
    readonly profile: string;
    readonly vsix: string;
    readonly token: string;
    readonly trusted: boolean;
    readonly settings?: Readonly<Record<string, unknown>>;
  }) => Promise<RunningServer>;
};
export const { makeDemo } = (await load('demo.mjs')) as {
  /** Fills a folder with models to try: whole, cut, in shards. */
  readonly makeDemo: (folder: string) => void;
};
