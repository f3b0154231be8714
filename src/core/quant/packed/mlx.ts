// MLX: codes of 2 to 8 bits as one stream of bits along the input channels. Affine groups have a scale and a bias; the microscaling modes are
// block floats. Sources: mlx, mlx/ops.cpp (affine_quantize, affine_dequantize, fp_quantize), mlx/backend/cpu/quantized.cpp.
import { undecodable } from '../../base/failure.ts';
import { blockFloatLayout } from './blockFloat.ts';
import { stream } from './codes.ts';
import { gridOf, groupsAlong } from './grouped.ts';
import { type CodedLayout, lineBytes, plainLevels } from './layout.ts';
import type { PackedMatrix } from './packing.ts';
import { checkBytes, need, type Parts } from './parts.ts';
import { plainRows } from './rows.ts';

/** weight = scale · code + bias, each rounded to F32; MLX rounds to the type of its scales at the end. */
export function mlxLayout(matrix: PackedMatrix, parts: Parts): CodedLayout {
  const { rows, columns } = matrix;
  const { codeBits: bits, groupSize } = matrix.packing;
  if (groupSize === null) throw undecodable('the size of its groups is not known');
  const zeroPart = parts('zeros');
  if (zeroPart === undefined) return microscaling(matrix, bits, groupSize, parts);
  if (![2, 3, 4, 5, 6, 8].includes(bits)) throw undecodable(`MLX has no codes of ${bits} bits`);
  const lineLength = 4 * Math.ceil((columns * bits) / 32);
  checkBytes(need(parts, 'codes', 'codes'), rows * lineLength, 'codes');
  const groupCount = Math.ceil(columns / groupSize);
  const scales = plainRows(need(parts, 'scales', 'scales'), rows, groupCount, 'scales');
  const zeros = plainRows(zeroPart, rows, groupCount, 'biases');
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(lineLength),
    levels: plainLevels(bits),
    pieces: (line, from, count) => [stream(8 * line * lineLength + bits * from, bits, count)],
    ...groupsAlong({ scales, zeros }, groupSize, { formula: 'bias' }),
    groups: gridOf('rows', scales, zeros, groupCount, { zeroKind: 'bias' }),
  };
}

/** Modes mxfp4 (4 bits, groups of 32), mxfp8 (8 bits, groups of 32) and nvfp4 (4 bits, groups of 16, without a second scale). */
function microscaling(matrix: PackedMatrix, bits: number, groupSize: number, parts: Parts): CodedLayout {
  if (bits !== 4 && bits !== 8) throw undecodable(`MLX has no floats of ${bits} bits`);
  return blockFloatLayout(
    matrix,
    groupSize,
    {
      codes: bits === 4 ? 'e2m1' : 'e4m3',
      scales: groupSize === 16 ? 'e4m3' : 'e8m0',
      superScale: 'none',
      hasNegativeZero: true,
    },
    parts,
  );
}
