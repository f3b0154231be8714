// What the tests of the page share: models written to a folder of their own, and the check for accessibility.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { source as axe } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterEach, expect } from 'vitest';
import { hostOf } from '../support/page.ts';
import { THEMES, type Theme } from '../support/theme.ts';
import { setTheme } from '../support/webviewPage.ts';
import { arrayOf, text, uint32, writeGguf, type EntrySpec, type GgufSpec } from '../support/ggufWriter.ts';

export const SAMPLE = new URL('../samples/sotu-5m-Q4_K_M.gguf', import.meta.url).pathname;
export const SAFETENSORS_SAMPLE = new URL('../samples/sotu-5m-fp8/model.safetensors', import.meta.url)
  .pathname;

export interface ModelFolder {
  file(name: string, bytes: Uint8Array | string): string;
  /** A file whose tensor data is there but takes no room on the disk. */
  gguf(name: string, spec: GgufSpec): string;
  remove(): void;
}

export function modelFolder(): ModelFolder {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const file = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  return {
    file,
    gguf(name, spec) {
      const { header, fileSize } = writeGguf(spec);
      const path = file(name, header);
      truncateSync(path, fileSize);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** A header with an answer to everything the page asks of metadata: long text, arrays, enums, hostile names. */
export const RICH_METADATA: readonly EntrySpec[] = [
  { key: 'general.architecture', value: text('llama') },
  { key: 'general.name', value: text('<img src=x onerror=alert(1)> \u202egnp.exe') },
  { key: 'general.file_type', value: uint32(15) },
  { key: 'general.license', value: text('Permission is hereby granted, free of charge. '.repeat(100)) },
  {
    key: 'tokenizer.chat_template',
    value: text("{% for m in messages %}\n{{ m['role'] }}<script>\n{% endfor %}"),
  },
  {
    key: 'tokenizer.ggml.tokens',
    value: arrayOf(
      'string',
      Array.from({ length: 1234 }, (_, index) => `token-${index}`),
    ),
  },
];

/** What another theme can change for the worse. */
const COLOR_RULES: readonly string[] = ['color-contrast', 'link-in-text-block'];

/** Fails with what axe-core finds, one line for each element. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page, null)).toEqual([]);
}

/** The same, and then the colors in every other theme; the page has its own again at the end. */
export async function expectAccessibleInThemes(page: Page): Promise<void> {
  const own = (await page.evaluate(() => document.body.dataset['vscodeThemeId'])) as Theme;
  const found: Partial<Record<Theme, string[]>> = { [own]: await violations(page, null) };
  for (const theme of THEMES.filter((other) => other !== own)) {
    await setTheme(page, theme);
    found[theme] = await violations(page, COLOR_RULES);
  }
  await setTheme(page, own);
  expect(found).toEqual(Object.fromEntries(THEMES.map((theme) => [theme, []])));
}

/** @param rules all when null. */
async function violations(page: Page, rules: readonly string[] | null): Promise<string[]> {
  // The policy of the page forbids script elements, not the debugger.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    for (const animation of document.getAnimations()) animation.finish(); // colors on their way from theme to theme
    const options = only === null ? {} : { runOnly: { type: 'rule', values: only } };
    const { violations } = await axe.run(options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, rules);
}

/** Keeps the pages that a test opens: after each test none of them may have complained, and all are closed. */
export function pagesOfTests<
  T extends { readonly complaints: readonly string[]; close(): Promise<void> },
>(): (page: T) => T {
  let opened: T[] = [];
  afterEach(async () => {
    for (const { complaints } of opened) expect(complaints).toEqual([]);
    await Promise.all(opened.map((one) => one.close()));
    opened = [];
  });
  return (page) => {
    opened.push(page);
    return page;
  };
}

export function expectNoComplaints(page: Page): void {
  expect(hostOf(page).complaints).toEqual([]);
}
