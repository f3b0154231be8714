// The reference decoder of packed matrices: the definition of every weight. The kernel does the same faster and must agree bit for bit.
import { undecodable } from '../../base/failure.ts';
import { formatCount } from '../../base/units.ts';
import { aqlmLayout } from './aqlm.ts';
import { awqLayout } from './awq.ts';
import { bitsandbytesLayout, int8Layout } from './bitsandbytes.ts';
import { blockFloatLayout } from './blockFloat.ts';
import { readCodes } from './codes.ts';
import { compressedTensorsLayout } from './compressedTensors.ts';
import { exl2Layout } from './exl2.ts';
import { gptqLayout } from './gptq.ts';
import { hqqLayout } from './hqq.ts';
import { applyValues, type CodeWindow, type LineRange, type Lines, type PackedLayout } from './layout.ts';
import { mlxLayout } from './mlx.ts';
import { modeloptInt4Layout } from './modeloptInt4.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { need, type Part, type PartReader, type Parts, partsOf } from './parts.ts';
import { scaledLayout } from './scaled.ts';
import { TORCHAO_TYPES, torchaoLayout } from './torchao.ts';

/**
 * How one of the stacked matrices lies in its parts. Reads small parts (tables, group indexes, descriptions) at once, scales when they
 * are needed.
 * @throws Failure where the parts contradict each other or the packing is not known
 */
export function packedLayout(matrix: PackedMatrix, index: number, read: PartReader): PackedLayout {
  const { rows, columns, packing } = matrix;
  for (const size of [rows, columns, packing.groupSize ?? 1])
    if (!Number.isSafeInteger(size) || size < 1) throw undecodable(`${size} is no number of weights`);
  if (!Number.isSafeInteger(rows * columns)) throw undecodable(`${rows} × ${columns} are too many weights`);
  const parts = partsOf(matrix, index, read);
  return layoutOf(matrix, parts);
}

/** @throws RangeError for a part of a size that its packing should have checked */
function layoutOf(matrix: PackedMatrix, parts: Parts): PackedLayout {
  const { packing } = matrix;
  switch (packing.system) {
    case 'gptq':
      return gptqLayout(matrix, packing, parts);
    case 'awq':
      return awqLayout(matrix, packing, parts);
    case 'bitsandbytes':
      return bitsandbytesLayout(matrix, packing, parts);
    case 'bitsandbytes-int8':
      return int8Layout(matrix, parts);
    case 'modelopt-int4':
      return modeloptInt4Layout(matrix, parts);
    case 'scaled':
      return scaledLayout(matrix, packing.block, parts);
    case 'compressed-tensors':
      return compressedTensorsLayout(matrix, packing, parts);
    case 'blockFloat':
      return blockFloatLayout(
        matrix,
        packing.groupSize ?? (packing.scales === 'e4m3' ? 16 : 32),
        { ...packing, hasNegativeZero: packing.superScale !== 'multiply' },
        parts,
      );
    case 'mlx':
      return mlxLayout(matrix, parts);
    case 'exl2':
      return exl2Layout(matrix, parts);
    case 'hqq':
      return hqqLayout(matrix, packing, parts);
    case 'aqlm':
      return aqlmLayout(matrix, packing, parts);
    case 'torchao':
      return torchaoLayout(matrix, packing, parts);
    case 'exl3':
      throw undecodable(whyNotDecoded(matrix) ?? '');
  }
}

/** Input channels, and output channels that are stored side by side: the kernel has as many columns, real matrices a quarter of them. */
const MAX_CHANNELS = 2 ** 20;
/** Experts of a layer: real ones have some hundred. */
const MAX_MATRICES = 2 ** 14;

/** Why no weights come of a packing, as far as it tells without its parts; null: they can be decoded. */
export function whyNotDecoded(matrix: PackedMatrix): string | null {
  const { packing, matrices, columns } = matrix;
  if (matrices > MAX_MATRICES) return `${formatCount(matrices)} stacked matrices are more than any model has`;
  const longest = Math.max(columns, packedLines(matrix).lineWeights);
  if (longest > MAX_CHANNELS) return `${formatCount(longest)} channels are more than any model has`;
  if (packing.system === 'exl3') return 'the trellis of EXL3 is not decoded';
  if (packing.system === 'awq' && packing.layout === 'gemvFast') return 'the layout gemv_fast is not known';
  if (packing.system === 'torchao' && !TORCHAO_TYPES.includes(packing.type))
    return `the layout of torchao's ${packing.type} is not known`;
  return null;
}

/** The lines of a matrix, as its layout will have them. `step`: lines that may share bytes of codes, or a multiple of them. */
export function packedLines({
  packing,
  rows,
  columns,
}: PackedMatrix): Pick<Lines, 'axis' | 'lines' | 'lineWeights' | 'step'> {
  const isTurned =
    packing.system === 'gptq' ||
    packing.system === 'exl2' ||
    (packing.system === 'awq' && packing.layout === 'gemm');
  if (isTurned) return { axis: 'columns', lines: columns, lineWeights: rows, step: linesOfWord(packing) };
  const step = packing.system === 'aqlm' ? packing.outGroup : 2;
  return { axis: 'rows', lines: rows, lineWeights: columns, step };
}

function linesOfWord(packing: Packing): number {
  if (packing.system === 'awq') return 1;
  const isWhole = packing.system === 'gptq' && !packing.planar && 32 % packing.codeBits === 0;
  return isWhole ? 32 / packing.codeBits : 32;
}

/** The part with the codes, for whoever reads `codeRanges`. */
export const codesOf = (matrix: PackedMatrix, index: number, read: PartReader): Part =>
  need(partsOf(matrix, index, read), 'codes', 'codes');

/**
 * The reference: weights of a line.
 * @param codes holds `codeRanges` of a range of lines around it
 * @param levels receives the codes, one byte for each weight, of a coded layout
 */
export function decodeLine(
  layout: PackedLayout,
  line: number,
  from: number,
  codes: CodeWindow,
  target: Float32Array,
  levels: Uint8Array = new Uint8Array(target.length),
): void {
  if (layout.kind === 'vectors') {
    layout.decode(line, from, target, codes);
    return;
  }
  const pieces = layout.pieces(line, from, target.length);
  readCodes(pieces, (byte) => codes.bytes[codes.indexOf(byte)] ?? 0, levels);
  applyValues(levels, layout.values(line, from, target.length), target);
}

/** Reads the codes of some lines. @param part of `codesOf` */
export function readWindow(layout: PackedLayout, part: Part, lines: LineRange): CodeWindow {
  const ranges = layout.codeRanges(lines);
  const bytes = new Uint8Array(ranges.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { byteOffset, byteLength } of ranges) {
    bytes.set(part.read(byteOffset, byteLength), at);
    at += byteLength;
  }
  return { bytes, indexOf: placesIn(ranges) };
}

/** Where bytes of a part lie when its ranges stand one after the other. */
export function placesIn(ranges: ReturnType<PackedLayout['codeRanges']>): CodeWindow['indexOf'] {
  const [first] = ranges;
  if (first !== undefined && ranges.length === 1) return (byte) => byte - first.byteOffset;
  return (byte) => {
    let at = 0;
    for (const { byteOffset, byteLength } of ranges) {
      if (byte >= byteOffset && byte < byteOffset + byteLength) return at + byte - byteOffset;
      at += byteLength;
    }
    return -1;
  };
}

/** A whole matrix, row by row: for tests and small matrices. @returns rows × columns */
export function decodeMatrix(matrix: PackedMatrix, index: number, read: PartReader): Float32Array {
  const { rows, columns } = matrix;
  const layout = packedLayout(matrix, index, read);
  const part = codesOf(matrix, index, read);
  const target = new Float32Array(rows * columns);
  const line = new Float32Array(layout.lineWeights);
  for (let from = 0; from < layout.lines; from += layout.step) {
    const to = Math.min(layout.lines, from + layout.step);
    const window = readWindow(layout, part, { from, to });
    for (let at = from; at < to; at++) {
      decodeLine(layout, at, 0, window, line);
      if (layout.axis === 'rows') target.set(line, at * columns);
      else line.forEach((weight, row) => (target[row * columns + (layout.order?.[at] ?? at)] = weight));
    }
  }
  return target;
}
