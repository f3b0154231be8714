// The page of an importance matrix in a headless browser, over the real reader: everything but VS Code itself.
import type { Browser, Page } from 'playwright-core';
import { createImatrixReader } from '../../src/app/imatrix/imatrixReader.ts';
import { createImatrixService } from '../../src/app/imatrix/imatrixService.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import type { ImatrixHost, ImatrixPushes } from '../../src/protocol/imatrixView.ts';
import { createServer } from '../../src/protocol/rpc.ts';
import { createWebview, type PageOptions } from './webviewPage.ts';

export interface OpenImatrix {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly copied: string[];
  readonly commands: string[];
  readonly files: Map<string, Uint8Array>;
  push<K extends keyof ImatrixPushes & string>(name: K, value: ImatrixPushes[K]): void;
  close(): Promise<void>;
}

export async function openImatrixPage(
  browser: Browser,
  path: string,
  options: PageOptions = {},
): Promise<OpenImatrix> {
  const webview = await createWebview(browser, 'imatrix', options);
  const [copied, commands, files]: [string[], string[], Map<string, Uint8Array>] = [[], [], new Map()];
  let saved: unknown = null;
  const service = createImatrixService(path, createImatrixReader(diskAccess), {
    run: async (command) => void commands.push(command),
    copy: async (text) => void copied.push(text),
    saveFile: async (name, bytes) => void files.set(name, bytes),
    loadState: () => saved,
    saveState: async (state) => void (saved = state),
  });
  const server = createServer<ImatrixHost, ImatrixPushes>(service, webview.post, () => new AbortController());
  await webview.open((message) => server.receive(message));
  return {
    ...{ page: webview.page, complaints: webview.complaints, copied, commands, files },
    push: (name, value) => server.push(name, value),
    async close() {
      server.close();
      await webview.page.context().close();
    },
  };
}
