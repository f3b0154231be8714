import { expect, test } from 'vitest';
import { formatBits } from '../../src/core/base/units.ts';
import { mapContent } from '../../webview/shared/map/mapCells.ts';
import { layOutMap, type Box, type MapLayout } from '../../webview/shared/map/mapLayout.ts';
import { boxAt, boxOfRow, cursorAt, walk, type MapKey } from '../../webview/shared/map/mapPoint.ts';
import { createReadings } from '../../webview/inspector/map/mapReadings.ts';
import { describeCell } from '../../webview/inspector/map/mapText.ts';
import type { Rows } from '../../webview/shared/tensors/rows.ts';
import { aModel } from '../app/aModel.ts';
import { llama, loaded, UNKNOWN_TYPE, withVision, type Loaded } from './tableModels.ts';

const LABEL_WIDTH = 92;
const layoutOf = ({ model, rows }: Loaded, width = 1368): MapLayout =>
  layOutMap(mapContent(model, rows), width, LABEL_WIDTH);

const inBits = (rows: Rows) => ({ measure: 'bits', readings: createReadings('bits', rows, null) }) as const;

/** One line per line of boxes, from top to bottom: where they stand and what they are worth. */
function drawn(layout: MapLayout): string {
  const lines = new Map<string, Box[]>();
  for (const box of layout.boxes) {
    const key = `y ${box.y} high ${box.height}`;
    lines.set(key, [...(lines.get(key) ?? []), box]);
  }
  const boxText = ({ x, width, cell, isOther }: Box): string =>
    `${x}+${width} ${cell.absent ? '////' : formatBits(cell.bits)}${isOther ? '*' : ''}`;
  const labelOf = (boxes: readonly Box[]): string =>
    layout.labels.find(({ y }) =>
      boxes.some((box) => y >= box.y && y <= box.y + box.height && box.kind !== 'edge'),
    )?.text ?? '';
  return [...lines]
    .sort(([, [a]], [, [b]]) => (a?.y ?? 0) - (b?.y ?? 0) || (b?.height ?? 0) - (a?.height ?? 0))
    .map(([key, boxes]) => `${key}: ${boxes.map(boxText).join(', ')}  ${labelOf(boxes)}`.trimEnd())
    .concat(`ticks: ${layout.ticks.map(({ x, text }) => `${text} at ${x}`).join(', ')}`)
    .join('\n');
}

test('layers are columns, roles are lines, embedding and head stand at the sides', () => {
  expect(drawn(layoutOf(llama()))).toMatchInlineSnapshot(`
    "y 10 high 72: 92+25 4.50*
    y 10 high 6: 127+63 32.00*, 191+63 32.00*, 264+25 32.00*  norm
    y 17 high 17: 127+63 4.50, 191+63 4.50  attn_q
    y 18 high 64: 264+25 6.56*
    y 35 high 17: 127+63 4.61, 191+63 6.66*  attn_v
    y 58 high 6: 127+63 32.00*, 191+63 32.00*  norm
    y 65 high 17: 127+63 4.50, 191+63 4.50  ffn_down
    y 86 high 7: 127+63 4.56, 191+63 4.79  all
    ticks: 0 at 158.5, 1 at 222.5, embd at 104.5, out at 276.5"
  `);
});

test('each stack has its lines, and what belongs to no layer stands under them', () => {
  expect(drawn(layoutOf(withVision(), 700))).toMatchInlineSnapshot(`
    "y 10 high 6: 127+63 32.00, 191+63 32.00, 92+25 32.00*  norm
    y 17 high 17: 127+63 32.00, 191+63 32.00  attn_q
    y 18 high 39: 92+25 32.00*
    y 40 high 17: 127+63 32.00, 191+63 32.00  ffn_up
    y 61 high 7: 127+63 32.00, 191+63 32.00  all
    y 80 high 47: 92+25 32.00*
    y 80 high 6: 127+63 32.00, 191+63 32.00, 255+63 32.00  norm
    y 87 high 17: 127+63 32.00, 191+63 32.00, 255+63 32.00  v.attn_q
    y 110 high 17: 127+63 32.00, 191+63 32.00, 255+63 32.00  v.ffn_up
    y 131 high 7: 127+63 32.00, 191+63 32.00, 255+63 32.00  all
    y 146 high 17: 127+17 32.00*, 145+17 32.00*
    ticks: 0 at 158.5, 1 at 222.5, 2 at 286.5, embd at 104.5"
  `);
});

test('what is not in the file or not known is hatched, in its cell and in its sums', () => {
  const damaged = llama((tensor) => {
    if (tensor.name === 'blk.1.attn_q.weight') return { ...tensor, state: 'missing' };
    return tensor.name === 'blk.0.ffn_down.weight' ? { ...tensor, type: UNKNOWN_TYPE } : tensor;
  });
  expect(drawn(layoutOf(damaged, 700))).toMatchInlineSnapshot(`
    "y 10 high 72: 92+25 4.50*
    y 10 high 6: 127+63 32.00*, 191+63 32.00*, 264+25 32.00*  norm
    y 17 high 17: 127+63 4.50, 191+63 ////  attn_q
    y 18 high 64: 264+25 6.56*
    y 35 high 17: 127+63 4.61, 191+63 6.66*  attn_v
    y 58 high 6: 127+63 32.00*, 191+63 32.00*  norm
    y 65 high 17: 127+63 –*, 191+63 4.50  ffn_down
    y 86 high 7: 127+63 –, 191+63 ////  all
    ticks: 0 at 158.5, 1 at 222.5, embd at 104.5, out at 276.5"
  `);
});

const layers = (count: number): Loaded =>
  loaded(
    aModel([
      'token_embd.weight',
      ...Array.from({ length: count }, (_, layer) => `blk.${layer}.attn_q.weight`),
      'output.weight',
    ]),
  );

test.each<[layers: number, width: number, pitch: number, gap: number, fits: boolean]>([
  [4, 1368, 64, 1, true],
  [8, 1368, 32, 1, true],
  [32, 1368, 31, 1, true],
  [32, 768, 17, 1, true],
  [80, 768, 6, 1, true],
  [126, 768, 4, 1, true],
  [126, 588, 2, 0, true],
  [400, 588, 2, 0, false],
])('%i layers in %i px stand %i px apart', (count, width, pitch, gap, fits) => {
  const layout = layoutOf(layers(count), width);
  expect({ pitch: layout.pitch, gap: layout.gap, fits: layout.width <= width }).toEqual({ pitch, gap, fits });
});

test('layer numbers under the columns are round, and the last one is there', () => {
  const ticks = (count: number, width: number): string =>
    layoutOf(layers(count), width)
      .ticks.map(({ text }) => text)
      .join(' ');
  expect(ticks(4, 1368)).toBe('0 1 2 3 embd out');
  expect(ticks(32, 1368)).toBe('0 4 8 12 16 20 24 28 31 embd out');
  expect(ticks(80, 768)).toBe('0 8 16 24 32 40 48 56 64 72 79 embd out');
});

test('layers that do not occur have no column: a gap in the numbers costs nothing', () => {
  const layout = layoutOf(loaded(aModel(['blk.0.attn_q.weight', 'blk.900.attn_q.weight'])));
  expect(layout.ticks.map(({ text }) => text)).toEqual(['0', '900']);
  expect(layout.width).toBeLessThan(1368);
});

test('a tensor and its bias share a cell, whose bits are bytes over weights', () => {
  const { model, rows } = llama();
  const box = boxOfRow(layoutOf({ model, rows }), rows.names.indexOf('blk.0.attn_v.bias'));
  expect(box?.cell.rows.map((row) => rows.names[row])).toEqual(['blk.0.attn_v.weight', 'blk.0.attn_v.bias']);
  expect(box?.cell.bits).toBeCloseTo(((256 * 128 * 4.5) / 8 + 128 * 4) * (8 / (256 * 128 + 128)));
  expect(box === null ? '' : describeCell(model, box.cell, 1_000_000, inBits(rows))).toBe(
    'attn_v, layer 0: 2 tensors, mostly Q4_K, 4.61 bits per weight, 18.94 kB, 1.89 % of the file',
  );
});

test('a point finds the cell under it, gaps belong to the cell before them', () => {
  const layout = layoutOf(llama());
  for (const box of layout.boxes) {
    expect(boxAt(layout, box.x, box.y)).toBe(box);
    expect(boxAt(layout, box.x + box.width - 0.5, box.y + box.height - 0.5)).toBe(box);
  }
  expect(boxAt(layout, 0, 20)).toBeNull();
});

/** The titles of the cells that the keys lead to, one after the other. */
function walked(from: string, ...keys: MapKey[]): string[] {
  const { model, rows } = llama();
  const layout = layoutOf({ model, rows });
  const start = boxOfRow(layout, rows.names.indexOf(from));
  if (start === null) throw new Error(`No cell for ${from}.`);
  let cursor = cursorAt(start);
  return keys.map((key) => (cursor = walk(layout, cursor, key)).box.cell.title);
}

test('arrows walk from cell to cell and stop at the edges', () => {
  expect(walked('blk.0.attn_q.weight', 'ArrowRight', 'ArrowRight', 'ArrowRight')).toEqual([
    'attn_q, layer 1',
    'output',
    'output',
  ]);
  expect(
    walked('blk.0.ffn_down.weight', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown'),
  ).toEqual([
    'ffn_norm, layer 0',
    'attn_v, layer 0',
    'ffn_norm, layer 0',
    'ffn_down, layer 0',
    'ffn_down, layer 0',
  ]);
});

test('a walk through a tall cell comes out on the line where it went in', () => {
  expect(walked('blk.1.attn_q.weight', 'ArrowRight', 'ArrowLeft')).toEqual(['output', 'attn_q, layer 1']);
  expect(walked('blk.0.ffn_down.weight', 'ArrowLeft', 'ArrowRight')).toEqual([
    'token_embd',
    'ffn_down, layer 0',
  ]);
});

test('Home and End go along the line, with Ctrl through the whole map', () => {
  expect(walked('blk.1.attn_v.weight', 'Home', 'End', 'First', 'Last')).toEqual([
    'token_embd',
    'output',
    'token_embd',
    'output',
  ]);
});
