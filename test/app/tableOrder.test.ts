import { describe, expect, it } from 'vitest';
import { tableOrder } from '../../src/app/present/tableOrder.ts';
import { aModel } from './aModel.ts';

/** The order as text: "group: tensor tensor | group: …". */
function orderOf(names: readonly string[]): string {
  const { rows, groups } = tableOrder(aModel(names));
  return groups
    .map(({ label, tensorCount }, group) => {
      const own = rows.filter((row) => row.group === group).map(({ tensor }) => tensor.name);
      expect(own.length).toBe(tensorCount);
      return `${label === '' ? '·' : label}: ${own.join(' ')}`;
    })
    .join(' | ');
}

describe('the order of the table', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['nothing', [], ''],
    [
      'embeddings, layers by number, head',
      [
        'output.weight',
        'blk.10.attn_q.weight',
        'blk.2.attn_q.weight',
        'output_norm.weight',
        'token_embd.weight',
      ],
      '·: token_embd.weight | Layer 2: blk.2.attn_q.weight | Layer 10: blk.10.attn_q.weight | ·: output_norm.weight output.weight',
    ],
    [
      'inside a layer by role, weight before bias',
      ['blk.0.ffn_down.weight', 'blk.0.attn_q.bias', 'blk.0.attn_q.weight', 'blk.0.attn_norm.weight'],
      'Layer 0: blk.0.attn_norm.weight blk.0.attn_q.weight blk.0.attn_q.bias blk.0.ffn_down.weight',
    ],
    [
      'a new kind of tensor stays in its layer, after the known ones',
      ['blk.1.brand_new.weight', 'blk.1.ffn_up.weight'],
      'Layer 1: blk.1.ffn_up.weight blk.1.brand_new.weight',
    ],
    [
      'a vision tower after the language model',
      ['v.blk.0.attn_q.weight', 'blk.0.attn_q.weight', 'v.patch_embd.weight', 'v.blk.1.attn_q.weight'],
      'Layer 0: blk.0.attn_q.weight | v: v.patch_embd.weight | v layer 0: v.blk.0.attn_q.weight | v layer 1: v.blk.1.attn_q.weight',
    ],
    [
      'what is not recognised last, by its prefix',
      ['zz.a', 'token_embd.weight', 'aa.b', 'zz.c'],
      '·: token_embd.weight | aa: aa.b | zz: zz.a zz.c',
    ],
  ];
  it.each(cases)('%s', (_what, names, expected) => {
    expect(orderOf(names)).toBe(expected);
  });

  it('makes no more groups and roles than a page can hold, and drops no tensor', () => {
    const names = Array.from({ length: 9000 }, (_item, index) => `odd${index}.thing${index}`);
    const { rows, groups, roles } = tableOrder(aModel(names));
    expect(rows.length).toBe(9000);
    expect(groups.length).toBe(4096);
    expect(groups.at(-1)).toEqual({ label: 'All further tensors', layer: -1, tensorCount: 9000 - 4095 });
    expect(roles.length).toBeLessThanOrEqual(1025);
    expect(Math.max(...rows.map(({ role }) => role))).toBe(roles.length - 1);
  });
});
