// What the map shows of the analysis: values of cells, where they stand on their scales, their words.
import { expect, test } from 'vitest';
import { mapContent, type MapCell } from '../../webview/shared/map/mapCells.ts';
import {
  hasAnalysis,
  MEASURES,
  needsAnalysis,
  scaleOfMeasure,
  shownMeasure,
} from '../../webview/inspector/map/mapMeasures.ts';
import { createReadings, readingInWords, shortReading } from '../../webview/inspector/map/mapReadings.ts';
import { describeCell } from '../../webview/inspector/map/mapText.ts';
import { createState, type InspectorLink, type MapMeasure } from '../../webview/inspector/state.ts';
import { llama, statsOf, type Findings } from './tableModels.ts';

const { model, rows } = llama();
const MEASURE_NAMES = Object.keys(MEASURES) as MapMeasure[];

test.each<[measure: MapMeasure, values: number[], positions: number[]]>([
  ['outliers', [0, 0.00135, 0.0027, 0.0108, 0.0216, 1], [0, 0, 0.25, 0.75, 1, 1]],
  ['kurtosis', [-3, -1.5, 0, 3, 9, 21, 1000], [0, 0, 0.25, 0.5, 0.75, 1, 1]],
  ['scaleRange', [0, 4, 8, 20], [0, 0.5, 1, 1]],
  ['entropy', [1, 0.9, 0.8, 0], [0, 0.5, 1, 1]],
  ['size', [0, 1e5, 1e7, 1e9], [0, 0, 0.5, 1]],
])('%s has a scale of its own', (measure, values, positions) => {
  const { position } = scaleOfMeasure(measure, model, 4.2e8);
  values.forEach((value, index) => expect(position(value)).toBeCloseTo(positions[index] ?? NaN, 6));
});

test.each(MEASURE_NAMES)(
  'the ticks of the scale of %s stand in order, and where their numbers are',
  (measure) => {
    const { ticks, marks } = scaleOfMeasure(measure, model, 4.2e8);
    const positions = ticks.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
    for (const { position } of [...ticks, ...marks]) {
      expect(position).toBeGreaterThanOrEqual(0);
      expect(position).toBeLessThanOrEqual(1);
    }
  },
);

const V = 'blk.0.attn_v.weight';
const V_BIAS = 'blk.0.attn_v.bias';
const Q = 'blk.0.attn_q.weight';
const cellOf = (name: string): MapCell => {
  const row = rows.names.indexOf(name);
  const { stacks } = mapContent(model, rows);
  const cells = stacks.flatMap((stack) => stack.rows.flatMap(({ cells: byLayer }) => [...byLayer.values()]));
  const cell = cells.find(({ rows: members }) => members.includes(row));
  if (cell === undefined) throw new Error(`No cell has ${name}.`);
  return cell;
};
const reading = (measure: MapMeasure, findings: Findings, name = V) =>
  createReadings(measure, rows, statsOf(llama(), findings))(cellOf(name));

test('a cell of several tensors has their sums, or the largest of its matrices', () => {
  const findings: Findings = {
    [V]: { beyond3: 0.004, kurtosis: 1, scaleRange: 2, entropy: 3.6, codeBits: 4 },
    [V_BIAS]: { beyond3: 0.5, kurtosis: 90 },
  };
  const weights = 256 * 128 + 128;
  const share = (256 * 128 * 0.004 + 128 * 0.5) / weights;
  expect(reading('outliers', findings)).toEqual({ value: expect.closeTo(share, 9), known: 'exact' });
  expect(reading('kurtosis', findings)).toEqual({ value: 1, known: 'exact' });
  expect(reading('scaleRange', findings)).toEqual({ value: 2, known: 'exact' });
  expect(reading('entropy', findings)).toEqual({ value: expect.closeTo(0.9, 9), known: 'exact' });
});

test.each<[what: string, measure: MapMeasure, findings: Findings, words: string, short: string]>([
  ['nothing known', 'outliers', {}, 'not analyzed', '–'],
  ['no data', 'kurtosis', { [Q]: { known: 'unavailable' } }, 'cannot be analyzed', '–'],
  ['plain numbers', 'entropy', { [Q]: { std: 1 } }, 'no codes', '–'],
  ['a number to come', 'scaleRange', { [Q]: { std: 1, known: 'estimate' } }, 'no scale range yet', '–'],
  ['a share', 'outliers', { [Q]: { beyond3: 0.0052 } }, '0.52 % of the weights beyond 3σ', '0.52'],
  [
    'an estimate',
    'outliers',
    { [Q]: { beyond3: 0.0052, known: 'estimate' } },
    'about 0.52 % of the weights beyond 3σ',
    '≈0.52',
  ],
  ['light tails', 'kurtosis', { [Q]: { kurtosis: -0.08 } }, 'kurtosis −0.08', '−0.08'],
  ['codes', 'entropy', { [Q]: { entropy: 3.5, codeBits: 4 } }, 'codes use 87.5 % of their bits', '87.5'],
])('%s of a cell is said in words and beside its row', (_what, measure, findings, words, short) => {
  const known = reading(measure, findings, Q);
  expect(readingInWords(measure, known, 1)).toBe(words);
  expect(shortReading(measure, known, model, rows)).toBe(short);
});

test('a screen reader hears the measure that is shown first', () => {
  const stats = statsOf(llama(), { [Q]: { beyond3: 0.0052 } });
  const describe = (measure: MapMeasure): string =>
    describeCell(model, cellOf(Q), 1e6, { measure, readings: createReadings(measure, rows, stats) });
  expect(describe('outliers')).toBe(
    'attn_q, layer 0: 0.52 % of the weights beyond 3σ, Q4_K, 4.50 bits per weight, 36.86 kB, 3.69 % of the file',
  );
  expect(describe('size')).toBe('attn_q, layer 0: Q4_K, 4.50 bits per weight, 36.86 kB, 3.69 % of the file');
});

test('a measure of the analysis is shown from when it begins; before, the map shows the bits', () => {
  const state = createState(null as unknown as InspectorLink); // what is tested here asks the host for nothing
  state.mapMeasure.value = 'kurtosis';
  expect([hasAnalysis(state), shownMeasure(state)]).toEqual([false, 'bits']);
  state.stats.value = statsOf(llama(), {});
  expect([hasAnalysis(state), shownMeasure(state)]).toEqual([true, 'kurtosis']);
  expect(MEASURE_NAMES.filter((measure) => !needsAnalysis(measure))).toEqual(['bits', 'size']);
});
