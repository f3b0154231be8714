// The window of a real VS Code as a person sees it: open a file, run a command, read a notification, look into a webview.
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';

export interface Workbench {
  readonly page: Page;
  /** Double-clicks a file in the explorer. */
  openFromExplorer(fileName: string): Promise<void>;
  /** Opens a file by its name, or by the end of its path. */
  quickOpen(path: string): Promise<void>;
  /** Runs a command by its title in the palette. */
  command(title: string): Promise<void>;
  /** The input of the quick pick or input box that is open. */
  quickInput(): Locator;
  quickPicks(): Locator;
  tab(fileName: string): Locator;
  statusItem(text: string | RegExp): Locator;
  notification(text: string | RegExp): Locator;
  /** The page inside the editor that is in front. */
  webview(): FrameLocator;
  /** Reloads the window. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** The slowest thing on a loaded machine: a workbench that comes up. */
const START_LIMIT_MS = 60_000;
const STEP_LIMIT_MS = 15_000;

/**
 * Opens a window on `url` in a browser context of its own and waits until the command `ofExtension` is in the palette: a
 * file opened before VS Code knows the extension would show as binary for good.
 */
export async function openWorkbench(browser: Browser, url: string, ofExtension: string): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_LIMIT_MS);
  await page.goto(url);
  const workbench = workbenchOf(page);
  await ready(page);
  await waitForCommand(page, ofExtension);
  return workbench;
}

function workbenchOf(page: Page): Workbench {
  const command = async (title: string): Promise<void> => {
    await typeIntoQuickInput(page, 'F1', `>${title}`);
    await picks(page).filter({ hasText: title }).first().click();
  };
  return {
    command,
    page,
    async openFromExplorer(fileName) {
      await page.locator('.explorer-folders-view .monaco-list-row', { hasText: fileName }).first().dblclick();
    },
    async quickOpen(path) {
      const fileName = path.split('/').at(-1) ?? path;
      await pickFrom(page, 'Control+p', path, fileName);
      await page.keyboard.press('Enter');
    },
    quickInput: () => quickInput(page),
    quickPicks: () => picks(page),
    tab: (fileName) => page.locator('.tabs-container .tab', { hasText: fileName }),
    statusItem: (text) => page.locator('.part.statusbar .statusbar-item', { hasText: text }),
    notification: (text) => page.locator('.notifications-toasts .notification-list-item', { hasText: text }),
    // Hidden editors keep their frames; the inner frame is replaced when the page is rebuilt.
    webview: () =>
      page.locator('iframe.webview.ready:visible').contentFrame().frameLocator('iframe#active-frame'),
    async reload() {
      // By the command: it waits until VS Code has written down what is open, which a reload by the browser does not.
      const navigated = page.waitForEvent('domcontentloaded');
      await command('Developer: Reload Window');
      await navigated;
      await ready(page);
    },
    close: () => page.context().close(),
  };
}

const quickInput = (page: Page): Locator =>
  page.locator('.quick-input-widget:visible .quick-input-box input');
const picks = (page: Page): Locator =>
  page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');

async function ready(page: Page): Promise<void> {
  await page.locator('.part.statusbar .statusbar-item').first().waitFor({ timeout: START_LIMIT_MS });
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: START_LIMIT_MS });
}

/**
 * Opens a quick input by its key and types. A key pressed while the workbench still loads is lost, and so is what is typed
 * into an input that is just closing: it is done again until the text stands there.
 */
async function typeIntoQuickInput(page: Page, key: string, text: string): Promise<void> {
  const input = quickInput(page);
  const deadline = performance.now() + STEP_LIMIT_MS;
  await input.waitFor({ state: 'hidden' });
  for (;;) {
    await page.keyboard.press(key);
    try {
      await input.fill(text, { timeout: 2000 });
      if ((await input.inputValue({ timeout: 500 })) === text) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

async function waitForCommand(page: Page, title: string): Promise<void> {
  await pickFrom(page, 'F1', `>${title}`, title, START_LIMIT_MS);
  await page.keyboard.press('Escape');
}

/** Types into a quick input until its list has a line with `shown`: the list is made when the text changes, and never again. */
async function pickFrom(
  page: Page,
  key: string,
  text: string,
  shown: string,
  limit = STEP_LIMIT_MS,
): Promise<void> {
  await typeIntoQuickInput(page, key, text);
  const deadline = performance.now() + limit;
  const pick = picks(page).filter({ hasText: shown });
  for (;;) {
    await page.waitForTimeout(300);
    if ((await pick.count()) > 0) return;
    if (performance.now() > deadline) throw new Error(`"${shown}" did not come into the list of "${text}".`);
    await quickInput(page).fill(text.slice(0, 1));
    await quickInput(page).fill(text);
  }
}
