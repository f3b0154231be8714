// AQLM: the codes of several codebooks name vectors; a piece of a row is their sum times the scale of its row.
// Source: AQLM, inference_lib/src/aqlm/utils.py (_dequantize_weight, unpack_int_data).
import { undecodable } from '../../base/failure.ts';
import { gridOf } from './grouped.ts';
import { lineBytes, type VectorLayout } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { allNumbers, checkBytes, need, type Parts } from './parts.ts';
import { plainRows } from './rows.ts';

/** Numbers of all codebooks: those in use have at most 2 × 2^16 × 8. */
const MAX_CODEBOOK_NUMBERS = 2 ** 24;

/** The reference sums in the type of the codebooks (half precision); here each sum is rounded to F32. */
export function aqlmLayout(
  { rows, columns }: PackedMatrix,
  { codebooks, codeWidth, inGroup, outGroup }: Extract<Packing, { system: 'aqlm' }>,
  parts: Parts,
): VectorLayout {
  const codesPart = need(parts, 'codes', 'codes');
  const codeBytes = codesPart.scheme.blockBytes ?? 0;
  if (codeBytes !== 1 && codeBytes !== 2 && codeBytes !== 4)
    throw undecodable(`its codes are of type ${codesPart.scheme.name}`);
  const vectors = 2 ** codeWidth;
  const vectorLength = outGroup * inGroup;
  const perLine = Math.ceil(columns / inGroup);
  const lineLength = perLine * codebooks * codeBytes;
  const groupRows = Math.ceil(rows / outGroup);
  checkBytes(codesPart, groupRows * lineLength, 'codes');
  const tablePart = need(parts, 'table', 'codebooks');
  const tableCount = codebooks * vectors * vectorLength;
  if (!(tableCount <= MAX_CODEBOOK_NUMBERS) || tablePart.count < tableCount)
    throw undecodable(`its codebooks have ${tablePart.count} numbers, not ${tableCount}`);
  const table = allNumbers(tablePart);
  const scales = plainRows(need(parts, 'scales', 'scales'), groupRows, 1, 'scales');
  const inLines = lineBytes(lineLength);
  const firstByte = (line: number): number => Math.floor(line / outGroup) * lineLength;
  const scaleOf = (line: number): number => scales.row(Math.floor(line / outGroup))[0] ?? NaN;
  return {
    kind: 'vectors',
    sums: { table, codebooks, vectors, codeBytes, outGroup, inGroup, firstByte, scale: scaleOf },
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: outGroup,
    order: null,
    codeRanges: ({ from, to }) =>
      inLines({ from: Math.floor(from / outGroup), to: Math.ceil(to / outGroup) }),
    groups: gridOf('rows', scales, null, 1),
    decode(line, from, target, { bytes, indexOf }) {
      const scale = scaleOf(line);
      const inVector = (line % outGroup) * inGroup;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const start = indexOf(firstByte(line));
      for (let index = 0; index < target.length;) {
        const at = (from + index) % inGroup;
        const length = Math.min(inGroup - at, target.length - index);
        const first = start + Math.floor((from + index) / inGroup) * codebooks * codeBytes;
        for (let book = 0; book < codebooks; book++) {
          // Stored as signed numbers of which the lowest bits count.
          const code = codeAt(view, first + book * codeBytes, codeBytes) & (vectors - 1);
          const vector = (book * vectors + code) * vectorLength + inVector + at;
          for (let k = 0; k < length; k++)
            target[index + k] = (book === 0 ? 0 : (target[index + k] ?? NaN)) + (table[vector + k] ?? NaN);
        }
        for (let k = 0; k < length; k++) target[index + k] = (target[index + k] ?? NaN) * scale;
        index += length;
      }
    },
  };
}

function codeAt(view: DataView, at: number, size: 1 | 2 | 4): number {
  if (size === 2) return view.getUint16(at, true);
  return size === 1 ? view.getUint8(at) : view.getUint32(at, true);
}
