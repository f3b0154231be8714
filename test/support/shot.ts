// What the scripts that take a picture of a page have in common: their options, what is done to the page in the order given, the file.
import type { Page } from 'playwright-core';
import type { PageOptions } from './webviewPage.ts';
import type { Theme } from './theme.ts';

const text = { type: 'string' } as const;
/** For parseArgs, which is asked for its tokens, too. */
export const SHOT_OPTIONS = {
  ...{ theme: text, width: text, height: text },
  ...{ click: text, hover: text, scroll: text, drag: text, type: text, press: text, wait: text },
} as const;

type Values = { readonly [Name in keyof typeof SHOT_OPTIONS]?: string | undefined };
/** What parseArgs tells of the arguments, in their order. */
type Tokens = readonly {
  readonly kind: string;
  readonly name?: string;
  readonly value?: string | undefined;
}[];

/** Theme and size of the page; as wide and high as the editor area of the README's pictures unless told. */
export const shotPage = ({ theme = 'dark', width = '1372', height = '882' }: Values): PageOptions => ({
  theme: theme as Theme,
  width: Number(width),
  height: Number(height),
});

export interface Shot {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly values: Values;
  readonly tokens: Tokens;
  readonly out: string;
}

/** Does what was asked, waits until the page has come to rest unless --wait said how long, and takes the picture. */
export async function takeShot({ page, complaints, values, tokens, out }: Shot): Promise<void> {
  await page.waitForTimeout(600);
  for (const { kind, name = '', value } of tokens)
    if (kind === 'option' && value !== undefined) await STEPS[name]?.(page, value);
  if (values.wait === undefined) await page.waitForTimeout(800); // longer than the delay of the hover card
  await page.screenshot({ path: out });
  for (const complaint of complaints) console.log(`The page complains: ${complaint}`);
}

const STEPS: Readonly<Record<string, (page: Page, value: string) => Promise<void>>> = {
  click: (page, selector) => page.locator(selector).first().click({ timeout: 5000 }),
  hover: (page, selector) => page.locator(selector).first().hover({ timeout: 5000 }),
  scroll: (page, selector) => page.locator(selector).first().scrollIntoViewIfNeeded(),
  type: (page, typed) => page.keyboard.type(typed),
  press: (page, key) => page.keyboard.press(key),
  wait: (page, milliseconds) => page.waitForTimeout(Number(milliseconds)),
  drag,
};

/** @param value "SELECTOR X Y X Y": from and to, in px of the element */
async function drag(page: Page, value: string): Promise<void> {
  const [selector = '', ...numbers] = value.split(' ');
  const [fromX = 0, fromY = 0, toX = 0, toY = 0] = numbers.map(Number);
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`There is no ${selector}.`);
  await page.mouse.move(box.x + fromX, box.y + fromY);
  await page.mouse.down();
  await page.mouse.move(box.x + toX, box.y + toY, { steps: 5 });
  await page.mouse.up();
}
