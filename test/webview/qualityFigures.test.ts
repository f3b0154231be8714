// A measurement in words: its figures, what they depend on, the table of the history.
import { describe, expect, it } from 'vitest';
import {
  conditionsOf,
  dateText,
  figuresOf,
  heroOf,
  pairLabels,
  shareText,
  significanceText,
  verdictOf,
} from '../../webview/quality/figures.ts';
import { chosenRows, historyCell, historyGroups } from '../../webview/quality/history/historyRows.ts';
import type { HistoryColumn } from '../../webview/quality/state.ts';
import { figuresWith, markOf, measurementWith } from './qualityData.ts';

const base = markOf('F16', { bitsPerWeight: 16.01 });
const compared = measurementWith({ base, figures: figuresWith() });

describe('figures', () => {
  it('are the perplexity alone without a base, and what every token suffered with one', () => {
    const named = (measurement: typeof compared) =>
      figuresOf(measurement).map(({ name, value, note }) =>
        [name, value, note].filter((part) => part !== '').join(' '),
      );
    expect(named(measurementWith())).toEqual(['Perplexity 34.74 ± 0.65']);
    expect(named(compared)).toEqual([
      'Perplexity 34.74 ± 0.65',
      'Of F16 34.61 ± 0.64',
      'Difference +0.13 ± 0.04 worse',
      'Mean KL 0.00442 ± 0.00009',
      'Median KL 0.0034',
      '99 % KL 0.0197',
      'Maximum KL 0.0462',
      'Same top token 95.62 ± 0.45 %',
      'RMS Δp 1.47 ± 0.06 %',
    ]);
  });

  it('each say what they mean, in one line', () => {
    for (const { meaning } of figuresOf(compared)) expect(meaning).toMatch(/^[A-Z].{10,70}\.$/);
  });

  it.each([
    [NaN, 'not a number'],
    [Infinity, 'infinite'],
  ])('say %s in words', (perplexity, words) => {
    const score = { perplexity, standardError: null, meanNll: perplexity, tokensScored: 10 };
    expect(figuresOf(measurementWith({ score }))[0]?.value).toBe(words);
    const run = { pass: 'model', score, base: null } as unknown as Parameters<typeof heroOf>[0];
    expect(heroOf(run)).toEqual({ number: words, caption: 'perplexity so far' });
  });

  it.each([
    [0.1, true, 'worse'],
    [-0.1, true, 'better'],
    [0.1, false, 'not significant'],
    [NaN, false, ''],
  ])('call a difference of %d (significant: %s) "%s"', (value, isSignificant, text) => {
    expect(significanceText({ value, error: 1 }, isSignificant)).toBe(text);
  });

  it('come with one sentence on what they say', () => {
    expect(verdictOf(measurementWith())).toBe(null);
    expect(verdictOf(compared)).toBe(
      'Worse than F16 by more than chance; both expect the same token at 95.62 % of the places.',
    );
    const same = measurementWith({ base, figures: figuresWith({ significant: false }) });
    expect(verdictOf(same)).toMatch(/^No significant difference from F16 on this text;/);
  });

  it('tell two models apart that have the same short name', () => {
    expect(pairLabels('Q4_K_M', 'F16')).toEqual({ model: 'Q4_K_M', base: 'F16' });
    expect(pairLabels('F16', 'F16')).toEqual({ model: 'model', base: 'base' });
  });

  it('show a share with its error, and without one that is not known', () => {
    expect(shareText({ value: 0.5, error: null })).toBe('50.00 %');
  });
});

describe('what a measurement depends on', () => {
  it('is everything that a stranger needs to repeat it', () => {
    expect(conditionsOf(compared).map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Text: English',
      'SHA-256: 0123456789abcdef…',
      'Context: 256 tokens',
      'Read: 16 of 175 chunks, 2,032 tokens scored',
      'Against: SOTU-5M F16',
      'Device: CPU, 3 threads',
      'Engine: llama.cpp b1',
      'Took: 2.2 s, 3,723 tokens/s',
      'Measured: 2026-11-21 09:05',
    ]);
    expect(conditionsOf(compared)[1]?.full).toBe(compared.text.sha256);
  });

  it('has dates that sort as text', () => {
    expect(dateText(new Date(2026, 0, 2, 3, 4).getTime())).toBe('2026-01-02 03:04');
  });
});

describe('the table of measurements', () => {
  const rows = [
    compared,
    measurementWith({ id: 'two', date: 2, score: { ...compared.score, perplexity: 30 } }),
    measurementWith({ id: 'three', date: 3, series: 'b' }),
  ];
  const others = [measurementWith({ id: 'other', date: 4, model: markOf('Q8_0', { bitsPerWeight: 8.5 }) })];
  const view = {
    measurements: rows,
    others,
    series: [
      { key: 'a', label: 'English · 16 chunks of 256', points: [] },
      { key: 'b', label: 'Code · 16 chunks of 256', points: [] },
    ],
  };

  it.each<[HistoryColumn, boolean, string[]]>([
    ['date', true, ['one', 'other', 'two']],
    ['date', false, ['two', 'other', 'one']],
    ['perplexity', false, ['two', 'one', 'other']],
    ['bits', true, ['other', 'one', 'two']],
    ['delta', true, ['one', 'other', 'two']], // what has no base comes last, whichever way
    ['delta', false, ['one', 'other', 'two']],
  ])('sorts by %s (descending: %s) within what can be compared', (column, descending, ids) => {
    const groups = historyGroups(view, { column, descending });
    expect(groups.map(({ key, rows: found }) => [key, ...found.map(({ id }) => id)])).toEqual([
      ['a', ...ids],
      ['b', 'three'],
    ]);
  });

  it.each<[HistoryColumn, string]>([
    ['date', '2026-11-21 09:05'],
    ['model', 'SOTU-5M Q4_K_M'],
    ['bits', '5.10'],
    ['bytes', '3.44 MB'],
    ['perplexity', '34.74 ± 0.65'],
    ['delta', '+0.13 ± 0.04'],
    ['kl', '0.0044'],
    ['sameTop', '95.62 %'],
    ['device', 'CPU'],
  ])('writes %s as %s', (column, text) => expect(historyCell(compared, column)).toBe(text));

  it('writes a dash for what was not computed', () => {
    const alone = measurementWith({ model: markOf('x', { bitsPerWeight: null, fileBytes: 0 }) });
    for (const column of ['bits', 'bytes', 'delta', 'kl', 'sameTop'] as const)
      expect(historyCell(alone, column)).toBe('–');
  });

  it('removes and exports what is ticked, else removes what is shown and exports all of this model', () => {
    expect(chosenRows(view, new Set(), 'two')).toEqual({
      toRemove: ['two'],
      toExport: ['one', 'two', 'three'],
    });
    expect(chosenRows(view, new Set(['three', 'other']), 'two')).toEqual({
      toRemove: ['three'],
      toExport: ['three', 'other'],
    });
  });
});
