// AWQ: eight codes of 4 bits in a word. gemm: qweight I32 [in, out/8], qzeros [groups, out/8], scales [groups, out]; gemv: qweight
// [out, in/8], qzeros and scales [out, groups padded]; gemv_fast: qweight I16 [out/4, in], scales and qzeros [groups padded, out].
// Source: AutoAWQ, awq/modules/linear/gemm.py, gemv.py, gemv_fast.py.
import type { Packing } from '../../quant/packed/packing.ts';
import {
  compare,
  flatShape,
  groupSizeOf,
  isType,
  matrixShape,
  refuse,
  usesOf,
  type Recogniser,
} from './recogniser.ts';

const CODES_PER_WORD = 8;
const GROUP_SIZES = [128, 64, 32, 256];

export const recogniseAwq: Recogniser = (module, context, settings) => {
  const codes = module.parts.get('qweight');
  const [stacked, first, second] = matrixShape(codes) ?? [0, 0, 0];
  const [scaleRows, scaleColumns] = flatShape(module.parts.get('scales'));
  const [zeroRows, zeroColumns] = flatShape(module.parts.get('qzeros'));
  if (stacked !== 1) return refuse('its qweight is no matrix');

  let found: {
    layout: 'gemm' | 'gemv' | 'gemvFast';
    rows: number;
    columns: number;
    groupSize: number | null;
  };
  if (isType(codes, 'I32') && scaleColumns === second * CODES_PER_WORD) {
    const groupSize = groupSizeOf(first, scaleRows, settings.groupSize);
    found = { layout: 'gemm', rows: scaleColumns, columns: first, groupSize };
    if (zeroRows !== scaleRows || zeroColumns !== second)
      return refuse('its qzeros have another shape than its scales ask for');
  } else if (isType(codes, 'I32') && scaleRows === first && zeroRows === first) {
    const columns = second * CODES_PER_WORD;
    const fits = (size: number): boolean => zeroWidth(columns, size) === zeroColumns;
    const groupSize =
      [settings.groupSize ?? 0, ...GROUP_SIZES].find((size) => size > 0 && fits(size)) ?? null;
    if (groupSize === null)
      return refuse(`its qzeros have ${zeroColumns} columns, which no group size gives`);
    found = { layout: 'gemv', rows: first, columns, groupSize };
  } else if (isType(codes, 'I16') && scaleColumns === first * 4) {
    const groupSize = settings.groupSize !== undefined && settings.groupSize > 0 ? settings.groupSize : 128;
    found = { layout: 'gemvFast', rows: scaleColumns, columns: second, groupSize };
  } else return refuse('its qweight and scales have shapes of neither GPTQ nor AWQ');

  const { layout, rows, columns } = found;
  const groupSize = found.groupSize === columns ? null : found.groupSize;
  compare(context, module, { bits: 4, groupSize, columns }, settings);
  const packing: Packing = {
    system: 'awq',
    layout,
    codeBits: 4,
    granularity: groupSize === null ? 'channel' : 'group',
    groupSize,
    symmetric: settings.symmetric ?? false,
  };
  return {
    packing,
    matrices: 1,
    rows,
    columns,
    uses: usesOf(module, [
      ['codes', 'qweight'],
      ['scales', 'scales'],
      ['zeros', 'qzeros'],
    ]),
  };
};

/** Words of zero points of one channel, padded as the kernel wants them. */
function zeroWidth(columns: number, groupSize: number): number {
  const multiple = groupSize >= 128 ? 1 : groupSize === 64 ? 2 : 4;
  const words = Math.ceil(Math.floor(columns / groupSize) / CODES_PER_WORD);
  return Math.ceil(words / multiple) * multiple;
}
