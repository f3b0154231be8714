import { expect, test } from 'vitest';
import { formatBits, formatCount } from '../../src/core/base/units.ts';
import type { AnalysisStatus } from '../../src/protocol/analysis.ts';
import { createState, type ColumnId, type InspectorLink } from '../../webview/inspector/state.ts';
import { stateText } from '../../webview/inspector/table/cellText.ts';
import { nameInGroup } from '../../webview/shared/table/tensorName.tsx';
import { INSPECTOR_KEYS } from '../../webview/inspector/table/analysisFilter.ts';
import { parseFilter } from '../../webview/shared/filter/filterLanguage.ts';
import { applyFilter } from '../../webview/shared/filter/filterRows.ts';
import { groupedLines, groupOfLine, isGroupLine } from '../../webview/shared/table/lines.ts';
import { sortedLines, sumGroups } from '../../webview/inspector/table/tableLines.ts';
import { statValues } from '../../webview/inspector/table/statColumns.ts';
import { shareBeyond3, sharesByGroup } from '../../webview/inspector/table/statSums.ts';
import { createTableModel } from '../../webview/inspector/table/tableModel.ts';
import { llama, statsOf, UNKNOWN_TYPE, withVision, type Findings, type Loaded } from './tableModels.ts';

/** The grouped table as text: heads with their sums, rows under the open ones. */
function drawn({ model, rows }: Loaded, filter: string, open: readonly number[] | 'all'): string {
  const { matches } = applyFilter(parseFilter(filter, INSPECTOR_KEYS), model, rows);
  const sums = sumGroups(model, rows, matches);
  const lines = groupedLines(model, rows, matches, (group) => open === 'all' || open.includes(group));
  const text = Array.from(lines, (line) => {
    if (!isGroupLine(line)) {
      const alone = model.groups[rows.group[line] ?? 0]?.label === '';
      return `${alone ? '' : '  '}${nameInGroup(model, rows, line)}`;
    }
    const sum = sums[groupOfLine(line)];
    if (sum === undefined) throw new Error('A head without rows.');
    const { tensorCount, weights, bytes, bits } = sum;
    const facts = `${tensorCount} tensors, ${formatCount(weights)} weights, ${formatCount(bytes)} bytes, ${formatBits(bits)}`;
    return `${model.groups[groupOfLine(line)]?.label}: ${[facts, stateText(sum)].filter(Boolean).join(', ')}`;
  });
  return text.join('\n');
}

test('tensors of layers stand under their layer, others alone', () => {
  expect(drawn(llama(), '', [1])).toMatchInlineSnapshot(`
    "token_embd.weight
    Layer 0: 6 tensors, 295,552 weights, 168,448 bytes, 4.56
      attn_norm.weight
      attn_q.weight
      attn_v.weight
      attn_v.bias
      ffn_norm.weight
      ffn_down.weight
    Layer 1: 6 tensors, 295,552 weights, 176,896 bytes, 4.79
    output_norm.weight
    output.weight"
  `);
});

test('a filter changes counts and sums, and hides groups of which nothing is left', () => {
  expect(drawn(llama(), 'attn_v layer:1', 'all')).toMatchInlineSnapshot(`
    "Layer 1: 2 tensors, 32,896 weights, 27,392 bytes, 6.66
      attn_v.weight
      attn_v.bias"
  `);
});

test('stacks and what is not recognized have groups of their own', () => {
  expect(drawn(withVision(), '', [1, 3, 6, 7])).toMatchInlineSnapshot(`
    "token_embd.weight
    rope_freqs.weight
    Layer 0: 3 tensors, 3,072 weights, 12,288 bytes, 32.00
      attn_norm.weight
      attn_q.weight
      ffn_up.weight
    Layer 1: 3 tensors, 3,072 weights, 12,288 bytes, 32.00
    v: 1 tensors, 1,024 weights, 4,096 bytes, 32.00
      patch_embd.weight
    v layer 0: 3 tensors, 3,072 weights, 12,288 bytes, 32.00
    v layer 1: 3 tensors, 3,072 weights, 12,288 bytes, 32.00
    v layer 2: 3 tensors, 3,072 weights, 12,288 bytes, 32.00
      ln1.weight
      attn_q.weight
      ffn_up.weight
    mm: 2 tensors, 2,048 weights, 8,192 bytes, 32.00
      0.weight
      2.weight
    something: 1 tensors, 1,024 weights, 4,096 bytes, 32.00"
  `);
});

test('what is missing or not known is said, and never summed as nothing', () => {
  const damaged = llama((tensor) => {
    if (tensor.name.startsWith('blk.1.')) return { ...tensor, state: 'missing' };
    if (tensor.name === 'blk.0.ffn_norm.weight') return { ...tensor, state: 'cut' };
    if (tensor.name === 'blk.0.ffn_down.weight') return { ...tensor, type: UNKNOWN_TYPE, state: 'missing' };
    return tensor;
  });
  expect(drawn(damaged, '', [])).toMatchInlineSnapshot(`
    "token_embd.weight
    Layer 0: 6 tensors, 295,552 weights, NaN bytes, –, 1 cut off, 1 missing
    Layer 1: 6 tensors, 295,552 weights, 176,896 bytes, 4.79, all missing
    output_norm.weight
    output.weight"
  `);
});

function sorted({ model, rows }: Loaded, column: ColumnId, descending = false): string[] {
  return Array.from(sortedLines(model, rows, null, { column, descending }), (row) => rows.names[row] ?? '');
}

test('names sort by their numbers, not by their digits', () => {
  const layers = llama((tensor) => ({
    ...tensor,
    name: tensor.name.replace('blk.1.', 'blk.10.').replace('blk.0.', 'blk.9.'),
  }));
  const names = sorted(layers, 'name').filter((name) => name.includes('attn_q'));
  expect(names).toEqual(['blk.9.attn_q.weight', 'blk.10.attn_q.weight']);
});

test('equal rows keep the order of the table, in both directions', () => {
  const norms = [
    'blk.0.attn_norm.weight',
    'blk.0.ffn_norm.weight',
    'blk.1.attn_norm.weight',
    'blk.1.ffn_norm.weight',
  ];
  expect(sorted(llama(), 'bits').filter((name) => norms.includes(name))).toEqual(norms);
  expect(sorted(llama(), 'bits', true).filter((name) => norms.includes(name))).toEqual(norms);
});

test('what is not known comes last, in both directions', () => {
  const unknown = llama((tensor) =>
    tensor.name === 'output.weight' ? { ...tensor, type: UNKNOWN_TYPE } : tensor,
  );
  expect(sorted(unknown, 'bits').at(-1)).toBe('output.weight');
  expect(sorted(unknown, 'bits', true).at(-1)).toBe('output.weight');
  expect(sorted(unknown, 'layer', true).slice(-3)).toEqual([
    'token_embd.weight',
    'output_norm.weight',
    'output.weight',
  ]);
});

test('shapes sort by their first side, then by the next', () => {
  const { model, rows } = llama();
  const shapes = sorted({ model, rows }, 'shape').map((name) => name.replace(/^blk\.\d\./, ''));
  expect([...new Set(shapes)]).toEqual([
    'attn_v.bias',
    'attn_norm.weight',
    'ffn_norm.weight',
    'output_norm.weight',
    'attn_v.weight',
    'attn_q.weight',
    'token_embd.weight',
    'output.weight',
    'ffn_down.weight',
  ]);
});

const EMBEDDING = 'token_embd.weight';
const Q = 'blk.0.attn_q.weight';
const DOWN = 'blk.0.ffn_down.weight';

test('a column of the analysis sorts by what is known; all else comes last in table order, in both directions', () => {
  const { model, rows } = llama();
  const stats = statsOf(llama(), {
    [Q]: { kurtosis: 3 },
    [DOWN]: { kurtosis: -0.1 },
    [EMBEDDING]: { std: 1 },
  });
  const names = (descending: boolean): string[] =>
    Array.from(
      sortedLines(model, rows, null, { column: 'kurtosis', descending }, statValues(stats, 'kurtosis')),
      (row) => rows.names[row] ?? '',
    );
  const rest = rows.names.filter((name) => name !== Q && name !== DOWN);
  expect(names(true)).toEqual([Q, DOWN, ...rest]);
  expect(names(false)).toEqual([DOWN, Q, ...rest]);
  expect(sorted(llama(), 'kurtosis')).toEqual(rows.names); // nothing is known yet
});

test('rows keep their order while results come, until they are sorted again or the analysis ends', () => {
  const state = createState(null as unknown as InspectorLink); // what is tested here asks the host for nothing
  const { model, rows } = llama();
  state.model.value = model;
  state.rows.value = rows;
  const analysis = (status: AnalysisStatus['state']): void => {
    state.analysis.value = { ...STATUS, state: status };
  };
  const table = createTableModel(state);
  const first = (): string => rows.names[table.lines.value[0] ?? -1] ?? '';

  analysis('running');
  state.stats.value = statsOf(llama(), { [Q]: { std: 1 } });
  table.cycleSort('std');
  expect(state.sort.value).toEqual({ column: 'std', descending: true });
  expect(first()).toBe(Q);
  expect(table.order.isStale.value).toBe(false);

  state.stats.value = statsOf(llama(), { [Q]: { std: 1 }, [DOWN]: { std: 2 } });
  expect(first()).toBe(Q);
  table.setFilter('blk.0'); // another filter is no other order
  expect(first()).toBe(Q);
  expect(table.order.isStale.value).toBe(true);
  table.order.sortAgain();
  expect(first()).toBe(DOWN);
  expect(table.order.isStale.value).toBe(false);

  state.stats.value = statsOf(llama(), { [Q]: { std: 3 }, [DOWN]: { std: 2 } });
  expect(first()).toBe(DOWN);
  analysis('done');
  expect(first()).toBe(Q);
});

const STATUS: AnalysisStatus = {
  ...{ state: 'none', why: '', tensorCount: 15, tensorsDone: 1, bytes: 1, bytesDone: 1 },
  ...{ bytesPerSecond: 1, secondsLeft: 1, threads: 1, serial: 1 },
};

test.each<[what: string, findings: Findings, share: number, known: string]>([
  [
    'all weights together, not the mean of the tensors',
    { [Q]: { beyond3: 0.01 }, [DOWN]: { beyond3: 0.001 } },
    (256 * 256 * 0.01 + 768 * 256 * 0.001) / (256 * 256 + 768 * 256),
    'exact',
  ],
  ['what is known so far', { [Q]: { beyond3: 0.01 } }, 0.01, 'estimate'],
  ['an estimate', { [Q]: { beyond3: 0.01 }, [DOWN]: { beyond3: 0.01, known: 'estimate' } }, 0.01, 'estimate'],
  [
    'without those that cannot be had',
    { [Q]: { beyond3: 0.01 }, [DOWN]: { known: 'unavailable' } },
    0.01,
    'exact',
  ],
  ['nothing', {}, NaN, 'none'],
  [
    'nothing to be had',
    { [Q]: { known: 'unavailable' }, [DOWN]: { known: 'unavailable' } },
    NaN,
    'unavailable',
  ],
])('the share beyond 3σ of several tensors is that of %s', (_what, findings, share, known) => {
  const { rows } = llama();
  const members = [Q, DOWN].map((name) => rows.names.indexOf(name));
  const sum = shareBeyond3(rows, statsOf(llama(), findings), members);
  expect(sum).toEqual({ value: Number.isNaN(share) ? NaN : expect.closeTo(share, 12), known });
});

test('a group has the share of the rows that the filter leaves', () => {
  const { model, rows } = llama();
  const stats = statsOf(llama(), { [Q]: { beyond3: 0.01 }, [DOWN]: { beyond3: 0.5 } });
  const { matches } = applyFilter(parseFilter('attn_q layer:0', INSPECTOR_KEYS), model, rows);
  const shares = sharesByGroup(rows, stats, matches);
  expect(shares.flatMap((share) => share ?? [])).toEqual([{ value: 0.01, known: 'exact' }]);
});
