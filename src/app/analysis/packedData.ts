// A packed matrix as its analysis reads it: layouts of its parts, windows of lines in the input of the kernel, and places of weights.
import { undecodable } from '../../core/base/failure.ts';
import { formatBytes } from '../../core/base/units.ts';
import type { Kernel } from '../../core/analysis/kernel.ts';
import type { PackedTensor } from '../../core/formats/model.ts';
import { codesOf, packedLayout, packedLines, placesIn } from '../../core/quant/packed/decoder.ts';
import type { CodeWindow, LineRange, Lines, PackedLayout } from '../../core/quant/packed/layout.ts';
import type { Part, PartReader } from '../../core/quant/packed/parts.ts';
import { endsInside, type Source } from './rowsPass.ts';
import type { TensorData } from './tensorData.ts';

export interface PackedData {
  readonly lines: Pick<Lines, 'axis' | 'lines' | 'lineWeights' | 'step'>;
  /** Input channels. */
  readonly channels: number;
  /** Of the stacked matrix that a line of all of them belongs to; made anew for the next one. */
  layoutAt(row: number): PackedLayout;
  /** One of the stacked matrices, and its codes. */
  stackedAt(index: number): { readonly layout: PackedLayout; readonly codes: Part };
  /** Reads the codes of some lines of one matrix to the input of the kernel. @param rows of all matrices, one after the other */
  readCodes(rows: LineRange, kernel: Kernel): { readonly codes: CodeWindow; readonly lines: LineRange };
  /** Where a weight stands in the matrices row by row. @param index in the lines, one after the other */
  placeOf(index: number): number;
}

/** Reads small parts of the first matrix at once. @throws Failure for a tensor that cannot be decoded */
export function openPacked(data: TensorData, source: Source): PackedData {
  const { packed } = data.tensor;
  if (packed === null) throw undecodable('it is not packed');
  const { matrix } = packed;
  const lines = packedLines(matrix);
  const read = partReader(data.tensor.name, packed, source);
  let opened: { readonly index: number; readonly layout: PackedLayout; readonly codes: Part } | null = null;
  const open = (row: number) => {
    const index = Math.floor(row / lines.lines);
    if (opened?.index !== index)
      opened = { index, layout: packedLayout(matrix, index, read), codes: codesOf(matrix, index, read) };
    return opened;
  };
  return {
    lines,
    channels: matrix.columns,
    layoutAt: (row) => open(row).layout,
    stackedAt: (index) => open(index * lines.lines),
    readCodes(rows, kernel) {
      const { index, layout, codes } = open(rows.from);
      const first = index * lines.lines;
      const own = { from: rows.from - first, to: rows.to - first };
      const ranges = layout.codeRanges(alignedTo(layout, own));
      let at = 0;
      for (const { byteOffset, byteLength } of ranges) {
        if (at + byteLength > kernel.input.length)
          throw undecodable(`lines of ${formatBytes(at + byteLength)} are longer than can be read at a time`);
        const place = kernel.input.subarray(at, at + byteLength);
        place.set(codes.read(byteOffset, byteLength));
        at += byteLength;
      }
      const window = { bytes: kernel.input.subarray(0, at), indexOf: placesIn(ranges) };
      return { codes: window, lines: own };
    },
    placeOf(index) {
      if (lines.axis === 'rows') return index;
      const line = Math.floor(index / lines.lineWeights);
      const { layout, index: stacked } = open(line);
      const own = line - stacked * lines.lines;
      const row = stacked * matrix.rows + (index % lines.lineWeights);
      return row * matrix.columns + (layout.order?.[own] ?? own);
    },
  };
}

const alignedTo = ({ step, lines }: PackedLayout, { from, to }: LineRange): LineRange => ({
  from: Math.floor(from / step) * step,
  to: Math.min(lines, Math.ceil(to / step) * step),
});

/** @throws Failure not-readable when a file ends inside */
function partReader(name: string, { parts }: PackedTensor, source: Source): PartReader {
  let held = new Uint8Array();
  return (index, byteOffset, byteLength) => {
    const part = parts[index]?.tensor;
    if (part === undefined) throw new RangeError(`There is no part ${index}.`);
    if (held.length < byteLength) held = new Uint8Array(byteLength);
    const target = held.subarray(0, byteLength);
    if (source.read(part.byteOffset + byteOffset, target, part.file) < byteLength) throw endsInside(name);
    return target;
  };
}
