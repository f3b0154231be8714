// Which rows of a tensor its predicted error is measured on.
import { describe, expect, it } from 'vitest';
import { sampledRows } from '../../src/app/quantize/errorSample.ts';

const layout = (rowLength: number, rowsPerMatrix: number, matrices = 1) => ({
  rowLength,
  rowsPerMatrix,
  rowCount: rowsPerMatrix * matrices,
});

describe('rows of a sample', () => {
  const counts: readonly (readonly [string, ReturnType<typeof layout>, number | null])[] = [
    ['all of a tensor that is small', layout(256, 512), null],
    ['as many as hold so many weights', layout(4096, 4096), 32],
    ['thirty-two where they are long', layout(28_672, 8192), 32],
    ['one of each expert where there are many', layout(2048, 1408, 256), 256],
    ['the same number of each expert', layout(4096, 14_336, 8), 32],
    ['all where experts have no more', layout(2 ** 16, 1, 16), null],
    ['all of a single long row', layout(2 ** 20, 1), null],
  ];
  it.each(counts)('are %s', (_what, rows, count) => {
    expect(sampledRows(rows, 2 ** 17, 'name')?.length ?? null).toBe(count);
  });

  it('rise, lie in the tensor, and are spread evenly over every matrix', () => {
    const rows = [...sampledRows(layout(1024, 3000, 7), 2 ** 17, 'blk.0.ffn_up_exps.weight')!];
    expect(rows).toEqual([...new Set(rows)].sort((one, other) => one - other));
    const each = rows.length / 7;
    rows.forEach((row, at) => {
      expect(Math.floor(row / 3000)).toBe(Math.floor(at / each));
      expect(Math.floor(((row % 3000) / 3000) * each)).toBe(at % each);
    });
  });

  it('are the same every time, and others for another tensor', () => {
    const rows = (seed: string) => sampledRows(layout(1024, 30_000), 2 ** 17, seed);
    expect(rows('one')).toEqual(rows('one'));
    expect(rows('one')).not.toEqual(rows('other'));
  });
});
