import { expect, test } from 'vitest';
import { cellText } from '../../webview/inspector/table/cellText.ts';
import {
  allColumns,
  columnGrid,
  copiedColumns,
  shownColumns,
  type ColumnChoice,
} from '../../webview/inspector/table/columns.ts';
import { rowAsTsv, rowsAsMarkdown, rowsAsTsv } from '../../webview/inspector/table/copyRows.ts';
import { columnUnit, formatInUnit } from '../../webview/shared/tensors/measures.ts';
import { longestShape } from '../../webview/shared/tensors/shape.ts';
import {
  decimalsOf,
  longestStats,
  STAT_COLUMNS,
  statText,
  type Analyzed,
  type StatColumn,
} from '../../webview/inspector/table/statColumns.ts';
import {
  llama,
  shardedSafetensors,
  statsOf,
  UNKNOWN_TYPE,
  type Findings,
  type Loaded,
} from './tableModels.ts';

const AT_FIRST: ColumnChoice = { hidden: new Set(['layer', 'role']), wanted: new Set(), isAnalyzed: false };
const idsAt = ({ model }: Loaded, width: number, choice: Partial<ColumnChoice> = {}): string =>
  shownColumns(allColumns(model), { ...AT_FIRST, ...choice }, width)
    .map(({ id }) => id)
    .join(' ');

test.each<[width: number, columns: string]>([
  [1400, 'name type bits shape weights bytes share offset'],
  [1001, 'name type bits shape weights bytes share offset'],
  [1000, 'name type bits shape bytes share'],
  [781, 'name type bits shape bytes share'],
  [780, 'name type bits shape bytes'],
  [300, 'name type bits shape bytes'],
])('at %i px the columns are %s', (width, columns) => {
  expect(idsAt(llama(), width)).toBe(columns);
});

test.each<[width: number, columns: string]>([
  [1900, 'name type bits shape beyond3 kurtosis std absMax absMaxStd scaleRange entropy bytes share'],
  [1372, 'name type beyond3 kurtosis std absMax absMaxStd scaleRange entropy bytes'],
  [1001, 'name type beyond3 kurtosis std absMax absMaxStd bytes'],
  [1000, 'name type beyond3 kurtosis std absMax absMaxStd'],
  [780, 'name type beyond3 kurtosis std absMax'],
  [620, 'name type beyond3 std absMax'],
])('once there are results, at %i px the columns are %s', (width, columns) => {
  expect(idsAt(llama(), width, { isAnalyzed: true })).toBe(columns);
});

test('a column the user asked for is shown whatever the width and before there are results; one he hid is not', () => {
  const asked: Partial<ColumnChoice> = {
    hidden: new Set(['layer', 'role', 'type', 'std']),
    wanted: new Set(['offset', 'entropy']),
  };
  expect(idsAt(llama(), 620, asked)).toBe('name bits shape entropy bytes offset');
  expect(idsAt(llama(), 620, { ...asked, isAnalyzed: true })).toBe('name beyond3 absMax entropy offset');
});

test('a copy has all columns that are not hidden, those of the analysis when there are results', () => {
  const idsOf = (choice: ColumnChoice): string[] =>
    copiedColumns(allColumns(llama().model), choice).map(({ id }) => id);
  expect(idsOf(AT_FIRST)).toEqual(['name', 'type', 'bits', 'shape', 'weights', 'bytes', 'share', 'offset']);
  expect(idsOf({ ...AT_FIRST, isAnalyzed: true })).toEqual([
    ...['name', 'type', 'bits', 'shape', 'weights'],
    ...STAT_COLUMNS,
    ...['bytes', 'share', 'offset'],
  ]);
});

test('only a model in several files has a column for the file', () => {
  expect(idsAt(shardedSafetensors(), 1400)).toMatch(/ file$/);
  expect(allColumns(llama().model).map(({ id }) => id)).not.toContain('file');
});

test('a width set by the user stays, and the longest number is never cut', () => {
  const columns = allColumns(llama().model).filter(({ id }) => ['name', 'bits', 'shape'].includes(id));
  expect(columnGrid(columns, { bits: 200 }, { shape: 16 }, 620)).toEqual({
    tracks: 'minmax(120px, 1fr) 200px max(84px, 16ch + 24px)',
    leastWidth: 'calc(120px + 200px + max(84px, 16ch + 24px))',
  });
  expect(columnGrid(columns, {}, {}, 1400).tracks).toBe(
    'minmax(200px, 300fr) minmax(max(126px, 0ch + 16px), 126fr) minmax(max(150px, 0ch + 24px), 150fr)',
  );
  expect(columnGrid(columns, {}, {}, 1050).tracks).toBe(
    'minmax(160px, 300fr) minmax(max(126px, 0ch + 16px), 126fr) minmax(max(130px, 0ch + 24px), 150fr)',
  );
});

test('a type gets what the others and a usual name leave, up to its longest', () => {
  const { model } = llama();
  const [packed] = model.types;
  const types = [{ ...packed!, name: 'GPTQ 4-bit g32 act-order' }];
  const columns = allColumns({ ...model, types }).filter(({ id }) => ['name', 'type', 'bytes'].includes(id));
  expect(columnGrid(columns, {}, { bytes: 6 }, 700)).toEqual({
    tracks:
      'minmax(120px, 1fr) clamp(104px, 100% - 212px - max(78px, 6ch + 24px), 208px) max(78px, 6ch + 24px)',
    leastWidth: 'calc(120px + 104px + max(78px, 6ch + 24px))',
  });
  expect(columnGrid(columns, { type: 80 }, { bytes: 6 }, 700).tracks).toBe(
    'minmax(120px, 1fr) 80px max(78px, 6ch + 24px)',
  );
});

test.each<[fileBytes: number, bytes: number, text: string]>([
  [4.92e9, 295_501_824, '295.50'],
  [4.92e9, 16_384, '0.02'],
  [4.92e9, 4_096, '<0.01'],
  [4.92e9, 0, '0.00'],
  [3_440_000, 110_592, '110.59'],
  [5_000, 1_024, '1,024'],
  [2e12, 15_000_000, '0.02'],
  [4.92e9, NaN, '–'],
])('in a file of %d bytes, %d bytes are %s', (fileBytes, bytes, text) => {
  expect(formatInUnit(bytes, columnUnit(fileBytes))).toBe(text);
});

const row = (loaded: Loaded, name: string): number => loaded.rows.names.indexOf(name);

test('shapes are read as in × out, whatever the container writes first', () => {
  const gguf = llama();
  expect(cellText(gguf.model, gguf.rows, row(gguf, 'blk.0.ffn_down.weight'), 'shape')).toBe('768 × 256');
  const safetensors = shardedSafetensors();
  const down = row(safetensors, 'model.layers.0.mlp.down_proj.weight');
  expect(cellText(safetensors.model, safetensors.rows, down, 'shape')).toBe('768 × 256');
});

test('the longest shape is counted as it is written', () => {
  expect(longestShape(llama().rows)).toBe('256 × 1,024'.length);
});

test('what is not known is said in words', () => {
  const unknown = llama((tensor) =>
    tensor.name === 'output.weight' ? { ...tensor, type: UNKNOWN_TYPE } : tensor,
  );
  const at = row(unknown, 'output.weight');
  expect(cellText(unknown.model, unknown.rows, at, 'bits')).toBe('not known');
  expect(cellText(unknown.model, unknown.rows, at, 'bytes')).toBe('–');
  expect(cellText(unknown.model, unknown.rows, at, 'type')).toBe('unknown (139)');
});

test('rows are copied with plain numbers for a spreadsheet', () => {
  const { model, rows } = llama();
  const columns = shownColumns(allColumns(model), AT_FIRST, 1400);
  expect(rowsAsTsv(model, rows, [0, 1], columns)).toBe(
    [
      'Tensor\tType\tBits/weight\tIn × out\tWeights\tBytes\t% of file\tOffset',
      'token_embd.weight\tQ4_K\t4.5\t256 × 1024\t262144\t147456\t20.6822\t4096',
      'blk.0.attn_norm.weight\tF32\t32\t256\t256\t1024\t0.1436\t151552',
    ].join('\n'),
  );
});

test('a name that begins like a formula is copied as text', () => {
  const hostile = llama((tensor) => (tensor.name === 'output.weight' ? { ...tensor, name: '=1+1' } : tensor));
  const [name] = allColumns(hostile.model);
  expect(rowAsTsv(hostile.model, hostile.rows, row(hostile, '=1+1'), name === undefined ? [] : [name])).toBe(
    "'=1+1",
  );
});

test('rows are copied as a Markdown table, with markup in names escaped', () => {
  const damaged = llama((tensor) =>
    tensor.name === 'output.weight' ? { ...tensor, name: 'a|b<img>', state: 'missing' } : tensor,
  );
  const columns = shownColumns(allColumns(damaged.model), AT_FIRST, 780);
  expect(rowsAsMarkdown(damaged.model, damaged.rows, [0, row(damaged, 'a|b<img>')], columns))
    .toMatchInlineSnapshot(`
    "| Tensor | Type | Bits/weight | In × out | kB |
    | --- | --- | ---: | ---: | ---: |
    | token_embd.weight | Q4_K | 4.50 | 256 × 1,024 | 147.46 |
    | a\\|b\\<img\\> (missing) | Q6_K | 6.56 | 256 × 1,024 | 215.04 |"
  `);
});

const Q = 'blk.0.attn_q.weight';
const analyzed = (findings: Findings, isRunning = false): Analyzed => {
  const stats = statsOf(llama(), findings);
  return { stats, isRunning, decimals: decimalsOf(stats) };
};
const found = {
  beyond3: 0.0252,
  kurtosis: 13.876,
  std: 0.01462,
  absMax: 0.554,
  scaleRange: 4.23,
  entropy: 3.861,
};

test.each<[column: StatColumn, text: string]>([
  ['beyond3', '2.52'],
  ['kurtosis', '13.88'],
  ['std', '0.0146'],
  ['absMax', '0.554'],
  ['absMaxStd', '37.9'],
  ['scaleRange', '4.2'],
  ['entropy', '3.86 of 4'],
])('%s is written as %s', (column, text) => {
  const { rows } = llama();
  const row = rows.names.indexOf(Q);
  expect(statText(analyzed({ [Q]: { ...found, codeBits: 4 } }), row, column)).toBe(text);
  expect(statText(analyzed({ [Q]: { ...found, codeBits: 4, known: 'estimate' } }), row, column)).toBe(
    `≈${text}`,
  );
});

test.each<[what: string, findings: Findings, isRunning: boolean, column: StatColumn, text: string]>([
  ['not analyzed', {}, false, 'std', '–'],
  ['still to come', {}, true, 'std', '…'],
  ['no part of an estimate', { [Q]: { known: 'estimate', std: 1 } }, false, 'absMax', '…'],
  ['without codes', { [Q]: { std: 1 } }, true, 'entropy', '–'],
  ['not to be had', { [Q]: { known: 'unavailable' } }, true, 'std', '–'],
  ['all weights the same', { [Q]: { std: 0, absMax: 1 } }, false, 'absMaxStd', '–'],
  ['nothing beyond', { [Q]: { beyond3: 0 } }, false, 'beyond3', '0.00'],
  ['hardly anything beyond', { [Q]: { beyond3: 1e-6 } }, false, 'beyond3', '<0.01'],
  ['light tails', { [Q]: { kurtosis: -1.204 } }, false, 'kurtosis', '−1.20'],
  ['nearly normal', { [Q]: { kurtosis: -0.001 } }, false, 'kurtosis', '0.00'],
  ['garbage', { [Q]: { absMax: 1.5e30 } }, false, 'absMax', '1.50e30'],
  ['infinite', { [Q]: { absMax: Infinity } }, false, 'absMax', '∞'],
])('%s: a cell says so', (_what, findings, isRunning, column, text) => {
  expect(statText(analyzed(findings, isRunning), llama().rows.names.indexOf(Q), column)).toBe(text);
});

test('a column has the decimals that its small numbers need, and its longest number fits', () => {
  const small = analyzed({ [Q]: { std: 0.000712 }, 'output.weight': { std: 123.4 } });
  expect(small.decimals.std).toBe(6);
  expect(statText(small, llama().rows.names.indexOf('output.weight'), 'std')).toBe('123.400000');
  expect(longestStats(small).std).toBeGreaterThanOrEqual('123.400000'.length);
  expect(analyzed({ [Q]: { std: 12 } }).decimals.std).toBe(2);
});

test('numbers of the analysis are copied with six digits, shares in percent, estimates marked', () => {
  const { model, rows } = llama();
  const columns = allColumns(model).filter(({ id }) => ['name', 'beyond3', 'std', 'entropy'].includes(id));
  const results = analyzed({
    [Q]: { ...found, std: 1 / 3, codeBits: 4 },
    'output.weight': { known: 'estimate', beyond3: 0.01 },
  });
  const shown = [Q, 'output.weight', 'output_norm.weight'].map((name) => rows.names.indexOf(name));
  expect(rowsAsTsv(model, rows, shown, columns, results)).toBe(
    [
      'Tensor\tBeyond 3σ, %\tStd\tEntropy, bits',
      `${Q}\t2.52\t0.333333\t3.861`,
      'output.weight\t≈1\t\t',
      'output_norm.weight\t\t\t',
    ].join('\n'),
  );
});
