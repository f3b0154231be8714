// A page of the extension in a headless browser, with what VS Code puts around it: theme, policy, messages, kept state.
import { build, type BuildOptions } from 'esbuild';
import { extname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { themeMarkup, THEMES, themeVariables, type Theme } from './theme.ts';
import { imatrixPage, pages, plannerPage, qualityPage, requantizePage } from './tools.ts';

export interface PageOptions {
  readonly theme?: Theme;
  /** Size of the editor area in px; 1400 × 900 unless told. */
  readonly width?: number;
  readonly height?: number;
}

export interface WebviewPage {
  readonly page: Page;
  /** Errors and warnings of the console, among them breaches of the content security policy. */
  readonly complaints: string[];
  /** Sends to the page. */
  readonly post: (message: unknown) => void;
  /** Loads the page; what it sends goes to `receive`. */
  open(receive: (message: unknown) => void): Promise<void>;
}

/** Never asked from the network: every answer is made here. */
const ORIGIN = 'http://inspector.test';

const BUILDS = {
  inspector: pages,
  quality: qualityPage,
  planner: plannerPage,
  imatrix: imatrixPage,
  requantize: requantizePage,
} satisfies Record<string, typeof pages>;
export type PageName = keyof typeof BUILDS;

export async function createWebview(
  browser: Browser,
  name: PageName,
  { theme = 'dark', width = 1400, height = 900 }: PageOptions,
): Promise<WebviewPage> {
  const files = await bundle(name);
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  await page.route(`${ORIGIN}/**`, (route) => {
    const asked = new URL(route.request().url()).pathname.slice(1);
    if (asked === '') return route.fulfill({ contentType: 'text/html', body: markup(name, theme) });
    if (asked === 'theme.css')
      return route.fulfill({ contentType: 'text/css', body: themeMarkup(theme).css });
    const body = files.get(asked);
    return body === undefined
      ? route.fulfill({ status: 404, body: '' })
      : route.fulfill({ contentType: CONTENT_TYPES[extname(asked)] ?? '', body });
  });
  return {
    page,
    complaints: listenForComplaints(page),
    post: (message) => {
      // A page that was closed or reloaded meanwhile no longer listens; its asks died with it.
      page.evaluate(deliver, throughVsCode(message)).catch(() => undefined);
    },
    async open(receive) {
      await page.exposeBinding('postToHost', (_source, message: unknown) => receive(throughVsCode(message)));
      await page.addInitScript(standInForVsCode);
      await page.goto(ORIGIN);
    },
  };
}

/** Changes the theme of an open page as VS Code does: variables on the root element, classes of the body. */
export async function setTheme(page: Page, theme: Theme): Promise<void> {
  // What a theme before had and this one has not is as if it were nowhere.
  const unset = Object.fromEntries(THEMES.flatMap(themeVariables).map(([name]) => [name, 'initial']));
  const variables = { ...unset, ...Object.fromEntries(themeVariables(theme)) };
  const { bodyClass } = themeMarkup(theme);
  await page.evaluate(
    (shown) => {
      for (const [name, value] of Object.entries(shown.variables))
        document.documentElement.style.setProperty(name, value);
      document.body.className = shown.bodyClass;
      document.body.dataset['vscodeThemeId'] = shown.theme;
    },
    { variables, bodyClass, theme },
  );
  // The toolkit gives the body a background of its own, and follows a frame later.
  await page.waitForFunction(() => {
    const [root, body] = [document.documentElement, document.body].map(
      (element) => getComputedStyle(element).backgroundColor,
    );
    return body === root || body === 'rgba(0, 0, 0, 0)';
  });
}

/** As messages arrive in VS Code: it writes them as JSON, beside which buffers travel as they are. So NaN and Infinity become null. */
function throughVsCode(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => throughVsCode(item) ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, throughVsCode(item)]));
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

function markup(name: PageName, theme: Theme): string {
  const { bodyClass, bodyKind } = themeMarkup(theme);
  const policy = `default-src 'none'; script-src ${ORIGIN}; style-src ${ORIGIN} 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; font-src ${ORIGIN}; img-src ${ORIGIN} data:`;
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/${name}.css"><title>Quantscope</title></head>
<body class="${bodyClass}" data-vscode-theme-kind="${bodyKind}" data-vscode-theme-id="${theme}" data-hover-delay="500">
<div id="page"></div><script type="module" src="/${name}.js"></script></body></html>`;
}

const built = new Map<PageName, Promise<ReadonlyMap<string, Buffer>>>();

function bundle(name: PageName): Promise<ReadonlyMap<string, Buffer>> {
  let files = built.get(name);
  if (files === undefined) {
    const options: BuildOptions = { ...BUILDS[name]({}), write: false };
    files = build(options).then(
      ({ outputFiles = [] }) =>
        new Map(
          outputFiles.map(({ path, contents }) => [path.replace(/^.*[\\/]/, ''), Buffer.from(contents)]),
        ),
    );
    built.set(name, files);
  }
  return files;
}
