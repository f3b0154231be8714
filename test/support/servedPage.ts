// A page of the extension in a headless browser with its service behind it: everything but VS Code itself.
import type { Browser, Page } from 'playwright-core';
import { createServer, type Pushes, type ServerEnd, type Service } from '../../src/protocol/rpc.ts';
import { createWebview, type PageName, type PageOptions } from './webviewPage.ts';

export interface ServedPage<P extends Pushes> {
  readonly page: Page;
  /** Errors and warnings of the console, among them breaches of the content security policy. */
  readonly complaints: readonly string[];
  /** Speaks to the page as its host does. */
  readonly push: ServerEnd<P>['push'];
  close(): Promise<void>;
}

/** @param connect tells the page what happens, until what it answers is called */
export async function servePage<S extends Service, P extends Pushes>(
  browser: Browser,
  name: PageName,
  service: S,
  { connect = () => () => undefined, ...options }: ServeOptions<P>,
): Promise<ServedPage<P>> {
  const { page, complaints, post, open } = await createWebview(browser, name, options);
  const server = createServer<S, P>(service, post, () => new AbortController());
  const stop = connect(server.push);
  await open((message) => server.receive(message));
  return {
    ...{ page, complaints, push: server.push },
    async close() {
      stop();
      server.close();
      await page.context().close();
    },
  };
}

export interface ServeOptions<P extends Pushes> extends PageOptions {
  readonly connect?: (push: ServerEnd<P>['push']) => () => void;
}
