import { expect, test } from 'vitest';
import { formatBits, formatCount } from '../../src/core/base/units.ts';
import type { ColumnId } from '../../webview/inspector/state.ts';
import { nameInGroup, stateText } from '../../webview/inspector/table/cellText.ts';
import { parseFilter } from '../../webview/inspector/table/filterLanguage.ts';
import { applyFilter } from '../../webview/inspector/table/filterRows.ts';
import {
  groupedLines,
  groupOfLine,
  isGroupLine,
  sortedLines,
  sumGroups,
} from '../../webview/inspector/table/tableLines.ts';
import { llama, UNKNOWN_TYPE, withVision, type Loaded } from './tableModels.ts';

/** The grouped table as text: heads with their sums, rows under the open ones. */
function drawn({ model, rows }: Loaded, filter: string, open: readonly number[] | 'all'): string {
  const { matches } = applyFilter(parseFilter(filter), model, rows);
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
