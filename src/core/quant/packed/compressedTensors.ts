// compressed-tensors, pack-quantized: codes of 1 to 8 bits along the input channels in words of 32 bits, stored with an offset of half their
// range. Source: compressed-tensors, compressors/pack_quantized (pack_to_int32, unpack_from_int32).
import { undecodable } from '../../base/failure.ts';
import { type CodePiece, stream, unpackStream } from './codes.ts';
import { gridOf, groupsAlong, groupsNamed } from './grouped.ts';
import { groupsOf } from './gptq.ts';
import { centeredLevels, type CodedLayout, lineBytes } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { checkBytes, need, type Part, type Parts } from './parts.ts';
import { createRows, plainRows, type Rows } from './rows.ts';
import { gridShape } from './scaled.ts';

const WORD_BITS = 32;

/** weight = (code − zero) · scale; without zero points the zero is half the range, as stored. */
export function compressedTensorsLayout(
  matrix: PackedMatrix,
  packing: Extract<Packing, { system: 'compressed-tensors' }>,
  parts: Parts,
): CodedLayout {
  const { rows, columns } = matrix;
  const bits = packing.codeBits;
  if (!Number.isInteger(bits) || bits < 1 || bits > 8) throw undecodable(`it has codes of ${bits} bits`);
  const half = 2 ** (bits - 1);
  const lineWords = wordsOf(columns, bits, packing.stream);
  checkBytes(need(parts, 'codes', 'codes'), 4 * rows * lineWords, 'codes');
  const grid = gridShape(packing, null, rows, columns);
  const scales = plainRows(need(parts, 'scales', 'scales'), grid.count, grid.length, 'scales');
  const zeroPart = parts('zeros');
  const zeros =
    zeroPart === undefined ? null : zeroRows(zeroPart, grid.count, grid.length, bits, packing.stream);
  const order = packing.actOrder && packing.granularity === 'group' ? parts('order') : undefined;
  const groupOf = order === undefined ? null : groupsOf(order, columns, grid.length, { unset: -1 });
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(4 * lineWords),
    levels: centeredLevels(bits, half),
    pieces: (line, from, count) => [piece(line * lineWords, from, bits, packing.stream, count)],
    ...(groupOf === null
      ? groupsAlong({ scales, zeros }, grid.groupSize, { zero: half }, { linesPerRow: grid.rows })
      : groupsNamed({ scales, zeros }, groupOf, { zero: half })),
    groups: gridOf('rows', scales, zeros, grid.length, { groupOf }),
  };
}

const wordsOf = (codes: number, bits: number, isStream: boolean): number =>
  isStream ? Math.ceil((codes * bits) / WORD_BITS) : Math.ceil(codes / Math.floor(WORD_BITS / bits));

function piece(firstWord: number, from: number, bits: number, isStream: boolean, count: number): CodePiece {
  if (isStream) return stream(WORD_BITS * firstWord + from * bits, bits, count);
  const perWord = Math.floor(WORD_BITS / bits);
  return {
    kind: 'words',
    bits,
    byte: 4 * (firstWord + Math.floor(from / perWord)),
    first: from % perWord,
    count,
    flip: 0,
    add: 0,
  };
}

/** Packed down the output channels, with the same offset as codes; or plain signed bytes without it. */
function zeroRows(part: Part, rows: number, length: number, bits: number, isStream: boolean): Rows {
  if (part.scheme.blockBytes !== 4) {
    const plain = plainRows(part, rows, length, 'zero points');
    return { ...plain, row: (index) => plain.row(index).map((zero) => zero + 2 ** (bits - 1)) };
  }
  const wordRows = wordsOf(rows, bits, isStream);
  checkBytes(part, 4 * wordRows * length, 'zero points');
  const unitRows = isStream ? WORD_BITS : Math.floor(WORD_BITS / bits);
  const unitWords = isStream ? bits : 1;
  const unitBytes = 4 * unitWords * length;
  const column = new Uint8Array(4 * unitWords + 1);
  const zeros = new Float32Array(unitRows);
  return createRows({
    part: { ...part, read: (offset, size) => padded(part, offset, size) },
    count: rows,
    length,
    unitRows,
    unitBytes,
    decode(bytes, units) {
      const all = new Float32Array(units * unitRows * length);
      for (let unit = 0; unit < units; unit++) {
        for (let at = 0; at < length; at++) {
          for (let word = 0; word < unitWords; word++) {
            const from = unit * unitBytes + 4 * (word * length + at);
            column.set(bytes.subarray(from, from + 4), 4 * word);
          }
          unpackStream(column, 0, bits, unitRows, zeros, 0);
          for (let row = 0; row < unitRows; row++)
            all[(unit * unitRows + row) * length + at] = zeros[row] ?? 0;
        }
      }
      return all;
    },
  });
}

/** The last unit may be stored in part: what is missing belongs to rows that are not there. */
function padded(part: Part, offset: number, size: number): Uint8Array {
  const there = Math.min(size, part.byteLength - offset);
  const bytes = part.read(offset, there);
  if (there === size) return bytes;
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}
