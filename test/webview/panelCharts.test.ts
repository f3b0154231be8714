import { expect, test } from 'vitest';
import type { BlockContents, ChannelProfile } from '../../src/protocol/tensorStats.ts';
import { blockMarks, gridStep, largestWeight } from '../../webview/inspector/panel/blockMarks.ts';
import { channelData, codeData, histogramData, scaleData } from '../../webview/inspector/panel/chartData.ts';
import {
  mergeBins,
  normalCount,
  placeLabels,
  profileColumns,
  rebin,
} from '../../webview/shared/charts/bins.ts';
import { countAxis, formatNumber, formatTick, roundTicks } from '../../webview/shared/charts/numbers.ts';

test.each([
  [0, '0'],
  [-0.06852, '−0.06852'],
  [12.5, '12.5'],
  [196_608, '196600'],
  [0.0000874321, '8.74e−5'],
  [1.5e9, '1.50e9'],
  [Infinity, '∞'],
  [-Infinity, '−∞'],
  [NaN, '–'],
  [null, '–'],
])('%s is written as %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [1, '1'],
  [500, '500'],
  [1000, '1k'],
  [2500, '2.5k'],
  [1_500_000, '1.5M'],
  [2e9, '2G'],
])('a tick of %s weights is written as %s', (count, text) => {
  expect(formatTick(count)).toBe(text);
});

test.each([
  [-0.76, 0.67, 8, [-0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6]],
  [0, 767, 4, [0, 200, 400, 600]],
  [-8, -5, 2, [-8, -6]],
  [1, 1, 4, []],
  [0, Infinity, 4, []],
])('an axis from %s to %s with room for %s names the round numbers', (low, high, most, ticks) => {
  expect(roundTicks(low, high, most)).toEqual(ticks);
});

test.each([
  [1_000_000, 'log', { low: 10 ** -0.25, high: 1_000_000, ticks: [1, 100, 10_000, 1_000_000] }],
  [7, 'log', { low: 10 ** -0.25, high: 7, ticks: [1, 2, 5] }],
  [1, 'log', { low: 10 ** -0.25, high: 10 ** 0.25, ticks: [1] }],
  [750, 'linear', { low: 0, high: 750, ticks: [200, 400, 600] }],
  [0, 'linear', { low: 0, high: 1, ticks: [0.5, 1] }],
] as const)('counts up to %s on a %s axis', (largest, kind, axis) => {
  expect(countAxis(largest, kind)).toEqual(axis);
});

const HISTOGRAM = { low: 0, high: 4, counts: Float64Array.from([8, 0, 2, 6]) };
test.each([
  ['all of it', 0, 4, 4, [8, 0, 2, 6]],
  ['in wider bins', 0, 4, 2, [8, 8]],
  ['in narrower ones, each with its share', 0, 2, 4, [4, 4, 0, 0]],
  ['with bins that are cut', 0.5, 3.5, 2, [4, 5]],
  ['beyond its ends', -4, 8, 3, [0, 16, 0]],
])('a histogram is binned anew: %s', (_name, low, high, count, bins) => {
  expect([...rebin(HISTOGRAM, low, high, count)].map((weights) => Number(weights.toFixed(9)))).toEqual(bins);
});

test('bins are merged to fit, and none of their weights is lost', () => {
  const merged = mergeBins({ low: 0, high: 10, counts: Float64Array.from([1, 2, 3, 4, 5]) }, 3);
  expect(merged).toEqual({ low: 0, high: 12, counts: Float64Array.from([3, 7, 5]) });
});

test('the normal curve has as many weights as the tensor', () => {
  let sum = 0;
  for (let value = -6; value <= 6; value += 0.1) sum += normalCount(value, 0.1, 1000, 0, 1);
  expect(sum).toBeCloseTo(1000);
});

const profile = (maxima: number[]): ChannelProfile => ({
  channelCount: maxima.length * 2,
  maxima: Float32Array.from(maxima),
  perPoint: 2,
  median: 1,
  outliers: [],
  outlierCount: 0,
});

test.each([
  ['more channels than px keep the largest', [1, 9, 1, 1, 1, 2], 3, [9, 1, 2], 4],
  ['fewer channels than px have a column each', [1, 2], 4, [1, 2], 2],
  ['channels of an odd number share columns', [1, 2, 3], 2, [1, 3], 3],
])('in a profile %s', (_name, maxima, width, columns, channels) => {
  expect(profileColumns(profile(maxima), width)).toEqual({ maxima: Float64Array.from(columns), channels });
});

test('labels that would touch a more important one are left out', () => {
  expect(placeLabels([100, 110, 160], (x) => x, 28)).toEqual([100, 160]);
});

test('the data of a chart is what it draws', () => {
  const histogram = { low: -1, high: 1, counts: Float64Array.from([3, 0, 0, 2.5]) };
  expect(histogramData(histogram, null).rows).toEqual([
    [-1, -0.5, 3],
    [0.5, 1, 2.5],
  ]);
  expect(scaleData({ low: -3, high: -1, counts: Float64Array.from([4, 1]) }).rows).toEqual([
    [0.125, 0.25, 4],
    [0.25, 0.5, 1],
  ]);
  const codes = { levels: [-8, 7], counts: Float64Array.from([5, 6]), entropyBits: 1, nominalBits: 4 };
  expect(codeData(codes).rows).toEqual([
    [-8, 5],
    [7, 6],
  ]);
  expect(channelData(profile([0.5, 2])).rows).toEqual([
    ['0–1', 0.5],
    ['2–3', 2],
  ]);
});

/** Two bytes of codes, two weights in each, and a scale that all share. */
const BLOCK: BlockContents = {
  index: 0,
  blockCount: 1,
  row: 0,
  column: 0,
  byteOffset: 0,
  bytes: Uint8Array.from([1, 2, 3]),
  byteColors: [['scale'], ['code'], ['code']],
  weights: [0.5, -2, 1, 0].map((value, index) => ({
    value,
    formula: [],
    bytes: [
      { byte: 0, color: 'scale' },
      { byte: 1 + (index >> 1), color: 'code' },
    ],
  })),
};

test.each([
  ['a weight lights its bytes', { kind: 'weight', index: 2 }, [0, 2], [2], 2],
  ['a byte of codes lights its weights', { kind: 'byte', index: 1 }, [1], [0, 1], 0],
  ['a scale lights all weights', { kind: 'byte', index: 0 }, [0], [0, 1, 2, 3], 0],
] as const)('%s', (_name, part, bytes, weights, weight) => {
  const marks = blockMarks(BLOCK, part);
  expect([[...marks.bytes], [...marks.weights], marks.weight]).toEqual([bytes, weights, weight]);
});

test('the weight furthest from zero is explained first', () => {
  expect(largestWeight(BLOCK)).toBe(1);
});

test.each([
  ['ArrowRight', 3, 4],
  ['ArrowDown', 3, 19],
  ['ArrowUp', 3, 3],
  ['End', 3, 143],
  ['Home', 3, 0],
  ['t', 3, null],
])('in a grid of bytes %s leads from %s to %s', (key, from, to) => {
  expect(gridStep(key, from, 16, 144)).toBe(to);
});
