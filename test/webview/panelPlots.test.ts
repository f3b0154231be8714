// What the charts of the panel show, as plots: which bars, which colors, which marks, what each part says.
import { describe, expect, it, test } from 'vitest';
import type { ChannelProfile, Histogram } from '../../src/protocol/tensorStats.ts';
import { codePlot, logBarPlot } from '../../webview/inspector/panel/smallPlots.ts';
import { barPlot } from '../../webview/shared/charts/barPlot.ts';
import { chartConfiguration } from '../../webview/shared/charts/chartJs.ts';
import { partStep } from '../../webview/shared/charts/chartKeys.ts';
import { partAt, ticksThatFit, type Mark, type Plot } from '../../webview/shared/charts/plot.ts';
import { profilePlot } from '../../webview/shared/charts/profilePlot.ts';
import { valuePlot, weightsText } from '../../webview/shared/charts/valuePlot.ts';
import { chosenRange, scaledRange, wheelFactor } from '../../webview/shared/charts/zoom.ts';

/** Standard normal weights from −8 to 8, with one at each end. */
const BELL: Histogram = {
  low: -8,
  high: 8,
  counts: Float64Array.from({ length: 4096 }, (_item, bin) => {
    const value = -8 + (bin + 0.5) / 256;
    return bin === 0 || bin === 4095 ? 1 : Math.round(2000 * Math.exp(-(value ** 2) / 2));
  }),
};
const COUNT = BELL.counts.reduce((sum, count) => sum + count, 0);
const SUMMARY = { count: COUNT, mean: 0, std: 1 };
const bell = (width: number, more: object = {}): Plot =>
  valuePlot({ values: BELL, summary: SUMMARY, counts: 'log', range: null, ...more }, width);
const barsOf = ({ series: [bars] }: Plot) => {
  if (bars?.kind !== 'bars') throw new Error('There are no bars.');
  return bars;
};
const namesOf = (marks: readonly Mark[]): string[] =>
  marks.map((mark) => (mark.kind === 'horizontal' ? '' : mark.text));

describe('the values', () => {
  it('are in bars of whole px, none of the weights is lost', () => {
    const plot = bell(536); // 500 px of plot
    expect(plot.parts.count).toBe(100);
    expect(plot.parts.width).toBeCloseTo(16 / 100);
    expect(plot.x).toMatchObject({ low: -8, high: 8 });
    expect(barsOf(plot).points.reduce((sum, { y }) => sum + y, 0)).toBeCloseTo(COUNT, 3);
  });

  it('leave px that are no whole bar empty at the right', () => {
    const { x, parts } = bell(539);
    expect((x.high - x.low) / parts.width).toBeCloseTo(503 / 5);
  });

  it('have the outlier color beyond 3σ', () => {
    const { points, ink } = barsOf(bell(536));
    const outliers = points.filter((_point, at) => ink[at] === 'outlier').map(({ x }) => Math.abs(x));
    expect(Math.min(...outliers)).toBeGreaterThan(3);
    const others = points.filter((_point, at) => ink[at] === 'histogram').map(({ x }) => Math.abs(x));
    expect(Math.max(...others)).toBeLessThan(3);
  });

  it('are marked at σ, by name where there is room', () => {
    expect(namesOf(bell(536).marks)).toEqual(['−6σ', '−3σ', '−1σ', '+1σ', '+3σ', '+6σ']);
    expect(namesOf(bell(236).marks)).toEqual(['−6σ', '−3σ', '−1σ', '+1σ', '+3σ', '+6σ']);
    expect(namesOf(bell(136).marks)).toEqual(['−6σ', '−3σ', '', '', '+3σ', '+6σ']);
    expect(namesOf(bell(536, { range: [2, 4] }).marks)).toEqual(['+3σ']);
  });

  it('have the normal curve of the same mean and width, through the tops of the bars', () => {
    const plot = bell(536);
    const curve = plot.series[1];
    if (curve?.kind !== 'line') throw new Error('There is no curve.');
    expect(curve.dash).toEqual([3, 2]);
    const top = Math.max(...curve.points.map(({ y }) => y));
    expect(top / Math.max(...barsOf(plot).points.map(({ y }) => y))).toBeCloseTo(1, 2);
  });

  it('say what a bar holds', () => {
    const plot = bell(536);
    expect(plot.parts.read(0)).toEqual({ head: '−8 … −7.84', text: '1 weight · <0.01 % · −7.9σ' });
    expect(plot.parts.read(1)).toEqual({ head: '−7.84 … −7.68', text: '0 weights · 0.00 % · −7.8σ' });
  });

  it('show a part of themselves in finer bars', () => {
    const plot = bell(536, { range: [2, 4] });
    expect(plot.x).toMatchObject({ low: 2, high: 4 });
    expect(plot.parts).toMatchObject({ low: 2, count: 100 });
    const shown = barsOf(plot).points.reduce((sum, { y }) => sum + y, 0);
    expect(shown / COUNT).toBeCloseTo(0.0227, 3);
  });

  it('stand in one bar when all are the same, without a curve or σ', () => {
    const counts = new Float64Array(4096);
    counts.fill(8, 2032, 2064); // a bin of the tally from 1 to 1 + 1/128
    const values = { low: 0.5, high: 1.5 + 1 / 128, counts };
    for (const width of [536, 541]) {
      const plot = valuePlot(
        { values, summary: { count: 256, mean: 1, std: 0 }, counts: 'log', range: null },
        width,
      );
      expect(barsOf(plot).points.map(({ y }) => Math.round(y))).toContain(256);
      expect([plot.series.length, plot.marks.length]).toEqual([1, 0]);
    }
  });

  it('are drawn when nothing is known of their spread', () => {
    const plot = bell(536, { summary: { count: COUNT, mean: null, std: null } });
    expect([plot.series.length, plot.marks.length]).toEqual([1, 0]);
  });
});

test.each([
  [0, '0 weights · 0.00 %'],
  [0.2, '<1 weight · <0.01 %'],
  [1.2, '1 weight · 0.01 %'],
  [1234, '1,234 weights · 12.34 %'],
])('%s of 10,000 weights are said as %s', (count, text) => {
  expect(weightsText(count, 10_000)).toBe(text);
});

describe('bars beside each other', () => {
  it('say which scales they hold', () => {
    const plot = logBarPlot(
      { low: -8, high: -4, counts: Float64Array.from([1, 0, 3, 4]) },
      '#112233',
      'scale',
      200,
    );
    expect(plot.x.ticks.map(({ text }) => text)).toEqual(['0.0156']);
    expect(plot.parts.read(0)).toEqual({ head: '0.00391 … 0.00781', text: '1 scale · 12.50 %' });
    expect(barsOf(plot).points).toHaveLength(3);
  });

  it('have a line for even use, and a name below every so many codes', () => {
    const levels = Array.from({ length: 16 }, (_item, level) => level);
    const codes = { levels, counts: new Float64Array(16).fill(4), entropyBits: 4, nominalBits: 4 };
    const plot = codePlot(codes, '#112233', 172);
    expect(plot.marks).toEqual([{ kind: 'horizontal', at: 4 }]);
    expect(plot.x.ticks.map(({ text }) => text)).toEqual(['0', '4', '8', '12']);
    expect(plot.parts.read(3)).toEqual({ head: 'Code 3', text: '4 weights · 6.25 %' });
  });

  it('leave out what is not a number', () => {
    const read = () => ({ head: '', text: '' });
    const plot = barPlot({ counts: [1, NaN, 2], ink: 'histogram', ticks: [], read }, 90);
    expect(barsOf(plot).points.map(({ x }) => x)).toEqual([0.5, 2.5]);
    expect(plot.parts.count).toBe(3);
  });
});

describe('the profile of channels', () => {
  const profile = (channelCount: number, outliers: ChannelProfile['outliers']): ChannelProfile => {
    const maxima = new Float32Array(channelCount).fill(1);
    for (const { channel, absMax } of outliers) maxima[channel] = absMax;
    return { channelCount, maxima, perPoint: 1, median: 1, outliers, outlierCount: outliers.length };
  };

  it('keeps a channel that stands out among many, and names it', () => {
    const plot = profilePlot(profile(4096, [{ channel: 3000, absMax: 9 }]), 436);
    expect(plot.parts.count).toBe(400);
    expect(Math.max(...barsOf(plot).points.map(({ y }) => y))).toBe(9);
    expect(plot.series[1]).toMatchObject({ points: [{ x: 3000.5, y: 9 }], ink: 'outlier' });
    expect(namesOf(plot.marks)).toEqual(['', '', '3,000']);
    expect(plot.y.ticks.map(({ text }) => text)).toEqual(['med', '3×']);
    const column = partAt(plot.parts, 3000.5) ?? -1;
    expect(plot.parts.read(column)).toEqual({
      head: 'Channels 3,000–3,010',
      text: 'largest |w| 9 · 9 × the median',
    });
  });

  it('says each channel by itself where there is room', () => {
    const plot = profilePlot(profile(256, []), 536);
    expect(plot.parts.read(7)).toEqual({ head: 'Channel 7', text: 'largest |w| 1 · 1 × the median' });
  });

  it('leaves out the name of the median where it would touch that of its triple', () => {
    const plot = profilePlot(profile(64, [{ channel: 1, absMax: 100 }]), 436);
    expect(plot.y.ticks.map(({ text }) => text)).toEqual(['3×']);
  });
});

test('ticks that reach out of the picture or touch each other are left out', () => {
  const ticks = [0, 10, 14, 50, 100].map((at) => ({ at, text: 'abc' }));
  const fitting = ticksThatFit(ticks, { low: 0, high: 100 }, 200);
  expect(fitting.map(({ at }) => at)).toEqual([10, 50]);
  expect(
    ticksThatFit(ticks, { low: 0, high: 100 }, 200, { left: 36, right: 12 }).map(({ at }) => at),
  ).toEqual([0, 14, 50, 100]);
});

describe('zoom', () => {
  const all = { range: null, full: [-8, 8] as const, least: 0.25 };
  it.each([
    ['a range that was dragged', 1, 3, [1, 3]],
    ['to the left', 3, 1, [1, 3]],
    ['over the edge', -12, -6, [-8, -2]],
    ['too narrow a range', 1, 1.1, [0.925, 1.175]],
    ['everything', -9, 9, null],
  ] as const)('shows %s', (_name, from, to, range) => {
    const chosen = chosenRange(all, from, to);
    expect(chosen?.map((value) => Number(value.toFixed(6))) ?? null).toEqual(range);
  });

  it.each([
    ['in, around a value that keeps its place', null, 0.5, 4, [-2, 6]],
    ['in at the edge', null, 0.5, 8, [0, 8]],
    ['out again', [-2, 6], 2, 4, null],
    ['no further in than there are bins', [1, 1.25], 0.5, 1.1, [1, 1.25]],
  ] as const)('goes %s', (_name, range, factor, center, result) => {
    expect(scaledRange({ ...all, range }, factor, center)).toEqual(result);
  });

  it('turns with the wheel, a fling no further than a notch or two', () => {
    expect(wheelFactor(-120)).toBeLessThan(1);
    expect(wheelFactor(120) * wheelFactor(-120)).toBeCloseTo(1);
    expect(wheelFactor(100_000)).toBe(wheelFactor(240));
  });
});

test.each([
  ['ArrowRight', null, 0],
  ['ArrowRight', 99, 99],
  ['ArrowLeft', null, 99],
  ['ArrowLeft', 5, 4],
  ['PageDown', 5, 15],
  ['PageUp', 5, 0],
  ['PageUp', null, 99],
  ['PageDown', null, 0],
  ['Home', 50, 0],
  ['End', 50, 99],
  ['Escape', 5, null],
  ['Escape', null, undefined],
  ['ArrowDown', 5, undefined],
])('%s leads from part %s of 100 to %s', (key, from, to) => {
  expect(partStep(key, from, 100)).toBe(to);
});

test('Chart.js is given the bars, the colors and the axes of the plot, and nothing moves', () => {
  const inks = { fontFamily: 'Ubuntu', color: (ink: string) => `<${ink}>` };
  const { data, options = {} } = chartConfiguration(bell(536), inks);
  expect(data.datasets.map(({ type }) => type)).toEqual(['bar', 'line']);
  expect(data.datasets[0]?.data).toHaveLength(barsOf(bell(536)).points.length);
  expect(data.datasets[0]?.backgroundColor).toContain('<outlier>');
  expect(options.animation).toBe(false);
  expect(options.scales?.['x']).toMatchObject({ type: 'linear', min: -8, max: 8, grid: { display: false } });
  expect(options.scales?.['y']).toMatchObject({
    type: 'logarithmic',
    grid: { display: true, color: '<grid>' },
  });
  expect(chartConfiguration(bell(536, { counts: 'linear' }), inks).options?.scales?.['y']?.type).toBe(
    'linear',
  );
});
