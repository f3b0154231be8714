import { expect, test } from 'vitest';
import { placeCard, type Box } from '../../webview/shared/hover/hoverPlacement.ts';

const VIEWPORT = { width: 1000, height: 600 };
const CARD = { width: 400, height: 200 };
const box = (left: number, top: number, right: number, bottom: number): Box => ({ left, top, right, bottom });

test.each([
  ['below a cell, in line with it', box(100, 100, 130, 117), { side: 'below', left: 100, top: 117 }],
  [
    'indented below a row as wide as the page',
    box(0, 100, 1000, 122),
    { side: 'below', left: 120, top: 122 },
  ],
  ['above when it fits only there', box(100, 450, 130, 467), { side: 'above', left: 100, top: 250 }],
  ['inside the page at its right end', box(950, 100, 980, 117), { side: 'below', left: 592, top: 117 }],
  ['below a tall cell, not beside it', box(90, 100, 116, 300), { side: 'below', left: 90, top: 300 }],
])('%s', (_name, anchor, place) => {
  expect(placeCard(anchor, CARD, VIEWPORT)).toMatchObject(place);
});

test('where it fits nowhere it takes the larger side and scrolls', () => {
  const high = { width: 400, height: 900 };
  expect(placeCard(box(0, 200, 50, 220), high, VIEWPORT)).toEqual({
    left: 8,
    top: 220,
    side: 'below',
    maxHeight: 372,
  });
  expect(placeCard(box(0, 400, 50, 420), high, VIEWPORT)).toEqual({
    left: 8,
    top: 8,
    side: 'above',
    maxHeight: 392,
  });
});

test('it never covers what it explains', () => {
  for (let top = 0; top < 580; top += 7) {
    const anchor = box(20, top, 60, top + 22);
    for (const height of [40, 200, 500, 800]) {
      const place = placeCard(anchor, { width: 400, height }, VIEWPORT);
      const bottom = place.top + Math.min(height, place.maxHeight);
      expect(place.top >= anchor.bottom || bottom <= anchor.top).toBe(true);
    }
  }
});
