// The data colors of every picture: bits per weight and outliers on a scale each, the fields of a block, the parts of memory. All
// other colors are the theme's.
import type { FieldColor } from '../../src/protocol/modelView.ts';

/** The kinds of themes VS Code tells apart; hc and hcLight are the high-contrast ones. */
export type ThemeKind = 'dark' | 'light' | 'hc' | 'hcLight';

/** "#rrggbb". */
export type Color = `#${string}`;

/** Stops of the scale: bits per weight, and where they stand on it, 0…1. */
const STOP_BITS = [1.5, 2, 3, 4, 5, 6, 8, 16, 32].map(Math.log2);
const STOP_POSITIONS = [0, 0.08, 0.23, 0.39, 0.52, 0.63, 0.77, 0.89, 1];

const SCALE_ON_WHITE: readonly Color[] = [
  '#9bbeff', // 1.5
  '#7cb4f6', // 2
  '#50a0d0', // 3
  '#208aa6', // 4
  '#037782', // 5
  '#036565', // 6
  '#024f45', // 8
  '#023d2b', // 16
  '#012d16', // 32
];
/** A color per stop: more bits stand further away from the background, and neighbors differ for color-blind eyes too. */
const STOP_COLORS: Readonly<Record<ThemeKind, readonly Color[]>> = {
  dark: ['#5851af', '#4d63bb', '#2f84c8', '#0ba5ca', '#30bcc5', '#5acebe', '#8fe0b7', '#bbeeb6', '#e1f9bb'],
  light: SCALE_ON_WHITE,
  hc: ['#634ecf', '#5164dc', '#098be5', '#09aed6', '#01c7d1', '#31dac9', '#84ecbb', '#baf8b4', '#e9ffc7'],
  hcLight: SCALE_ON_WHITE,
};

/** Backgrounds the scale was made for: those of VS Code's own themes. */
const BACKGROUND: Readonly<Record<ThemeKind, Color>> = {
  dark: '#1f1f1f',
  light: '#ffffff',
  hc: '#000000',
  hcLight: '#ffffff',
};

/** Where a number of bits per weight stands on the scale, 0…1: linear in log2(bits) between stops. */
export function scalePosition(bits: number): number {
  const { index, fraction } = segmentOf(STOP_BITS, Math.log2(bits));
  return mix(STOP_POSITIONS[index], STOP_POSITIONS[index + 1], fraction);
}

/** The color at a position 0…1 of the scale, mixed in OKLab between the stops. */
export const scaleColor = scaleOf(STOP_COLORS, STOP_POSITIONS);

const OUTLIERS_ON_WHITE: readonly Color[] = [
  '#e5cea5',
  '#d1ab7d',
  '#bd885a',
  '#a9643a',
  '#934021',
  '#7a170e',
];
/** A color at every fifth of the scale of outliers: more of them stand further away from the background. */
const OUTLIER_COLORS: Readonly<Record<ThemeKind, readonly Color[]>> = {
  dark: ['#5e3f39', '#835747', '#a87251', '#cb9058', '#ecb25f', '#ffd989'],
  light: OUTLIERS_ON_WHITE,
  hc: ['#6a4039', '#905c47', '#b57a53', '#d99c5d', '#f8c168', '#ffedc0'],
  hcLight: OUTLIERS_ON_WHITE,
};

/** The color at a position 0…1 of the scale of outliers, which all measures of the weights share. */
export const outlierColor = scaleOf(OUTLIER_COLORS, [0, 0.2, 0.4, 0.6, 0.8, 1]);

type ColorScale = (theme: ThemeKind, position: number) => Color;

/** Colors are computed once for so many steps of a scale: finer than the eye, and a map has 60,000 cells. */
function scaleOf(
  colors: Readonly<Record<ThemeKind, readonly Color[]>>,
  positions: readonly number[],
): ColorScale {
  const steps = 1000;
  const computed: Record<ThemeKind, (Color | undefined)[]> = { dark: [], light: [], hc: [], hcLight: [] };
  return (theme, position) => {
    const step = Math.round(position * steps);
    return (computed[theme][step] ??= mixedColor(colors[theme], positions, step / steps));
  };
}

function mixedColor(stopColors: readonly Color[], positions: readonly number[], position: number): Color {
  const { index, fraction } = segmentOf(positions, position);
  const [low, high] = [labOf(stopColors[index]), labOf(stopColors[index + 1])];
  return hexOf([0, 1, 2].map((axis) => mix(low[axis], high[axis], fraction)));
}

/** The color of a tensor, a type or a layer by its bits per weight. */
export function bitsColor(theme: ThemeKind, bits: number): Color {
  return scaleColor(theme, scalePosition(bits));
}

/** Luminance that contrasts equally with black and with white: √(1.05 · 0.05) − 0.05. */
const INK_SPLIT = 0.179;

/** The color of text on `color`, contrasting at least 4.5:1. */
export function inkOn(color: Color): Color {
  return luminanceOf(color) > INK_SPLIT ? '#000000' : '#ffffff';
}

/** WCAG 2 asks this contrast of graphics. */
const GRAPHICS_CONTRAST = 3;

/** Does a mark of this color need an outline to stand out from the background? */
export function needsOutline(theme: ThemeKind, color: Color): boolean {
  return contrast(color, BACKGROUND[theme]) < GRAPHICS_CONTRAST;
}

/** Contrast ratio of two colors after WCAG 2, 1…21. */
export function contrast(one: Color, other: Color): number {
  const [a, b] = [luminanceOf(one) + 0.05, luminanceOf(other) + 0.05];
  return Math.max(a, b) / Math.min(a, b);
}

/** Colors after the formula w = d·sc·q − dmin·m: the scale family purple, the min family teal, codes gray. */
const FIELD_COLORS_ON_WHITE: Readonly<Record<FieldColor, Color>> = {
  superScale: '#6b34b0',
  scale: '#9363d6',
  superMin: '#0b6e62',
  min: '#2c998a',
  code: '#6e7681',
  other: '#8a9199',
};
const FIELD_COLORS: Readonly<Record<ThemeKind, Readonly<Record<FieldColor, Color>>>> = {
  dark: {
    superScale: '#a678d6',
    scale: '#c9a6ef',
    superMin: '#2f9e8f',
    min: '#6fd0c2',
    code: '#8f979f',
    other: '#6c747c',
  },
  light: FIELD_COLORS_ON_WHITE,
  hc: {
    superScale: '#b98cf2',
    scale: '#dcc4ff',
    superMin: '#33bfae',
    min: '#8ff0e2',
    code: '#b0b8c0',
    other: '#7d858d',
  },
  hcLight: FIELD_COLORS_ON_WHITE,
};

/** The color of a field of a block as a mark: at least 3:1 on the background. */
export function fieldColor(theme: ThemeKind, field: FieldColor): Color {
  return FIELD_COLORS[theme][field];
}

/** Where a mark is too pale for text of at least 4.5:1. */
const FIELD_TEXT_ON_WHITE: Readonly<Partial<Record<FieldColor, Color>>> = {
  scale: '#7d4ccb',
  min: '#1b7a6d',
};

/** The color of a field's symbol in a formula; null for codes, which are written in the foreground. */
export function fieldTextColor(theme: ThemeKind, field: FieldColor): Color | null {
  if (field === 'code' || field === 'other') return null;
  const onWhite = theme === 'light' || theme === 'hcLight';
  return (onWhite ? FIELD_TEXT_ON_WHITE[field] : undefined) ?? fieldColor(theme, field);
}

/** What memory is taken for, beside each other in one bar. */
export type PartColor = 'weights' | 'cache' | 'states' | 'compute' | 'overhead';

const PART_COLORS_ON_WHITE: Readonly<Record<PartColor, Color>> = {
  weights: '#3f72b5',
  cache: '#6b34b0',
  states: '#9363d6',
  compute: '#0b6e62',
  overhead: '#6e7681',
};
const PART_COLORS: Readonly<Record<ThemeKind, Readonly<Record<PartColor, Color>>>> = {
  dark: {
    weights: '#6c9bd2',
    cache: '#a678d6',
    states: '#c9a6ef',
    compute: '#2f9e8f',
    overhead: '#8f979f',
  },
  light: PART_COLORS_ON_WHITE,
  hc: { weights: '#7fb4ff', cache: '#b98cf2', states: '#dcc4ff', compute: '#33bfae', overhead: '#b0b8c0' },
  hcLight: PART_COLORS_ON_WHITE,
};

/** The color of a part of the memory: at least 3:1 on the background. */
export function partColor(theme: ThemeKind, part: PartColor): Color {
  return PART_COLORS[theme][part];
}

/** The two ascending stops around `value`, and how far it lies between them; outside the first and last it is clamped. */
function segmentOf(stops: readonly number[], value: number): { index: number; fraction: number } {
  const after = stops.findIndex((stop) => value <= stop);
  const index = after === -1 ? stops.length - 2 : Math.max(0, after - 1);
  const [low = 0, high = 1] = stops.slice(index, index + 2);
  return { index, fraction: Math.min(1, Math.max(0, (value - low) / (high - low))) };
}

const mix = (low = 0, high = 0, fraction: number): number => low + (high - low) * fraction;

type Triple = readonly number[];

/** Linear light 0…1 of red, green and blue. */
function linearOf(color: Color): Triple {
  return [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function luminanceOf(color: Color): number {
  return dot([0.2126, 0.7152, 0.0722], linearOf(color));
}

// OKLab, in which equal steps look equal: Björn Ottosson, "A perceptual color space for image processing" (2020).
const LINEAR_TO_CONES = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const CONES_TO_LAB = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const LAB_TO_CONES = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];
const CONES_TO_LINEAR = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];

const dot = (row: Triple, vector: Triple): number =>
  row.reduce((sum, factor, at) => sum + factor * (vector[at] ?? 0), 0);
const times = (matrix: readonly Triple[], vector: Triple): Triple => matrix.map((row) => dot(row, vector));

const labOf = (color: Color = '#000000'): Triple =>
  times(CONES_TO_LAB, times(LINEAR_TO_CONES, linearOf(color)).map(Math.cbrt));

function hexOf(lab: Triple): Color {
  const linear = times(
    CONES_TO_LINEAR,
    times(LAB_TO_CONES, lab).map((cone) => cone ** 3),
  );
  const digits = linear.map((value) => {
    const light = Math.min(1, Math.max(0, value));
    const encoded = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${digits.join('')}`;
}
