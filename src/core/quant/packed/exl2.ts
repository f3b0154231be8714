// EXL2: groups of input channels of different bit widths in one tensor, the input channels in an order of their own.
// Sources: exllamav2, ext.py, conversion/adaptivegptq.py, exllamav2_ext/cuda/q_matrix.cu, quant/qdq_*.cuh, pack_tensor.cu.
import { undecodable } from '../../base/failure.ts';
import { type CodePiece, units, unpackStream } from './codes.ts';
import { gridOf, groupsAcross } from './grouped.ts';
import { allIntegers, inverse } from './integers.ts';
import { centeredLevels, type CodedLayout, type LineRange } from './layout.ts';
import type { PackedMatrix } from './packing.ts';
import { allNumbers, checkBytes, need, type Parts } from './parts.ts';
import { createRows, type Rows } from './rows.ts';

const WORD_BITS = 32;
const BITS = [2, 3, 4, 5, 6, 8];
const SCALE_BITS = 4;
/** Each begins at a row of its own, whose number has 16 bits. */
const MAX_GROUPS = 2 ** 16;

/** A group of stored input channels. */
interface Group extends LineRange {
  readonly bits: number;
  /** Row of words its codes begin with. */
  readonly wordRow: number;
}

/**
 * weight = (code − 2^(bits − 1)) · scale, scale = (code of the scale + 1)² · maximum of the group / 256. exllamav2 multiplies in half
 * precision; here each product is rounded to F32 only.
 */
export function exl2Layout({ rows, columns }: PackedMatrix, parts: Parts): CodedLayout {
  const codes = need(parts, 'codes', 'codes');
  const width = codes.shape.at(-1) ?? 0; // output channels are padded to 32
  if (width < rows) throw undecodable(`its rows are ${width} long, not ${rows}`);
  const wordRows = Math.floor(codes.byteLength / (4 * width));
  const groups = groupsFrom(need(parts, 'groups', 'groups'), wordRows, columns);
  const scales = scaleRows(parts, groups.length, width);
  const orderPart = parts('order');
  const order = orderPart === undefined ? null : inverse(allIntegers(orderPart, columns, 'input channels'));
  const groupOf = new Int32Array(columns);
  groups.forEach(({ from, to }, index) => groupOf.fill(index, from, to));
  const groupAt = (line: number): Group => {
    const group = groups[groupOf[line] ?? -1];
    if (group === undefined) throw new RangeError(`There is no line ${line}.`);
    return group;
  };
  const wordOf = (line: number): number => {
    const { from, bits, wordRow } = groupAt(line);
    return wordRow + Math.floor(((line - from) * bits) / WORD_BITS);
  };
  const rowBytes = 4 * width;
  return {
    kind: 'coded',
    axis: 'columns',
    lines: columns,
    lineWeights: rows,
    step: 32,
    order,
    codeRanges({ from, to }) {
      const [first, end] = [wordOf(from), to >= columns ? wordRows : wordOf(to - 1) + 2];
      return [{ byteOffset: first * rowBytes, byteLength: (Math.min(end, wordRows) - first) * rowBytes }];
    },
    levels: levelsOf(groups.reduce((most, { bits }) => Math.max(most, bits), 0)),
    pieces(line, from, count) {
      const { bits, from: first, wordRow } = groupAt(line);
      return widePieces(wordRow, (line - first) * bits, bits, rowBytes, 4 * from, count);
    },
    ...groupsAcross({ scales, zeros: null }, (line) => groupOf[line] ?? -1, { zero: 128 }),
    groups: gridOf('columns', scales, null, rows, {
      groupOf: order === null ? null : byChannel(groupOf, order),
      widths: { bits: groups.map(({ bits }) => bits), channels: groups.map(({ from, to }) => to - from) },
      superScales: { name: 'q_scale_max', values: maximaOf(parts) },
    }),
  };
}

/** Those of the widest group, around 128. */
const levelsOf = (bits: number): number[] =>
  centeredLevels(8, 128).map((level) =>
    level >= -(2 ** (bits - 1)) && level < 2 ** (bits - 1) ? level : NaN,
  );

/** Codes of fewer than 8 bits move by what their middle lacks to 128, so that all of a matrix mean the same. */
function widePieces(
  wordRow: number,
  bit: number,
  bits: number,
  rowBytes: number,
  byte: number,
  count: number,
): CodePiece[] {
  const at = wordRow + Math.floor(bit / WORD_BITS);
  const shift = bit % WORD_BITS;
  const width = Math.min(bits, WORD_BITS - shift);
  const add = 128 - 2 ** (bits - 1);
  if (width === bits) return [units(at * rowBytes + byte, 4, { shift, width }, count, { add })];
  const rest = { shift: 0, width: bits - width, into: width };
  return [
    units(at * rowBytes + byte, 4, { shift, width }, count),
    units((at + 1) * rowBytes + byte, 4, rest, count, { add }),
  ];
}

/** @throws Failure where they do not describe the words and input channels there are */
function groupsFrom(
  part: Parameters<typeof allIntegers>[0],
  wordRows: number,
  columns: number,
): readonly Group[] {
  if (part.count > 2 * Math.min(columns, MAX_GROUPS))
    throw undecodable(`it has ${part.count / 2} groups for ${columns} input channels`);
  const numbers = allIntegers(part, part.count, 'groups');
  const count = Math.floor(numbers.length / 2);
  const groups: Group[] = [];
  let from = 0;
  for (let index = 0; index < count; index++) {
    const bits = numbers[2 * index] ?? 0;
    // Of a tensor with more than 32,767 rows of words the number has become negative.
    const wordRow = (numbers[2 * index + 1] ?? 0) & 0xffff;
    const end = index + 1 < count ? (numbers[2 * index + 3] ?? 0) & 0xffff : wordRows;
    if (!BITS.includes(bits)) throw undecodable(`its group ${index} has ${bits} bits`);
    if (end < wordRow || end > wordRows) throw undecodable(`its group ${index} begins beyond the codes`);
    // The last group may be short: the rest of its words is empty.
    const to = Math.min(columns, from + Math.floor(((end - wordRow) * WORD_BITS) / bits));
    groups.push({ from, to, bits, wordRow });
    from = to;
  }
  if (from !== columns) throw undecodable(`its groups have ${from} input channels, not ${columns}`);
  return groups;
}

const maximaOf = (parts: Parts): Float32Array =>
  allNumbers(need(parts, 'superScales', 'maxima of the scales'));

function scaleRows(parts: Parts, count: number, width: number): Rows {
  const part = need(parts, 'scales', 'scales');
  const maxima = maximaOf(parts);
  if (maxima.length < count) throw undecodable(`it has ${maxima.length} maxima for ${count} groups`);
  const unitBytes = 4 * Math.ceil(width / 8);
  checkBytes(part, count * unitBytes, 'scales');
  const stored = createRows({
    part,
    count,
    length: width,
    unitBytes,
    numberBits: SCALE_BITS,
    decode(bytes, rows) {
      const scales = new Float32Array(rows * width);
      for (let row = 0; row < rows; row++)
        unpackStream(bytes, row * unitBytes, SCALE_BITS, width, scales, row * width);
      return scales;
    },
  });
  const held = new Map<number, Float32Array>();
  return {
    count,
    placeOf: stored.placeOf,
    row(index) {
      const known = held.get(index);
      if (known !== undefined) return known;
      const maximum = Math.fround((maxima[index] ?? NaN) / 256);
      const scales = stored.row(index).map((code) => (code + 1) ** 2 * maximum);
      if (held.size >= MOST_HELD) held.clear();
      held.set(index, scales);
      return scales;
    },
  };
}

/** Groups follow each other: few are in use. */
const MOST_HELD = 16;

function byChannel(groupOf: Int32Array, order: Int32Array): Int32Array {
  const groups = new Int32Array(order.length);
  order.forEach((channel, line) => (groups[channel] = groupOf[line] ?? 0));
  return groups;
}
