// The picture of the block of every type of ggml, set in a wide font and in a narrow one, in a wide card and a narrow one.
import { describe, expect, test } from 'vitest';
import { typeViews } from '../../src/app/present/typeViews.ts';
import { UNPLACED } from '../../src/core/formats/naming/place.ts';
import { GGML_SCHEMES } from '../../src/core/quant/ggmlTypes.ts';
import type { BlockView } from '../../src/protocol/modelView.ts';
import { labelText, layoutBlock, spanOf, type FieldLabel } from '../../webview/inspector/card/blockLabels.ts';
import { exactDecimals } from '../../webview/inspector/card/exactDecimals.ts';

const blocks: readonly (readonly [name: string, block: BlockView])[] = typeViews(
  GGML_SCHEMES.map((scheme) => ({
    name: scheme.name,
    place: UNPLACED,
    scheme,
    shape: [256],
    elementCount: 256,
    byteLength: 256,
    byteOffset: 0,
    file: 0,
    state: 'whole',
    packed: null,
  })),
).flatMap(({ name, block }) => (block === null ? [] : [[name, block] as const]));

/** Px of a character of an 11 px text on average: Segoe UI and DejaVu Sans. */
const FONTS = [5.3, 6.7];
const WIDTHS = [532, 440];

describe.each(blocks)('the block of %s', (_name, block) => {
  test.each(FONTS.flatMap((font) => WIDTHS.map((width) => [font, width] as const)))(
    'has a place for every label with %d px per character in %d px',
    (font, width) => {
      const widthOf = (text: string): number => text.length * font;
      const { labels, boxes, rows } = layoutBlock(block, width, widthOf);
      expect(labels.map(({ lines }) => lines.join(' ')).sort()).toEqual(
        block.fields.map((field) => labelText(block, field)).sort(),
      );
      expect(boxes.reduce((sum, box) => sum + box.width, 0)).toBeCloseTo(width);
      expect(rows).toBeLessThanOrEqual(3 * block.fields.length);
      for (const [at, label] of labels.entries()) {
        const { start, end } = spanOf(label, widthOf);
        expect(start).toBeGreaterThanOrEqual(-0.01);
        expect(end).toBeLessThanOrEqual(width + 0.01);
        for (const other of labels.slice(at + 1)) expectApart(label, other, widthOf);
      }
    },
  );
});

/** Texts of two labels do not touch, and the line of neither runs through the text of the other. */
function expectApart(one: FieldLabel, other: FieldLabel, widthOf: (text: string) => number): void {
  const [a, b] = [spanOf(one, widthOf), spanOf(other, widthOf)];
  const sharesRow = one.row < other.row + other.lines.length && other.row < one.row + one.lines.length;
  if (sharesRow)
    expect(a.end <= b.start || b.end <= a.start, `${one.lines[0]} | ${other.lines[0]}`).toBe(true);
  for (const [line, text, span] of [
    [one, other, b],
    [other, one, a],
  ] as const) {
    const passes = line.leader !== null && line.row >= text.row;
    if (passes)
      expect(
        line.leader! < span.start || line.leader! > span.end,
        `${line.lines[0]} through ${text.lines[0]}`,
      ).toBe(true);
  }
}

test('the bits of a table add up as they are written', () => {
  expect(exactDecimals([4, 0.5, 4.5])).toBe(2);
  expect(exactDecimals([8, 0.125, 8.125])).toBe(3);
  expect(exactDecimals([4, 0.375, 0.0625, 0.0625, 4.5])).toBe(4);
});
