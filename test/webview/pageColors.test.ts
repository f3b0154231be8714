import { describe, expect, test } from 'vitest';
import {
  bitsColor,
  contrast,
  fieldColor,
  fieldTextColor,
  inkOn,
  needsOutline,
  outlierColor,
  scaleColor,
  scalePosition,
  type Color,
  type ThemeKind,
} from '../../webview/shared/colors.ts';
import type { FieldColor } from '../../src/protocol/modelView.ts';

const BACKGROUND: Readonly<Record<ThemeKind, Color>> = {
  dark: '#1f1f1f',
  light: '#ffffff',
  hc: '#000000',
  hcLight: '#ffffff',
};
const THEMES = Object.keys(BACKGROUND) as ThemeKind[];
const BITS = [1.5, 2, 3, 4, 5, 6, 8, 16, 32];

describe('the scale of bits per weight', () => {
  test.each([
    [1.5, 0],
    [2, 0.08],
    [3, 0.23],
    [4, 0.39],
    [Math.sqrt(32), (0.52 + 0.63) / 2, 0.02], // about halfway between 5 and 6
    [8, 0.77],
    [16, 0.89],
    [Math.sqrt(16 * 32), 0.945], // exactly halfway in log2
    [32, 1],
  ])('%d bits stand at %d', (bits, position, within = 1e-9) => {
    expect(Math.abs(scalePosition(bits) - position)).toBeLessThan(within);
  });

  test('ends where it ends', () => {
    expect([scalePosition(1), scalePosition(64)]).toEqual([0, 1]);
  });

  test.each([
    [
      'dark',
      ['#5851af', '#4d63bb', '#2f84c8', '#0ba5ca', '#30bcc5', '#5acebe', '#8fe0b7', '#bbeeb6', '#e1f9bb'],
    ],
    [
      'light',
      ['#9bbeff', '#7cb4f6', '#50a0d0', '#208aa6', '#037782', '#036565', '#024f45', '#023d2b', '#012d16'],
    ],
    [
      'hc',
      ['#634ecf', '#5164dc', '#098be5', '#09aed6', '#01c7d1', '#31dac9', '#84ecbb', '#baf8b4', '#e9ffc7'],
    ],
  ] as const)('has its own colors at the stops in %s', (theme, colors) => {
    expect(BITS.map((bits) => bitsColor(theme, bits))).toEqual(colors);
  });

  test('leads away from the background with every step, in every theme', () => {
    for (const theme of THEMES) {
      let last = 0;
      for (let position = 0.1; position <= 1; position += 0.05) {
        const now = contrast(scaleColor(theme, position), BACKGROUND[theme]);
        expect(now, `${theme} at ${position}`).toBeGreaterThan(last);
        last = now;
      }
    }
  });

  test('carries text of at least 4.5:1 everywhere', () => {
    for (const theme of THEMES)
      for (let position = 0; position <= 1; position += 0.01) {
        const color = scaleColor(theme, position);
        expect(contrast(inkOn(color), color), `${theme} at ${position}`).toBeGreaterThanOrEqual(4.5);
      }
  });
});

test.each([
  ['dark', 1.5, true],
  ['dark', 4.5, false],
  ['light', 2, true],
  ['light', 3, true],
  ['light', 4, false],
  ['hc', 1.5, false],
] as const)('in %s a mark of %d bits needs an outline: %s', (theme, bits, needed) => {
  expect(needsOutline(theme, bitsColor(theme, bits))).toBe(needed);
});

test('fields of a block are seen as marks and read as text', () => {
  const fields: readonly FieldColor[] = ['superScale', 'scale', 'superMin', 'min', 'code', 'other'];
  for (const theme of THEMES)
    for (const field of fields) {
      const text = fieldTextColor(theme, field);
      expect(contrast(fieldColor(theme, field), BACKGROUND[theme])).toBeGreaterThanOrEqual(3);
      if (text !== null) expect(contrast(text, BACKGROUND[theme])).toBeGreaterThanOrEqual(4.5);
    }
});

describe('the scale of outliers', () => {
  const POSITIONS = Array.from({ length: 21 }, (_, step) => step / 20);

  test.each(THEMES)('goes away from the background in %s, step by step', (theme) => {
    const contrasts = POSITIONS.map((position) => contrast(outlierColor(theme, position), BACKGROUND[theme]));
    expect(contrasts).toEqual([...contrasts].sort((a, b) => a - b));
    expect(contrasts.at(-1)).toBeGreaterThan(10);
  });

  test.each(THEMES)(
    'has an outline where it is too close to the background in %s, and a color for it',
    (theme) => {
      expect(needsOutline(theme, outlierColor(theme, 0))).toBe(true);
      expect(needsOutline(theme, outlierColor(theme, 0.4))).toBe(false); // with which drawCells.ts draws the outline
    },
  );

  test('is no color of the bits', () => {
    for (const theme of THEMES)
      for (const position of POSITIONS)
        expect(outlierColor(theme, position)).not.toBe(scaleColor(theme, position));
  });
});
