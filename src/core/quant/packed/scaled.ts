// 8-bit integers and floats, one in a byte, with scales for the tensor, for channels, groups or blocks.
// Sources: compressed-tensors, compressors/quantized_compressors; vLLM and transformers for FP8 with weight_scale_inv.
import { undecodable } from '../../base/failure.ts';
import { E4M3, E4M3_FNUZ, E5M2, E5M2_FNUZ } from '../decode/floats.ts';
import { stream } from './codes.ts';
import { gridOf, groupsAlong } from './grouped.ts';
import { centeredLevels, type CodedLayout, lineBytes, plainLevels } from './layout.ts';
import { preScales } from './modeloptInt4.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { checkBytes, need, type Part, type Parts } from './parts.ts';
import { plainRows } from './rows.ts';

const FLOATS: Readonly<Partial<Record<string, Float64Array>>> = {
  F8_E4M3: E4M3,
  F8_E5M2: E5M2,
  F8_E4M3FNUZ: E4M3_FNUZ,
  F8_E5M2FNUZ: E5M2_FNUZ,
};

/** How the codes of a byte become weights. */
function byteCodes({ scheme }: Part) {
  const floats = FLOATS[scheme.name];
  if (floats !== undefined)
    return {
      flip: 0,
      zero: 0,
      table: Float32Array.from(floats),
      levels: [...floats],
      formula: 'table' as const,
    };
  if (scheme.name === 'I8')
    return { flip: 128, zero: 128, table: null, levels: centeredLevels(8, 128), formula: 'offset' as const };
  if (scheme.name === 'U8')
    return { flip: 0, zero: 0, table: null, levels: plainLevels(8), formula: 'offset' as const };
  throw undecodable(`weights of the type ${scheme.name} are no codes of 8 bits`);
}

/**
 * weight = (code − zero) · scale. Despite its name `weight_scale_inv` is multiplied.
 */
export function scaledLayout(
  { rows, columns, packing }: PackedMatrix,
  block: Extract<Packing, { system: 'scaled' }>['block'],
  parts: Parts,
): CodedLayout {
  const codes = need(parts, 'codes', 'codes');
  checkBytes(codes, rows * columns, 'codes');
  const { flip, zero, table, levels, formula } = byteCodes(codes);
  const grid = gridShape(packing, block, rows, columns);
  const scalePart = need(parts, 'scales', 'scales');
  const scales = plainRows(scalePart, grid.count, grid.length, 'scales');
  const zeroPart = formula === 'offset' ? parts('zeros') : undefined;
  // Zero points are signed like the codes: both move by as much.
  const stored = zeroPart && plainRows(zeroPart, grid.count, grid.length, 'zero points');
  const zeros = stored && {
    count: stored.count,
    row: (index: number) => stored.row(index).map((point) => point + zero),
    placeOf: stored.placeOf,
  };
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(columns),
    levels,
    pieces: (line, from, count) => [stream(8 * (line * columns + from), 8, count, flip)],
    ...groupsAlong(
      { scales, zeros: zeros ?? null },
      grid.groupSize,
      { formula, table, zero },
      { linesPerRow: grid.rows, columnFactors: preScales(parts, columns) },
    ),
    groups: gridOf('rows', scales, stored ?? null, grid.length),
  };
}

/** @returns rows of scales, their length, and how many lines and input channels share one */
export function gridShape(
  { granularity, groupSize }: Pick<Packing, 'granularity' | 'groupSize'>,
  block: readonly [rows: number, columns: number] | null,
  rows: number,
  columns: number,
) {
  if (block !== null) {
    const [blockRows, blockColumns] = block;
    if (!(blockRows >= 1) || !(blockColumns >= 1)) throw undecodable('its blocks have no size');
    return {
      count: Math.ceil(rows / blockRows),
      length: Math.ceil(columns / blockColumns),
      rows: blockRows,
      groupSize: blockColumns,
    };
  }
  if (granularity === 'tensor') return { count: 1, length: 1, rows: Infinity, groupSize: Infinity };
  if (granularity === 'channel' || groupSize === null)
    return { count: rows, length: 1, rows: 1, groupSize: Infinity };
  return { count: rows, length: Math.ceil(columns / groupSize), rows: 1, groupSize };
}
