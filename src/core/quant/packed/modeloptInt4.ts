// ModelOpt's W4A16_AWQ: signed codes of 4 bits, two output channels over each other in a byte.
// Source: ModelOpt, modelopt/torch/export/quant_utils.py (pack_int4_in_uint8).
import { undecodable } from '../../base/failure.ts';
import { units } from './codes.ts';
import { gridOf, groupsAlong } from './grouped.ts';
import { centeredLevels, type CodedLayout } from './layout.ts';
import type { PackedMatrix } from './packing.ts';
import { allNumbers, checkBytes, need, type Parts } from './parts.ts';
import { plainRows } from './rows.ts';

/**
 * weight = code · scale · pre-scale of the input channel: what the layer does to its input, which it multiplies by the pre-scales.
 * The even output channel is the low half of a byte.
 */
export function modeloptInt4Layout({ rows, columns, packing }: PackedMatrix, parts: Parts): CodedLayout {
  checkBytes(need(parts, 'codes', 'codes'), Math.ceil(rows / 2) * columns, 'codes');
  const groupSize = packing.groupSize ?? columns;
  const groupCount = Math.ceil(columns / groupSize);
  const scales = plainRows(need(parts, 'scales', 'scales'), rows, groupCount, 'scales');
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 2,
    order: null,
    codeRanges({ from, to }) {
      const [first, end] = [Math.floor(from / 2), Math.ceil(to / 2)];
      return [{ byteOffset: first * columns, byteLength: (end - first) * columns }];
    },
    levels: centeredLevels(4, 8),
    pieces(line, from, count) {
      const byte = Math.floor(line / 2) * columns + from;
      return [units(byte, 1, { shift: 4 * (line % 2), width: 4 }, count, { flip: 8 })];
    },
    ...groupsAlong(
      { scales, zeros: null },
      groupSize,
      { zero: 8 },
      { columnFactors: preScales(parts, columns) },
    ),
    groups: gridOf('rows', scales, null, groupCount),
  };
}

/** @throws Failure when there are too few */
export function preScales(parts: Parts, columns: number): Float32Array | null {
  const part = parts('inputSigns');
  if (part === undefined) return null;
  if (part.count < columns)
    throw undecodable(`it has ${part.count} pre-scales for ${columns} input channels`);
  return allNumbers(part);
}
