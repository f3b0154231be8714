// torchao's tensors as its safetensors flattening stores them, by their types.
// Sources: torchao, quantization/quantize_/workflows (int4_tensor.py, float8_tensor.py, int8_tensor.py, intx_unpacked_to_int8_tensor.py);
// FBGEMM, experimental/gen_ai quantize (int4_row_quantize_zp, pack_int4).
import { undecodable } from '../../base/failure.ts';
import { blockFloatLayout } from './blockFloat.ts';
import { stream } from './codes.ts';
import { gridOf, groupsAlong } from './grouped.ts';
import { centeredLevels, type CodedLayout, lineBytes } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { allNumbers, checkBytes, need, type Part, type Parts } from './parts.ts';
import { bitsPlace, plainRows, type Rows } from './rows.ts';
import { scaledLayout } from './scaled.ts';

/** Those whose layout is known. */
export const TORCHAO_TYPES: readonly string[] = [
  'Int4Tensor',
  'Float8Tensor',
  'Int8Tensor',
  'IntxUnpackedToInt8Tensor',
  'MXTensor',
  'NVFP4Tensor',
];

export function torchaoLayout(
  matrix: PackedMatrix,
  packing: Extract<Packing, { system: 'torchao' }>,
  parts: Parts,
): CodedLayout {
  switch (packing.type) {
    case 'Int4Tensor':
      return int4Layout(matrix, packing.groupSize ?? matrix.columns, packing.scalesAcross, parts);
    case 'Float8Tensor':
    case 'Int8Tensor':
    case 'IntxUnpackedToInt8Tensor':
      return scaledLayout(matrix, null, parts);
    case 'MXTensor':
      return blockFloatLayout(matrix, packing.groupSize ?? 32, mxCodes(need(parts, 'codes', 'codes')), parts);
    case 'NVFP4Tensor':
      return blockFloatLayout(matrix, packing.groupSize ?? 16, nvCodes(parts), parts);
    default:
      throw undecodable(`the layout of torchao's ${packing.type} is not known`);
  }
}

const mxCodes = ({ scheme }: Part) =>
  ({
    codes: scheme.name === 'F8_E4M3' ? 'e4m3' : scheme.name === 'F8_E5M2' ? 'e5m2' : 'e2m1',
    scales: 'e8m0',
    superScale: 'none',
    hasNegativeZero: true,
  }) as const;

const nvCodes = (parts: Parts) =>
  ({
    codes: 'e2m1',
    scales: 'e4m3',
    superScale: parts('superScales') === undefined ? 'none' : 'multiply',
    hasNegativeZero: true,
  }) as const;

/**
 * weight = code · scale + zero, codes signed, the even one of two neighbors in the low half of its byte.
 * @param isAcross scales and zeros are [groups, out], not [out, groups]
 */
function int4Layout(
  { rows, columns }: PackedMatrix,
  groupSize: number,
  isAcross: boolean,
  parts: Parts,
): CodedLayout {
  const lineLength = Math.ceil(columns / 2);
  checkBytes(need(parts, 'codes', 'codes'), rows * lineLength, 'codes');
  const groupCount = Math.ceil(columns / groupSize);
  const rowsOf = isAcross ? turnedRows : plainRows;
  const scales = rowsOf(need(parts, 'scales', 'scales'), rows, groupCount, 'scales');
  const zeroPart = parts('zeros');
  const zeros = zeroPart === undefined ? null : rowsOf(zeroPart, rows, groupCount, 'zeros');
  const formula = zeros === null ? 'offset' : 'bias';
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(lineLength),
    levels: centeredLevels(4, 8),
    pieces: (line, from, count) => [stream(8 * line * lineLength + 4 * from, 4, count, 8)],
    ...groupsAlong({ scales, zeros }, groupSize, { formula, zero: 8 }),
    groups: gridOf('rows', scales, zeros, groupCount, { zeroKind: 'bias' }),
  };
}

/** Rows of what is stored by columns: read whole, because each row takes a number of every stored one. */
function turnedRows(part: Part, count: number, length: number, what: string): Rows {
  checkBytes(part, count * length * (part.scheme.blockBytes ?? NaN), what);
  const stored = allNumbers(part);
  const turned = new Float32Array(count * length);
  for (let group = 0; group < length; group++)
    for (let row = 0; row < count; row++) turned[row * length + group] = stored[group * count + row] ?? NaN;
  return {
    count,
    row: (index) => turned.subarray(index * length, (index + 1) * length),
    placeOf: (index, at) => {
      const size = 8 * (part.scheme.blockBytes ?? 0);
      return bitsPlace(part, (at * count + index) * size, size);
    },
  };
}
