// HQQ: the matrix as groups, packed by cutting its first dimension into parts that lie over each other. Scales and zeros are floats.
// Sources: hqq, core/quantize.py (Quantizer.quantize, dequantize), core/bitpack.py.
import { undecodable } from '../../base/failure.ts';
import { type CodePiece, units } from './codes.ts';
import { noExtras } from './grouped.ts';
import { type ByteRange, type CodedLayout, plainLevels, plainValues, type StripValues } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { checkBytes, need, type Parts } from './parts.ts';
import { longRow, type LongRow } from './rows.ts';

/** Parts that lie over each other, the first in the highest of these bits. */
const PACKED: Readonly<Partial<Record<number, { readonly parts: number; readonly unitBytes: 1 | 4 }>>> = {
  8: { parts: 1, unitBytes: 1 },
  4: { parts: 2, unitBytes: 1 },
  3: { parts: 10, unitBytes: 4 }, // the two highest bits of 32 are empty
  2: { parts: 4, unitBytes: 1 },
  1: { parts: 8, unitBytes: 1 },
};

/**
 * weight = (code − zero) · scale, each rounded to F32; hqq computes in the type of its scales.
 * axis 1: the matrix is [groups, group size], a group is a run of neighbors. axis 0: it is [group size, groups], its columns are groups.
 */
export function hqqLayout(
  { rows, columns }: PackedMatrix,
  packing: Extract<Packing, { system: 'hqq' }>,
  parts: Parts,
): CodedLayout {
  const { codeBits: bits, axis } = packing;
  const packed = PACKED[bits];
  if (packed === undefined) throw undecodable(`HQQ has no codes of ${bits} bits`);
  const weights = rows * columns;
  const groupSize = packing.groupSize ?? (axis === 1 ? columns : rows);
  if (weights % groupSize !== 0) throw undecodable(`${weights} weights are no groups of ${groupSize}`);
  const groupCount = weights / groupSize;
  const [first, second] = axis === 1 ? [groupCount, groupSize] : [groupSize, groupCount];
  const partWeights = Math.ceil(first / packed.parts) * second;
  checkBytes(need(parts, 'codes', 'codes'), partWeights * packed.unitBytes, 'codes');
  const scales = longRow(need(parts, 'scales', 'scales'), groupCount, 'scales');
  const zeros = longRow(need(parts, 'zeros', 'zeros'), groupCount, 'zeros');
  const perRow = axis === 1 && columns % groupSize === 0 ? columns / groupSize : groupCount;
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: ({ from, to }) => rangesOf(from * columns, to * columns, partWeights, packed.unitBytes),
    levels: plainLevels(bits),
    pieces(line, from, count) {
      const pieces: CodePiece[] = [];
      for (let at = line * columns + from, end = at + count; at < end;) {
        const part = Math.floor(at / partWeights);
        const length = Math.min(end, (part + 1) * partWeights) - at;
        const shift = bits * (packed.parts - 1 - part);
        const byte = (at % partWeights) * packed.unitBytes;
        pieces.push(units(byte, packed.unitBytes, { shift, width: bits }, length));
        at += length;
      }
      return pieces;
    },
    values(line, from, count): StripValues {
      const at = line * columns + from;
      if (axis === 0) {
        const [own, ownZeros] = [around(scales, at, count, groupCount), around(zeros, at, count, groupCount)];
        return { ...plainValues, scales: own, zeros: ownZeros, groupSize: 1, offset: 0 };
      }
      const group = Math.floor(at / groupSize);
      const length = Math.ceil((at + count) / groupSize) - group;
      return {
        ...plainValues,
        scales: scales.from(group, length),
        zeros: zeros.from(group, length),
        groupSize,
        offset: at % groupSize,
      };
    },
    places(line, position) {
      const at = line * columns + position;
      const group = axis === 0 ? at % groupCount : Math.floor(at / groupSize);
      return { scale: scales.placeOf(group), zero: zeros.placeOf(group) };
    },
    groups: {
      axis: 'rows',
      count: groupCount / perRow,
      length: perRow,
      scales: (index) => scales.from(index * perRow, perRow),
      zeros: (index) => zeros.from(index * perRow, perRow),
      ...noExtras,
    },
  };
}

/** Bytes of weights `at` to `end`, whose parts lie over each other. */
function rangesOf(at: number, end: number, partWeights: number, unitBytes: number): ByteRange[] {
  const range = (from: number, to: number): ByteRange => ({
    byteOffset: from * unitBytes,
    byteLength: (to - from) * unitBytes,
  });
  const [from, to] = [at % partWeights, end - Math.floor(at / partWeights) * partWeights];
  if (to <= partWeights) return [range(from, to)];
  const rest = to - partWeights;
  return rest >= from ? [range(0, partWeights)] : [range(0, rest), range(from, partWeights)];
}

/** Numbers of a row that begins again at its end. */
function around(row: LongRow, at: number, count: number, length: number): Float32Array {
  const numbers = new Float32Array(count);
  for (let index = 0; index < count;) {
    const piece = row.from((at + index) % length, count - index);
    numbers.set(piece, index);
    index += piece.length;
  }
  return numbers;
}
