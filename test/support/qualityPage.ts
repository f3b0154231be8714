// The Quality page in a headless browser, over the real service: everything but VS Code itself.
import type { Browser, Page } from 'playwright-core';
import {
  connectQualityPage,
  createQualityService,
  type QualitySources,
} from '../../src/app/quality/qualityService.ts';
import type { QualityHost, QualityPushes } from '../../src/protocol/quality.ts';
import { createServer } from '../../src/protocol/rpc.ts';
import { recordingShell, type RecordingShell } from './quality.ts';
import { createWebview, type PageOptions } from './webviewPage.ts';

export interface OpenQuality {
  readonly page: Page;
  readonly shell: RecordingShell;
  readonly complaints: readonly string[];
  push<K extends keyof QualityPushes & string>(name: K, value: QualityPushes[K]): void;
  close(): Promise<void>;
}

export interface QualityOptions extends PageOptions {
  /** Stands in front of the service: for states that a real measurement has only for a moment. */
  readonly change?: (host: QualityHost) => QualityHost;
  readonly shell?: RecordingShell;
}

export async function openQuality(
  browser: Browser,
  path: string,
  sources: QualitySources,
  { change = (host) => host, shell = recordingShell(), ...options }: QualityOptions = {},
): Promise<OpenQuality> {
  const webview = await createWebview(browser, 'quality', options);
  const server = createServer<QualityHost, QualityPushes>(
    change(createQualityService(path, sources, shell)),
    webview.post,
    () => new AbortController(),
  );
  const stop = connectQualityPage(path, sources, (name, value) => server.push(name, value));
  await webview.open((message) => server.receive(message));
  return {
    ...{ page: webview.page, shell, complaints: webview.complaints },
    push: (name, value) => server.push(name, value),
    async close() {
      stop();
      server.close();
      await webview.page.context().close();
    },
  };
}
