// The inspector page in a headless browser, over the real readers: everything but VS Code itself.
import type { Browser, Page } from 'playwright-core';
import type { Device } from '../../src/core/plan/devices.ts';
import { createHeaderReader } from '../../src/app/headerReader.ts';
import { createInspectorService } from '../../src/app/inspectorService.ts';
import { createDiskAnalyzer } from '../../src/node/diskAnalyzer.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { InspectorPushes, PageCommand } from '../../src/protocol/inspector.ts';
import { createServer } from '../../src/protocol/rpc.ts';
import { createDirectModelAnalyzer } from './directModelAnalyzer.ts';
import { buildKernel, KERNEL_WASM } from './tools.ts';
import { createWebview, type PageOptions } from './webviewPage.ts';

export type { PageOptions } from './webviewPage.ts';

export interface InspectorOptions extends PageOptions {
  /** What the header speaks of. */
  readonly planDevice?: Device;
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

/**
 * Opens `modelPath` in a page of its own browser context; close it with `page.context().close()`. The page is built anew
 * from the sources once per process. `getState` and `setState` last until the context is closed, so `page.reload()` is
 * what a reload of the window is in VS Code.
 */
export async function openInspector(
  browser: Browser,
  modelPath: string,
  options: InspectorOptions = {},
): Promise<Page> {
  const webview = await createWebview(browser, 'inspector', options);
  const { page } = webview;
  const host: PageHost = {
    copied: [],
    commands: [],
    files: new Map(),
    savedState: null,
    preferences: null,
    complaints: webview.complaints,
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
    planDevice: () => options.planDevice ?? null,
    painted: () => undefined,
  });
  const server = createServer<typeof service, InspectorPushes>(
    service,
    webview.post,
    () => new AbortController(),
  );
  modelAnalyzer.onStatus((_path, status) => server.push('analysis', status));
  await webview.open((message) => server.receive(message));
  return page;
}
