// AWQ: 4-bit codes, eight in a word. GEMM: a line is an input channel; GEMV: a line is an output channel.
// Sources: AutoAWQ, awq/utils/packing_utils.py (AWQ_ORDER, AWQ_REVERSE_ORDER), awq/modules/linear/gemm.py and gemv.py.
import { undecodable } from '../../base/failure.ts';
import { AWQ_NIBBLES, stream, unpackStream } from './codes.ts';
import { gridOf, groupsAcross, groupsAlong } from './grouped.ts';
import { type CodedLayout, lineBytes, plainLevels } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { checkBytes, need, type Part, type Parts } from './parts.ts';
import { createRows, plainRows, type Rows } from './rows.ts';

const BITS = 4;
const PER_WORD = 8;

/** weight = scale · (code − zero). AutoAWQ computes it in half precision; the product is exact in F32, and so it is left. */
export function awqLayout(
  matrix: PackedMatrix,
  packing: Extract<Packing, { system: 'awq' }>,
  parts: Parts,
): CodedLayout {
  if (packing.codeBits !== BITS) throw undecodable(`AWQ has no codes of ${packing.codeBits} bits`);
  if (packing.layout === 'gemm') return gemmLayout(matrix, packing.groupSize ?? matrix.columns, parts);
  if (packing.layout === 'gemv') return gemvLayout(matrix, packing.groupSize ?? matrix.columns, parts);
  throw undecodable('the layout gemv_fast is not known');
}

/** Of neighbors 0 … 7 word holds, from its lowest nibble on, 0 2 4 6 1 3 5 7. Zero points likewise. */
function gemmLayout({ rows, columns }: PackedMatrix, groupSize: number, parts: Parts): CodedLayout {
  const rowBytes = 4 * Math.ceil(rows / PER_WORD);
  checkBytes(need(parts, 'codes', 'codes'), columns * rowBytes, 'codes');
  const groupCount = Math.ceil(columns / groupSize);
  const scales = plainRows(need(parts, 'scales', 'scales'), groupCount, rows, 'scales');
  const zeros = packedZeros(parts('zeros'), groupCount, rows, AWQ_NIBBLES);
  return {
    kind: 'coded',
    axis: 'columns',
    lines: columns,
    lineWeights: rows,
    step: 1,
    order: null,
    codeRanges: lineBytes(rowBytes),
    levels: plainLevels(BITS),
    pieces: (line, from, count) => [
      { kind: 'interleaved', byte: line * rowBytes + from / 2, count, flip: 0, add: 0 },
    ],
    ...groupsAcross({ scales, zeros }, (line) => Math.floor(line / groupSize), { zero: PER_WORD }),
    groups: gridOf('columns', scales, zeros, rows),
  };
}

/** Codes and zero points in their order, along the input channels; rows of scales and zeros are padded to whole words of zeros. */
function gemvLayout({ rows, columns }: PackedMatrix, groupSize: number, parts: Parts): CodedLayout {
  const rowBytes = 4 * Math.ceil(columns / PER_WORD);
  checkBytes(need(parts, 'codes', 'codes'), rows * rowBytes, 'codes');
  const groupCount = Math.ceil(columns / groupSize);
  const scalePart = need(parts, 'scales', 'scales');
  const width = scalePart.shape.at(-1) ?? 0;
  if (width < groupCount) throw undecodable(`it has ${width} scales for ${groupCount} groups`);
  const scales = plainRows(scalePart, rows, width, 'scales');
  const zeroPart = parts('zeros');
  const zeroWidth = PER_WORD * (zeroPart?.shape.at(-1) ?? 0);
  if (zeroPart !== undefined && zeroWidth < groupCount)
    throw undecodable(`it has ${zeroWidth} zero points for ${groupCount} groups`);
  const zeros = packedZeros(zeroPart, rows, zeroWidth, null);
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(rowBytes),
    levels: plainLevels(BITS),
    pieces: (line, from, count) => [stream(8 * line * rowBytes + BITS * from, BITS, count)],
    ...groupsAlong({ scales, zeros }, groupSize, { zero: PER_WORD }),
    groups: gridOf('rows', scales, zeros, groupCount),
  };
}

/** @param nibbles of each of eight neighbors; null: in their order */
function packedZeros(
  part: Part | undefined,
  count: number,
  length: number,
  nibbles: readonly number[] | null,
): Rows | null {
  if (part === undefined) return null;
  const unitBytes = 4 * Math.ceil(length / PER_WORD);
  checkBytes(part, count * unitBytes, 'zero points');
  const stored = new Float32Array(2 * unitBytes);
  const storedAt = (at: number): number => (nibbles === null ? at : (at & ~7) + (nibbles[at & 7] ?? 0));
  return createRows({
    part,
    count,
    length,
    unitBytes,
    numberBits: BITS,
    storedAt,
    decode(bytes, units) {
      const zeros = new Float32Array(units * length);
      for (let unit = 0; unit < units; unit++) {
        unpackStream(bytes, unit * unitBytes, BITS, stored.length, stored, 0);
        for (let index = 0; index < length; index++) {
          zeros[unit * length + index] = stored[storedAt(index)] ?? 0;
        }
      }
      return zeros;
    },
  });
}
