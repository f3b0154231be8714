// The plots of the Quality page, and how curves arrive.
import { describe, expect, it } from 'vitest';
import type { SeriesPoint } from '../../src/protocol/quality.ts';
import { joinCurve } from '../../webview/quality/curves.ts';
import { bitsPlot } from '../../webview/quality/history/bitsPlot.ts';
import { curveData, curvePlot } from '../../webview/quality/run/curvePlot.ts';
import { partAt, partMiddle } from '../../webview/shared/charts/plot.ts';
import { curveWith, markOf } from './qualityData.ts';

const WIDTH = 400;
const f32 = (...values: number[]): Float32Array => Float32Array.from(values);

describe('a curve that arrives in parts', () => {
  it('grows by what is told, and begins anew where a second pass does', () => {
    const first = joinCurve(undefined, curveWith([3, 4]));
    const second = joinCurve(first ?? undefined, curveWith([5], { first: 2 }));
    expect([...(second?.perplexity ?? [])]).toEqual([3, 4, 5]);
    const replaced = joinCurve(second ?? undefined, curveWith([9], { first: 1 }));
    expect([...(replaced?.perplexity ?? [])]).toEqual([3, 9]);
  });

  it('is asked for whole where values between are missing', () => {
    expect(joinCurve(undefined, curveWith([5], { first: 2 }))).toBe(null);
    expect(joinCurve(curveWith([1]), curveWith([5], { first: 2 }))).toBe(null);
  });

  it('of two passes keeps the base beside the model', () => {
    const base = joinCurve(undefined, curveWith([3, 4], { pass: 'base' }));
    const begun = joinCurve(base ?? undefined, curveWith([5], { pass: 'model' }));
    const gone = joinCurve(begun ?? undefined, curveWith([6], { pass: 'model', first: 1 }));
    expect([...(gone?.basePerplexity ?? [])]).toEqual([3, 4]);
    expect([...(gone?.perplexity ?? [])]).toEqual([5, 6]);
  });
});

describe('the running perplexity', () => {
  const plot = (values: readonly number[], more = {}) =>
    curvePlot({ curve: curveWith(values, more), modelLabel: 'Q4_K_M', baseLabel: 'F16' }, WIDTH);

  it('has the length of all chunks from the start', () => {
    expect(plot([30]).x).toMatchObject({ low: 1, high: 8 });
    expect(plot([30, 31, 32]).x).toMatchObject({ low: 1, high: 8 });
  });

  it('keeps its axis while the end of the line moves a little', () => {
    const { low, high } = plot([30, 31, 32]).y;
    expect(plot([30, 31, 32, 32.4]).y).toMatchObject({ low, high });
  });

  it('shows a single chunk as a point with its error', () => {
    const points = plot([30]).series.filter(({ kind }) => kind === 'points');
    expect(points).toMatchObject([{ points: [{ x: 1, y: 30, error: 1 }] }]);
  });

  it('names both lines at their ends, apart from each other', () => {
    const { marks, y } = plot([30, 31], { pass: 'both', basePerplexity: f32(30, 31.01) });
    const labels = marks.flatMap((mark) => (mark.kind === 'label' ? [mark] : []));
    expect(labels.map(({ text }) => text)).toEqual(['Q4_K_M', 'F16']);
    const [one, other] = labels.map((label) => label.y) as [number, number];
    expect(Math.abs(one - other) / (y.high - y.low)).toBeGreaterThan(0.06);
    expect(other).toBeGreaterThan(one); // the base lies above here
  });

  it('survives what is no number', () => {
    const { y, marks, series } = plot([NaN, NaN]);
    expect([y.low, y.high].every(Number.isFinite)).toBe(true);
    expect(marks).toEqual([]);
    expect(series.length).toBeGreaterThan(0);
  });

  it('says each chunk in words, and gives its numbers as a table', () => {
    const curve = curveWith([30, 31], { pass: 'both', basePerplexity: f32(29, 30), meanKl: f32(0.01, 0.02) });
    const { parts } = curvePlot({ curve, modelLabel: 'a', baseLabel: 'b' }, WIDTH);
    expect(parts.read(1)).toEqual({
      head: 'After 2 of 8',
      text: '31.0 ± 1.0 · base 30.00 · KL 0.0200'.replace('31.0 ± 1.0', '31.00 ± 1.00'),
    });
    expect(curveData(curve)).toEqual({
      heads: ['Chunks', 'Perplexity', 'Standard error', 'Base', 'Mean KL'],
      rows: [
        [1, 30, 1, 29, 0.01],
        [2, 31, 1, 30, 0.02],
      ],
    });
  });
});

describe('perplexity against bits per weight', () => {
  const point = (shortLabel: string, bitsPerWeight: number, perplexity: number, more = {}): SeriesPoint => ({
    ...{ id: shortLabel, model: markOf(shortLabel), asBase: false, isThis: false },
    ...{ bitsPerWeight, perplexity, standardError: 0.5 },
    ...more,
  });
  const plotOf = (...points: SeriesPoint[]) => bitsPlot({ points, theme: 'dark' }, WIDTH);

  it('has a point with its error for each model, this one marked', () => {
    const { series, x, y } = plotOf(point('Q4_K_M', 5.1, 34.7, { isThis: true }), point('F16', 16, 34.6));
    expect(series).toMatchObject([
      {
        kind: 'points',
        points: [
          { x: Math.log2(5.1), y: 34.7, error: 0.5, isChosen: true },
          { x: 4, error: 0.5, isChosen: false },
        ],
      },
    ]);
    expect([x.low < Math.log2(5.1), x.high > 4, y.low < 34.1, y.high > 35.2]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('names points side by side or not at all, this model before all others', () => {
    const crowd = Array.from({ length: 12 }, (_, at) =>
      point(`Q4_K_${at}`, 5 + at / 100, 34, { isThis: at === 7 }),
    );
    const { marks } = plotOf(...crowd, point('F16', 16, 33));
    const names = marks.flatMap((mark) => (mark.kind === 'label' ? [mark.text] : []));
    expect(names[0]).toBe('Q4_K_7');
    expect(names).toContain('F16');
    expect(names.length).toBeLessThan(8);
  });

  it('leaves out what is no number, and holds a single point', () => {
    const { series, parts, x } = plotOf(point('a', 4, NaN), point('b', 5, 30));
    expect(series).toMatchObject([{ points: [{ x: Math.log2(5) }] }]);
    expect(parts.count).toBe(1);
    expect(x.high).toBeGreaterThan(x.low);
  });

  it('is read point by point, the nearest one', () => {
    const { parts } = plotOf(point('a', 4, 31), point('b', 5, 30), point('c', 16, 29, { asBase: true }));
    expect([3, 4.4, 4.6, 12].map((bits) => partAt(parts, Math.log2(bits)))).toEqual([0, 0, 1, 2]);
    expect(partMiddle(parts, 2)).toBe(4);
    expect(parts.read(2)).toEqual({
      head: 'SOTU-5M c',
      text: '16.00 bits per weight · 29.00 ± 0.50, as a base',
    });
  });
});
