// The charts of the panel as a person meets them: drawn, read by pointer and keys, zoomed, taken along.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { hostOf, openInspector, type PageOptions } from '../support/page.ts';
import { expectAccessible, expectNoComplaints, SAMPLE } from './pageSupport.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(() => page.context().close());
afterAll(() => browser.close());

async function openPanel(options?: PageOptions): Promise<void> {
  page = await openInspector(browser, SAMPLE, options);
  await page.locator('.line').first().waitFor();
  hostOf(page).push('reveal', { name: 'blk.1.ffn_down.weight' });
  await page.locator('.line.selected').waitFor();
  await page.locator('.table').press('Enter');
  await chart('Statistics').waitFor();
}

const chart = (name: string) => page.getByRole('region', { name, exact: true });
const picture = (name: string) => chart(name).getByRole('application');
const canvas = (name: string) => chart(name).locator('canvas');
const readout = (name: string) => chart(name).locator('.readout');
const spoken = (name: string) => chart(name).getByRole('status');
const finding = (name: string) => chart(name).locator('.finding').innerText();
const exportOf = async (name: string, item: string): Promise<void> => {
  await chart(name)
    .getByRole('button', { name: `Export ${name}` })
    .click();
  await chart(name).getByRole('menuitem', { name: item }).click();
};

/** How many px of the canvas have this color exactly. */
const pixels = (name: string, color: string): Promise<number> =>
  canvas(name).evaluate((element, hex) => {
    const drawn = element as HTMLCanvasElement;
    // Of a copy: the browser complains about a canvas that is read again and again.
    const copy = new OffscreenCanvas(drawn.width, drawn.height);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context?.drawImage(drawn, 0, 0);
    const { data } = context?.getImageData(0, 0, drawn.width, drawn.height) ?? { data: [] };
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    let count = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255)
        count++;
    return count;
  }, color);

const BODY = '#6c9bd2';
const OUTLIER = '#f0883e';

test('every chart is drawn, outliers in their color, on a canvas of the pixels of the screen', async () => {
  await openPanel();
  for (const [name, color] of [
    ['Values', BODY],
    ['Values', OUTLIER],
    ['Scales', '#c9a6ef'],
    ['Mins', '#6fd0c2'],
    ['Codes', '#8f979f'],
    ['Input channels', BODY],
    ['Input channels', OUTLIER],
  ] as const)
    expect(await pixels(name, color), `${name} ${color}`).toBeGreaterThan(100);
  const { width, height, ratio } = await canvas('Values').evaluate((element) => ({
    width: (element as HTMLCanvasElement).width / element.clientWidth,
    height: (element as HTMLCanvasElement).height / element.clientHeight,
    ratio: devicePixelRatio,
  }));
  expect([width, height]).toEqual([ratio, ratio]);
  expectNoComplaints(page); // among them breaches of the content security policy
});

test('on another screen the charts have its pixels', async () => {
  await openPanel();
  const screen = await page.context().newCDPSession(page);
  for (const [width, deviceScaleFactor] of [
    [1390, 2],
    [1380, 1.5],
    [1370, 1],
  ] as const) {
    await screen.send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height: 900, mobile: false },
      deviceScaleFactor,
    });
    const ratio = () =>
      canvas('Codes').evaluate((element) => (element as HTMLCanvasElement).width / element.clientWidth);
    await expect.poll(ratio).toBeCloseTo(deviceScaleFactor, 1);
    // Bars begin and end at whole pixels: where edges are blurred, hardly any pixel has the color itself.
    const box = await canvas('Values').boundingBox();
    const share =
      (await pixels('Values', BODY)) / ((box?.width ?? 0) * (box?.height ?? 0) * deviceScaleFactor ** 2);
    expect(share).toBeGreaterThan(0.1);
  }
});

test('the charts follow the width of the panel and the colors of the theme', async () => {
  await openPanel();
  const before = await canvas('Values').evaluate((element) => element.clientWidth);
  await page.setViewportSize({ width: 900, height: 900 });
  await expect
    .poll(() => canvas('Values').evaluate((element) => element.clientWidth))
    .toBeGreaterThan(before);
  await expect.poll(() => pixels('Values', BODY)).toBeGreaterThan(100);
  await page.evaluate(() => document.body.classList.replace('vscode-dark', 'vscode-light'));
  await expect.poll(() => pixels('Values', '#3f72b5')).toBeGreaterThan(100);
  await expect.poll(() => pixels('Scales', '#9363d6')).toBeGreaterThan(100);
  // Another theme of the same kind changes variables only.
  await page.evaluate(() =>
    document.documentElement.style.setProperty('--vscode-descriptionForeground', '#ff0000'),
  );
  await page.evaluate(() => document.body.style.setProperty('--muted', '#ff0000'));
  await page.evaluate(() =>
    document.documentElement.style.setProperty('--vscode-editor-background', '#fffffe'),
  );
  await expect.poll(() => pixels('Values', '#ff0000')).toBeGreaterThan(100);
  expectNoComplaints(page);
});

test('pointing at a bar says what it holds', async () => {
  await openPanel();
  const { width = 0, height = 0 } = (await canvas('Values').boundingBox()) ?? {};
  await canvas('Values').hover({ position: { x: 36 + (width - 36) / 2, y: height / 2 } });
  expect(await readout('Values').innerText()).toMatch(
    /^−?\d.*….*\n[\d,]+ weights · \d+\.\d\d % · −?0\.\d+σ$/,
  );
  await canvas('Codes').hover({ position: { x: 5, y: 40 } });
  expect(await readout('Values').count()).toBe(0);
  expect(await readout('Codes').innerText()).toMatch(/^Code 0\n[\d,]+ weights · /);
  await page.mouse.move(5, 5);
  expect(await readout('Codes').count()).toBe(0);
});

test('arrow keys step through the bars, and each is spoken', async () => {
  await openPanel();
  await picture('Codes').focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => spoken('Codes').innerText()).toMatch(/^Code 0: [\d,]+ weights · /);
  await page.keyboard.press('End');
  await expect.poll(() => spoken('Codes').innerText()).toMatch(/^Code 15: /);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => spoken('Codes').innerText()).toMatch(/^Code 14: /);
  await page.keyboard.press('Escape');
  await expect.poll(() => readout('Codes').count()).toBe(0);
  expect(await page.locator('.tensor-panel').count()).toBe(1); // that Escape meant the readout
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.locator('.panel-head h2').innerText()).not.toBe('blk.1.ffn_down.weight');
});

test('the table behind a chart has the numbers that it shows', async () => {
  await openPanel();
  await picture('Codes').focus();
  await page.keyboard.press('Home');
  const count = /: ([\d,]+) weights/.exec(await spoken('Codes').innerText())?.[1]?.replaceAll(',', '');
  await page.keyboard.press('t');
  const cells = await chart('Codes').getByRole('cell').allInnerTexts();
  expect(cells.slice(0, 2)).toEqual(['0', count]);
  expect(cells).toHaveLength(32);
  const counts = (await chart('Values').locator('td:last-child').allInnerTexts()).map(Number);
  expect(counts.reduce((sum, weights) => sum + weights, 0) / 196_608).toBeCloseTo(1, 4);
});

test('dragging over the values shows that part of them; Escape, 0 and Reset go back', async () => {
  await openPanel();
  const all = await finding('Values');
  expect(all).toContain('beyond 3σ');
  const box = await canvas('Values').boundingBox();
  if (box === null) throw new Error('There is no chart.');
  const drag = async (): Promise<void> => {
    await page.mouse.move(box.x + 36 + 100, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + 36 + 200, box.y + 80, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() => finding('Values'))
      .toMatch(/^≈ [\d,]+ weights \([\d.]+ %\) from −0\.\d+ to −0\.\d+$/);
  };
  const isBack = () => expect.poll(() => finding('Values')).toBe(all);
  await drag();
  await page.keyboard.press('Escape');
  await isBack();
  expect(await page.locator('.tensor-panel').count()).toBe(1);
  await drag();
  await chart('Values').getByRole('button', { name: 'Reset' }).click();
  await isBack();
  await picture('Values').focus();
  await page.keyboard.press('+');
  await expect.poll(() => finding('Values')).toMatch(/ from /);
  await page.keyboard.press('+');
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  await isBack();
  await page.keyboard.press('+');
  await page.keyboard.press('0');
  await isBack();
});

test('the wheel scrolls the panel, and zooms with Ctrl', async () => {
  await openPanel({ height: 500 });
  const all = await finding('Values');
  await canvas('Values').hover({ position: { x: 300, y: 80 } });
  await page.mouse.wheel(0, 60);
  await expect
    .poll(() => page.locator('.panel-body').evaluate(({ scrollTop }) => scrollTop))
    .toBeGreaterThan(0);
  expect(await finding('Values')).toBe(all);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -240);
  await page.keyboard.up('Control');
  await expect.poll(() => finding('Values')).toMatch(/ from /);
});

test('a zoomed chart is a table and CSV of that part', async () => {
  await openPanel();
  await picture('Values').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  const [low = NaN, high = NaN] = (/from (\S+) to (\S+)/.exec(await finding('Values')) ?? [])
    .slice(1)
    .map((value) => Number(value.replace('−', '-')));
  await exportOf('Values', 'Copy Data as CSV');
  await expect.poll(() => hostOf(page).copied.length).toBe(1);
  const [head, ...lines] = (hostOf(page).copied[0] ?? '').trimEnd().split('\r\n');
  expect(head).toBe('From,To,≈ weights');
  for (const line of lines) {
    expect(Number(line.split(',')[0])).toBeGreaterThanOrEqual(low - 0.001);
    expect(Number(line.split(',')[1])).toBeLessThanOrEqual(high + 0.001);
  }
});

test('a chart is saved as a picture of twice its size, with its title', async () => {
  await openPanel();
  const { width = 0, height = 0 } = (await canvas('Values').boundingBox()) ?? {};
  await exportOf('Values', 'Save as PNG…');
  const { files } = hostOf(page);
  await expect.poll(() => [...files.keys()]).toEqual(['blk.1.ffn_down.weight.values.png']);
  const png = Buffer.from(files.get('blk.1.ffn_down.weight.values.png') ?? []);
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(2 * (width + 32));
  expect(png.readUInt32BE(20)).toBe(2 * (height + 32 + 36 + 6));
  expectNoComplaints(page);
});

test('the menu of a chart and its readout are accessible', async () => {
  await openPanel();
  await picture('Values').focus();
  await page.keyboard.press('Home');
  await expectAccessible(page);
  await chart('Values').getByRole('button', { name: 'Export Values' }).click();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  expect(await chart('Values').getByRole('menu').count()).toBe(0);
});
