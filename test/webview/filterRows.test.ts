import { expect, test } from 'vitest';
import { analysisColumns, INSPECTOR_KEYS } from '../../webview/inspector/table/analysisFilter.ts';
import { parseFilter } from '../../webview/shared/filter/filterLanguage.ts';
import { applyFilter } from '../../webview/shared/filter/filterRows.ts';
import type { Stats } from '../../webview/inspector/stats.ts';
import { llama, shardedSafetensors, statsOf, UNKNOWN_TYPE, withVision, type Loaded } from './tableModels.ts';

function filtered({ model, rows }: Loaded, text: string, stats: Stats | null = null): string[] {
  const { matches, count } = applyFilter(
    parseFilter(text, INSPECTOR_KEYS),
    model,
    rows,
    analysisColumns(stats),
  );
  const names = rows.names.filter((_, row) => matches === null || matches[row] === 1);
  expect(count).toBe(names.length);
  return names;
}

const broken = llama((tensor) => {
  if (tensor.name === 'output.weight') return { ...tensor, state: 'missing' };
  if (tensor.name === 'output_norm.weight') return { ...tensor, state: 'cut' };
  return tensor.name === 'blk.1.ffn_down.weight' ? { ...tensor, type: UNKNOWN_TYPE } : tensor;
});

test.each<[text: string, model: Loaded, names: string[]]>([
  ['attn_q', llama(), ['blk.0.attn_q.weight', 'blk.1.attn_q.weight']],
  ['ATTN_Q layer:1', llama(), ['blk.1.attn_q.weight']],
  ['type:q6_k', llama(), ['blk.1.attn_v.weight', 'output.weight']],
  ['type:q6', llama(), ['blk.1.attn_v.weight', 'output.weight']],
  ['type:q6 -output', llama(), ['blk.1.attn_v.weight']],
  ['bpw:6.56', llama(), ['blk.1.attn_v.weight', 'output.weight']],
  ['bpw>6.56 bpw<32', llama(), []],
  ['-layer>=0', llama(), ['token_embd.weight', 'output_norm.weight', 'output.weight']],
  ['layer<1 role:attn_v', llama(), ['blk.0.attn_v.weight', 'blk.0.attn_v.bias']],
  ['role:norm layer:0', llama(), ['blk.0.attn_norm.weight', 'blk.0.ffn_norm.weight']],
  ['group:"layer 1" bias', llama(), ['blk.1.attn_v.bias']],
  ['shape:768x256', llama(), ['blk.0.ffn_down.weight', 'blk.1.ffn_down.weight']],
  ['shape:1024', llama(), ['token_embd.weight', 'output.weight']],
  ['shape:*x128', llama(), ['blk.0.attn_v.weight', 'blk.1.attn_v.weight']],
  ['weights:262144', llama(), ['token_embd.weight', 'output.weight']],
  ['size>200kB', llama(), ['output.weight']],
  ['share>30', llama(), ['output.weight']],
  ['foo:3 output_norm', llama(), ['output_norm.weight']],
  ['state:missing', broken, ['output.weight']],
  ['-state:whole', broken, ['output_norm.weight', 'output.weight']],
  ['type:unknown', broken, ['blk.1.ffn_down.weight']],
  ['bpw>0 role:ffn_down', broken, ['blk.0.ffn_down.weight']],
  ['shape:768x256', shardedSafetensors(), ['model.layers.0.mlp.down_proj.weight']],
  ['file:00002-of', shardedSafetensors(), ['model.layers.0.self_attn.q_proj.weight', 'lm_head.weight']],
  ['group:mm', withVision(), ['mm.0.weight', 'mm.2.weight']],
])('%j', (text, model, names) => {
  expect(filtered(model, text)).toEqual(names);
});

test('an empty filter and one of refused terms let everything through', () => {
  const { model, rows } = llama();
  expect(applyFilter([], model, rows)).toMatchObject({ matches: null, count: rows.count });
  expect(applyFilter(parseFilter('foo:3 bpw<', INSPECTOR_KEYS), model, rows).matches).toBeNull();
});

test('the bytes of what is left are summed', () => {
  const { model, rows } = llama();
  expect(applyFilter(parseFilter('attn_q', INSPECTOR_KEYS), model, rows).bytes).toBe(2 * 256 * 144);
});

const Q = 'blk.0.attn_q.weight';
const V = 'blk.0.attn_v.weight';
const found = statsOf(llama(), {
  [Q]: { beyond3: 0.0071, kurtosis: 0.77, std: 0.1103, absMax: 0.6003, scaleRange: 2.4, entropy: 3.88 },
  [V]: { beyond3: 0.0022, kurtosis: -0.08, std: 0.0397, absMax: 0.1975, scaleRange: 1.9, entropy: 3.85 },
});

test.each<[text: string, names: string[]]>([
  ['outliers>0.27', [Q]],
  ['kurtosis<0', [V]],
  ['std>4e-2', [Q]],
  ['std:0.0397', [V]],
  ['absmax:0.1-0.7 attn_v', [V]],
  ['scales>=1.9', [Q, V]],
  ['entropy<3.86', [V]],
  ['-std>0 attn_q', ['blk.1.attn_q.weight']],
])('%j asks for what the analysis found', (text, names) => {
  expect(filtered(llama(), text, found)).toEqual(names);
});

test('before the analysis no row has what it would find, and its next results are asked for again', () => {
  const model = llama();
  expect(filtered(model, 'std>0')).toEqual([]);
  expect(filtered(model, 'std>0', found)).toEqual([Q, V]);
  const more = statsOf(model, { [Q]: { std: 1 }, 'output.weight': { std: 1 } });
  expect(filtered(model, 'std>0', more)).toEqual([Q, 'output.weight']);
});
