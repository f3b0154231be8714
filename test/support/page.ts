// The inspector page in a headless browser, over the real readers: everything but VS Code itself.
import { build } from 'esbuild';
import { extname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { createInspectorService } from '../../src/app/inspectorService.ts';
import { createDiskAnalyzer } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { InspectorPushes, PageCommand } from '../../src/protocol/inspector.ts';
import { createServer } from '../../src/protocol/rpc.ts';
import { createDirectModelAnalyzer } from './directModelAnalyzer.ts';
import { themeMarkup, type Theme } from './theme.ts';
import { buildKernel, KERNEL_WASM, pages } from './tools.ts';

export interface PageOptions {
  readonly theme?: Theme;
  /** Size of the editor area in px; 1400 × 900 unless told. */
  readonly width?: number;
  readonly height?: number;
}

/** What the page did to its host, and a way to speak to the page as the host does. */
export interface PageHost {
  readonly copied: string[];
  readonly commands: PageCommand[];
  /** Files that the page saved, by name. */
  readonly files: Map<string, Uint8Array>;
  savedState: unknown;
  /** Of the user: outlasts a reload, as the saved state. */
  preferences: unknown;
  push<K extends keyof InspectorPushes & string>(name: K, value: InspectorPushes[K]): void;
  /** Errors and warnings of the console, among them breaches of the content security policy. */
  readonly complaints: string[];
}

const hosts = new WeakMap<Page, PageHost>();

export function hostOf(page: Page): PageHost {
  const host = hosts.get(page);
  if (host === undefined) throw new Error('This page was not opened by openInspector.');
  return host;
}

/** Never asked from the network: every answer is made here. */
const ORIGIN = 'http://inspector.test';

/**
 * Opens `modelPath` in a page of its own browser context; close it with `page.context().close()`. The page is built anew
 * from the sources once per process. `getState` and `setState` last until the context is closed, so `page.reload()` is
 * what a reload of the window is in VS Code.
 */
export async function openInspector(
  browser: Browser,
  modelPath: string,
  { theme = 'dark', width = 1400, height = 900 }: PageOptions = {},
): Promise<Page> {
  const files = await bundle();
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();

  await page.route(`${ORIGIN}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: markup(theme) });
    if (name === 'theme.css') return route.fulfill({ contentType: 'text/css', body: themeMarkup(theme).css });
    const body = files.get(name);
    return body === undefined
      ? route.fulfill({ status: 404, body: '' })
      : route.fulfill({ contentType: CONTENT_TYPES[extname(name)] ?? '', body });
  });

  const host: PageHost = {
    copied: [],
    commands: [],
    files: new Map(),
    savedState: null,
    preferences: null,
    complaints: listenForComplaints(page),
    push: (name, value) => server.push(name, value),
  };
  hosts.set(page, host);
  await buildKernel();
  const analyzer = createDiskAnalyzer(KERNEL_WASM);
  const modelAnalyzer = createDirectModelAnalyzer(KERNEL_WASM);
  const sources = { reader: createHeaderReader(diskAccess), analyzer, modelAnalyzer };
  const service = createInspectorService(modelPath, sources, {
    loadState: () => host.savedState,
    saveState: async (state) => void (host.savedState = state),
    loadPreferences: () => host.preferences,
    savePreferences: async (preferences) => void (host.preferences = preferences),
    saveFile: async (name, bytes) => void host.files.set(name, bytes),
    copy: async (text) => void host.copied.push(text),
    run: async (command) => void host.commands.push(command),
    painted: () => undefined,
  });
  const server = createServer<typeof service, InspectorPushes>(
    service,
    (message) => {
      // A page that was closed or reloaded meanwhile no longer listens; its asks died with it.
      page.evaluate(deliver, message).catch(() => undefined);
    },
    () => new AbortController(),
  );
  modelAnalyzer.onStatus((_path, status) => server.push('analysis', status));
  await page.exposeBinding('postToHost', (_source, message: unknown) => server.receive(message));
  await page.addInitScript(standInForVsCode);
  await page.goto(ORIGIN);
  return page;
}

const deliver = (message: unknown): void => {
  window.dispatchEvent(new MessageEvent('message', { data: message }));
};

function standInForVsCode(): void {
  const STATE = 'vscode state';
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) =>
        (window as unknown as { postToHost(message: unknown): void }).postToHost(message),
      getState: () => JSON.parse(sessionStorage.getItem(STATE) ?? 'null') as unknown,
      setState: (state: unknown) => sessionStorage.setItem(STATE, JSON.stringify(state)),
    }),
  });
}

function listenForComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return complaints;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.map': 'application/json',
};

function markup(theme: Theme): string {
  const { bodyClass, bodyKind } = themeMarkup(theme);
  const policy = `default-src 'none'; script-src ${ORIGIN}; style-src ${ORIGIN} 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; font-src ${ORIGIN}; img-src ${ORIGIN} data:`;
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/inspector.css"><title>Inspector</title></head>
<body class="${bodyClass}" data-vscode-theme-kind="${bodyKind}" data-vscode-theme-id="${theme}" data-hover-delay="500">
<div id="page"></div><script type="module" src="/inspector.js"></script></body></html>`;
}

let built: Promise<ReadonlyMap<string, Buffer>> | null = null;

function bundle(): Promise<ReadonlyMap<string, Buffer>> {
  built ??= build({ ...pages({}), write: false }).then(
    ({ outputFiles = [] }) =>
      new Map(outputFiles.map(({ path, contents }) => [path.replace(/^.*[\\/]/, ''), Buffer.from(contents)])),
  );
  return built;
}
