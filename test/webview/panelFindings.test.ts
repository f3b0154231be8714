// What the panel says in words: findings of charts, notices, statistics, the worst weights.
import { describe, expect, it, test } from 'vitest';
import type { StatsSummary, TensorStatsView, WorstWeight } from '../../src/protocol/tensorStats.ts';
import {
  channelFinding,
  codeFinding,
  expertFinding,
  minFinding,
  scaleFinding,
  valueFinding,
  zoomFinding,
} from '../../webview/inspector/panel/findings.ts';
import { noticesOf, originNotice } from '../../webview/inspector/panel/notices.tsx';
import { placeOfWeight } from '../../webview/inspector/panel/pinned.ts';
import { statisticsOf } from '../../webview/inspector/panel/statistics.tsx';
import {
  FURTHEST_FIRST,
  nextSort,
  repeatsOf,
  sortWorst,
  valueFormat,
  worstFinding,
} from '../../webview/inspector/panel/worstOrder.ts';
import { parsePreferences } from '../../webview/inspector/preferences.ts';

const SUMMARY: StatsSummary = {
  count: 1000,
  nonFinite: 0,
  zeros: 3,
  min: -1,
  max: 2,
  absMax: 2,
  mean: 0.1,
  std: 0.25,
  skewness: 0,
  excessKurtosis: 1,
  outliers: [
    { sigmas: 3, count: 5, isExact: true, normalShare: 0.0027 },
    { sigmas: 6, count: 1, isExact: false, normalShare: 2e-9 },
  ],
  quantiles: [{ share: 0.5, value: 0.1 }],
};

test.each([
  ['exact', SUMMARY, 1, '5 beyond 3σ (0.50 %; a normal distribution: 0.27 %)'],
  ['from a sample', SUMMARY, 1 / 64, '≈ 0.50 % beyond 3σ; estimate from 1/64 of the rows'],
  ['of equal weights', { ...SUMMARY, std: 0, min: 1 }, 1, 'all weights are 1'],
  [
    'of equal weights in a sample',
    { ...SUMMARY, std: 0, outliers: [] },
    0.125,
    'estimate from 1/8 of the rows',
  ],
  [
    'without those that are no numbers',
    { ...SUMMARY, nonFinite: 500 },
    1,
    '5 beyond 3σ (1.00 %; a normal distribution: 0.27 %)',
  ],
  ['of nothing', null, 1, ''],
] as const)('the finding of values, %s', (_name, summary, share, text) => {
  expect(valueFinding({ summary, share })).toBe(text);
});

test('a part of the values says how many lie in it', () => {
  const values = { low: -1, high: 1, counts: Float64Array.from([500, 100, 300, 100]) };
  expect(zoomFinding(values, SUMMARY, [-0.5, 0.5])).toBe('≈ 400 weights (40.00 %) from −0.5 to 0.5');
});

const SCALES = { low: -10, high: -2, counts: Float64Array.from([0, 3, 0, 0, 5, 0, 0, 0]) };
test.each([
  ['sound', { zeroScales: 0, nonFiniteScales: 0, share: 1 }, '8, largest ≈ 8.0 × the smallest, none zero'],
  [
    'with zeros',
    { zeroScales: 2, nonFiniteScales: 0, share: 1 },
    '10, largest ≈ 8.0 × the smallest, 2 zero (20.00 %)',
  ],
  [
    'with some that are no numbers',
    { zeroScales: 0, nonFiniteScales: 1, share: 1 },
    '9, largest ≈ 8.0 × the smallest, none zero, 1 NaN or Inf',
  ],
  [
    'of a sample',
    { zeroScales: 0, nonFiniteScales: 0, share: 1 / 64 },
    'estimate, largest ≈ 8.0 × the smallest, none zero',
  ],
])('the finding of scales, %s', (_name, more, text) => {
  expect(scaleFinding({ scales: SCALES, ...more })).toBe(text);
});

test('scales in a single bin have no range', () => {
  const scales = { low: -4, high: -2, counts: Float64Array.from([0, 7]) };
  expect(scaleFinding({ scales, zeroScales: 0, nonFiniteScales: 0, share: 1 })).toBe('7, none zero');
  expect(minFinding(scales, 1)).toBe('7');
});

test.each([
  ['all used', [1, 1], 4, 1, '1.00 of 4 bits'],
  ['some unused', [1, 0], 4, 1, '1.00 of 4 bits, 1 of 2 codes unused'],
  ['of a sample', [1, 0], 4, 0.1, '1.00 of 4 bits, estimate'],
  ['of no nominal width', [1, 1], null, 1, '1.00 bits'],
])('the finding of codes, %s', (_name, counts, nominalBits, share, text) => {
  const codes = { levels: [0, 1], counts: Float64Array.from(counts), entropyBits: 1, nominalBits };
  expect(codeFinding(codes, share)).toBe(text);
});

test('the finding of channels tells exact numbers from those of a sample', () => {
  const profile = {
    channelCount: 768,
    maxima: new Float32Array(),
    perPoint: 1,
    median: 1,
    outliers: [],
    outlierCount: 4,
  };
  expect(channelFinding(profile, 1)).toBe('largest |w| of each of 768 columns; 4 above 3 × the median');
  expect(channelFinding(profile, 1 / 64)).toBe(
    'estimate from 1/64 of the rows; the largest |w| of a column is at least this',
  );
});

test.each([
  [[0.1, 0.3, 0.2], '0.1 … 0.3, most in expert 1'],
  [[0.1, NaN, 0.1], '0.1 in each of 3'],
  [[NaN], 'not known'],
])('experts %s are found to be %s', (numbers, text) => {
  expect(expertFinding({ numbers: Float64Array.from(numbers), format: String })).toBe(text);
});

describe('notices', () => {
  const stats = { type: 'F16', nonFiniteScales: 0, summary: SUMMARY, origin: null } as const;
  const origin: NonNullable<TensorStatsView['origin']> = {
    type: 'Q4_0',
    alternatives: ['Q4_1', 'Q5_0'],
    blocks: 512,
    fitting: 512,
    distinct: 16,
    blockWeights: 32,
  };

  it('are not made where nothing is wrong', () => {
    expect(noticesOf(stats, 'same')).toEqual([]);
  });

  it.each([
    [
      'scales',
      { nonFiniteScales: 1, summary: { ...SUMMARY, nonFinite: 32 } },
      /^1 scale is NaN or infinite, and with it 32/,
    ],
    ['weights', { summary: { ...SUMMARY, nonFinite: 2 } }, /^2 weights are NaN or infinite: /],
    [
      'a grid',
      { origin },
      /^These F16 weights lie on the grid of Q4_0: they were probably converted up from it\. /,
    ],
  ] as const)('are made of %s', (_name, more, text) => {
    const [notice] = noticesOf({ ...stats, ...more }, 'same');
    expect(notice?.text).toMatch(text);
  });

  it('of the file stand first', () => {
    expect(noticesOf({ ...stats, origin }, 'changed').map(({ icon }) => icon)).toEqual(['warning', 'info']);
    expect(noticesOf(stats, 'gone')[0]?.text).toMatch(/^The file is no longer there/);
  });

  it('of a grid name what fits as well, and how much was looked at', () => {
    const text = originNotice('F16', { ...origin, fitting: 500 });
    expect(text).toContain('500 of 512 fit, with at most 16 distinct values in each.');
    expect(text).toContain('Q4_1 and Q5_0 would fit as well.');
    expect(originNotice('F16', { ...origin, alternatives: [] })).not.toContain('as well');
  });
});

test('what an estimate cannot say is pending; what does not exist is a dash', () => {
  const summary = {
    ...SUMMARY,
    min: null,
    zeros: null,
    outliers: SUMMARY.outliers.slice(0, 1),
  } as StatsSummary;
  const texts = (isEstimate: boolean) =>
    Object.fromEntries(
      statisticsOf(summary, isEstimate)
        .flat()
        .map(({ name, text }) => [name, text]),
    );
  expect(texts(true)).toMatchObject({
    Min: 'pending',
    Zeros: 'pending',
    'Beyond 6σ': 'pending',
    'Beyond 3σ': '≈ 5',
  });
  expect(texts(false)).toMatchObject({
    Min: '–',
    Zeros: '–',
    'Beyond 6σ': '–',
    'Beyond 3σ': '5',
    Std: '0.25',
  });
});

test('every statistic is explained in one sentence', () => {
  for (const { name, help } of statisticsOf(SUMMARY, false).flat())
    expect(`${name}: ${help}`).toMatch(/: .{10,}\.$/);
});

describe('the worst weights', () => {
  const weight = (value: number, row: number, column: number, expert = -1): WorstWeight => ({
    value,
    row,
    column,
    expert,
    sigmas: value * 4,
  });
  const lines = [weight(-2, 1, 7), weight(1.5, 0, 9), weight(-1, 2, 7)].map((worst, index) => ({
    ...worst,
    block: 10 - index,
    index,
  }));

  it.each([
    ['by distance', FURTHEST_FIRST, [-2, 1.5, -1]],
    ['by value', { column: 'value', descending: true }, [1.5, -1, -2]],
    ['by row', { column: 'row', descending: false }, [1.5, -2, -1]],
    ['by column, those of one as they were', { column: 'column', descending: false }, [-2, -1, 1.5]],
    ['by block', { column: 'block', descending: false }, [-1, 1.5, -2]],
  ] as const)('are sorted %s', (_name, sort, values) => {
    expect(sortWorst(lines, sort).map(({ value }) => value)).toEqual(values);
  });

  it('are sorted the other way round by a second click', () => {
    expect(nextSort(FURTHEST_FIRST, 'sigmas')).toEqual({ column: 'sigmas', descending: false });
    expect(nextSort(FURTHEST_FIRST, 'row')).toEqual({ column: 'row', descending: false });
  });

  it('name a channel that comes again and again', () => {
    const worst = Array.from({ length: 20 }, (_item, at) => weight(1, at, at < 8 ? 220 : at));
    expect(worstFinding(worst)).toBe('20 weights furthest from the mean; 8 of 20 in channel 220');
    expect(repeatsOf(worst)).toEqual([{ kind: 'column', place: 220, count: 8 }]);
    expect(worstFinding(lines)).toBe('3 weights furthest from the mean; no channel or row stands out');
  });

  it('of one expert name it, others have none', () => {
    const worst = Array.from({ length: 20 }, (_item, at) => weight(1, at, at, 5));
    expect(worstFinding(worst)).toContain('20 of 20 in expert 5');
  });

  it.each([
    [[-0.7647, 0.636], 0.636, '0.6360'],
    [[-0.7647, 0.636], -0.7647, '−0.7647'],
    [[123.4, 5], 5, '5.0'],
    [[12_345], 12_345, '12,345'],
    [[1e-5], 1e-5, '1.00e−5'],
  ])('of %s, %s is written as %s', (values, value, text) => {
    expect(valueFormat(values)(value)).toBe(text);
  });

  it.each([
    ['a matrix', { row: 136, column: 578, expert: -1 }, [768, 256], 256, { block: 410, index: 66 }],
    ['an expert', { row: 1, column: 3, expert: 2 }, [64, 32, 8], 1, { block: 130, index: 3 }],
    ['a vector', { row: 0, column: 40, expert: -1 }, [256], 1, { block: 1, index: 8 }],
  ])('of %s lie in a block', (_name, weightAt, dims, blockWeights, place) => {
    expect(placeOfWeight(weightAt, dims, blockWeights)).toEqual(place);
  });
});

test.each([
  [null, 'log', 600],
  [{ countScale: 'linear', panelWidth: 720.4 }, 'linear', 720],
  [{ countScale: 'cubic', panelWidth: 'wide' }, 'log', 600],
  [{ panelWidth: 20 }, 'log', 600],
  [{ panelWidth: 1e9 }, 'log', 600],
])('preferences %j are read with care', (raw, countScale, panelWidth) => {
  expect(parsePreferences(raw)).toEqual({ countScale, panelWidth });
});
