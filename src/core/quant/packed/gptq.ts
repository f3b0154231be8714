// GPTQ: codes of an output channel stand below each other in words of 32 bits, so that a line is an input channel.
// Sources: GPTQModel, gptqmodel/utils/model_dequant.py, planar_packing.py; llama.cpp, conversion/base.py.
import { undecodable } from '../../base/failure.ts';
import { type CodePiece, readCodes, units, unpackStream } from './codes.ts';
import { gridOf, groupsAcross } from './grouped.ts';
import { type CodedLayout, plainLevels } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { allIntegers } from './integers.ts';
import { checkBytes, need, type Part, type Parts } from './parts.ts';
import { createRows, plainRows, type Rows } from './rows.ts';

type Gptq = Extract<Packing, { system: 'gptq' }>;

const WORD_BITS = 32;
/** Planes of gptq_p: their widths, the lowest bits first. */
const PLANES: Readonly<Partial<Record<number, readonly number[]>>> = {
  2: [2],
  3: [2, 1],
  4: [4],
  5: [4, 1],
  6: [4, 2],
  7: [4, 2, 1],
  8: [8],
};

/**
 * weight = scale · (code − zero), in the group that g_idx names. GPTQModel computes it in half precision at the end; the product of
 * a half and a small integer is exact in F32, and so it is left.
 */
export function gptqLayout({ rows, columns }: PackedMatrix, packing: Gptq, parts: Parts): CodedLayout {
  const bits = packing.codeBits;
  const planes = packing.planar ? PLANES[bits] : [2, 3, 4, 8].includes(bits) ? [bits] : undefined;
  if (planes === undefined) throw undecodable(`GPTQ has no codes of ${bits} bits`);
  const codes = need(parts, 'codes', 'codes');
  const wordRows = wordsOf(columns, bits, packing.planar);
  checkBytes(codes, 4 * wordRows * rows, 'codes');
  const scalePart = need(parts, 'scales', 'scales');
  const groupCount = scalePart.shape.length > 1 ? (scalePart.shape[0] ?? 0) : 1;
  const scales = plainRows(scalePart, groupCount, rows, 'scales');
  const zeros = zeroRows(parts('zeros'), groupCount, rows, packing, planes);
  const order = parts('order');
  const named = order === undefined ? null : groupsOf(order, columns, groupCount);
  // Nothing but zeros is no order (exllamav2, ext.py): tools that keep none write them.
  const groupOf = named?.every((group) => group === 0) === true ? null : named;
  const groupSize = packing.groupSize ?? columns;
  const piecesOf = packing.planar ? planePieces(planes, bits) : wordPieces(bits);
  const rowBytes = 4 * rows;
  return {
    kind: 'coded',
    axis: 'columns',
    lines: columns,
    lineWeights: rows,
    step: bits === 3 || packing.planar ? 32 : WORD_BITS / bits,
    order: null,
    codeRanges({ from, to }) {
      const first = Math.floor((from * bits) / WORD_BITS);
      const end = wordsOf(Math.min(to, columns), bits, packing.planar);
      return [{ byteOffset: first * rowBytes, byteLength: (end - first) * rowBytes }];
    },
    levels: plainLevels(bits),
    pieces: (line, from, count) => piecesOf(line, 4 * from, rowBytes, count),
    ...groupsAcross(
      { scales, zeros },
      groupOf === null ? (line) => Math.floor(line / groupSize) : (line) => groupOf[line] ?? -1,
      { zero: 2 ** (bits - 1) },
    ),
    groups: gridOf('columns', scales, zeros, rows, {
      groupOf: isInOrder(groupOf, groupSize) ? null : groupOf,
    }),
  };
}

/** Do neighbors share groups? Then g_idx says nothing new, whatever a configuration calls it. */
const isInOrder = (groupOf: Int32Array | null, groupSize: number): boolean =>
  groupOf === null || groupOf.every((group, channel) => group === Math.floor(channel / groupSize));

/** Planes are of 32 codes, whole. */
const wordsOf = (codes: number, bits: number, isPlanar: boolean): number =>
  isPlanar ? Math.ceil(codes / WORD_BITS) * bits : Math.ceil((codes * bits) / WORD_BITS);

/**
 * A code begins at bit line · bits of the words below each other. Of 3 bits it may end in the next word:
 *
 *     word 0  bits 31 … 30  code 10, its lowest two     word 1  bit 0  code 10, its highest
 */
const wordPieces =
  (bits: number) =>
  (line: number, byte: number, rowBytes: number, count: number): CodePiece[] => {
    const at = Math.floor((line * bits) / WORD_BITS);
    const shift = (line * bits) % WORD_BITS;
    const width = Math.min(bits, WORD_BITS - shift);
    const first = units(at * rowBytes + byte, 4, { shift, width }, count);
    if (width === bits) return [first];
    const rest = { shift: 0, width: bits - width, into: width };
    return [first, units((at + 1) * rowBytes + byte, 4, rest, count)];
  };

/** Of 32 lines first the words of the lowest plane, then those of the next: 5 bits are 4 words of nibbles and 1 of single bits. */
const planePieces =
  (planes: readonly number[], bits: number) =>
  (line: number, byte: number, rowBytes: number, count: number): CodePiece[] => {
    let word = Math.floor(line / WORD_BITS) * bits;
    let into = 0;
    return planes.map((width) => {
      const inPlane = (line % WORD_BITS) * width;
      const at = word + Math.floor(inPlane / WORD_BITS);
      const piece = units(at * rowBytes + byte, 4, { shift: inPlane % WORD_BITS, width, into }, count);
      word += width;
      into += width;
      return piece;
    });
  };

/** Zero points are packed like codes, but along the output channels. Null: all are in the middle. */
function zeroRows(
  part: Part | undefined,
  groupCount: number,
  rows: number,
  { version, planar, codeBits: bits }: Gptq,
  planes: readonly number[],
): Rows | null {
  if (part === undefined) return null;
  const rowBytes = 4 * wordsOf(rows, bits, planar);
  checkBytes(part, groupCount * rowBytes, 'zero points');
  // v1 stores them less one, and 0 as the largest code (GPTQModel masks the sum; llama.cpp's converter does not).
  const more = version === 1 ? 1 : 0;
  const mask = 2 ** bits - 1;
  const unpack = planar ? planeZeros(planes, bits, rows) : streamZeros(bits, rows);
  return createRows({
    part,
    count: groupCount,
    length: rows,
    unitBytes: rowBytes,
    numberBits: planar ? 0 : bits,
    decode(bytes, units) {
      const zeros = new Float32Array(units * rows);
      for (let group = 0; group < units; group++) unpack(bytes, group * rowBytes, zeros, group * rows);
      for (let at = 0; at < zeros.length; at++) zeros[at] = ((zeros[at] ?? 0) + more) & mask;
      return zeros;
    },
  });
}

type Unpack = (bytes: Uint8Array, byteOffset: number, zeros: Float32Array, at: number) => void;

const streamZeros =
  (bits: number, rows: number): Unpack =>
  (bytes, byteOffset, zeros, at) =>
    unpackStream(bytes, byteOffset, bits, rows, zeros, at);

function planeZeros(planes: readonly number[], bits: number, rows: number): Unpack {
  const piecesOf = planePieces(planes, bits);
  const pieces = Array.from({ length: rows }, (_item, row) => piecesOf(row, 0, 4, 1)).flat();
  const codes = new Uint8Array(rows);
  return (bytes, byteOffset, zeros, at) => {
    readCodes(pieces, (byte) => bytes[byteOffset + byte] ?? 0, codes);
    zeros.set(codes, at);
  };
}

/**
 * @param unset a number that says that the groups are in their order (compressed-tensors, quantization/lifecycle/forward.py)
 * @returns null for groups in their order
 * @throws Failure for a group that is not there
 */
export function groupsOf(
  part: Part,
  columns: number,
  groupCount: number,
  { unset }: { readonly unset?: number } = {},
): Int32Array | null {
  const groups = allIntegers(part, columns, 'group indexes');
  if (unset !== undefined && groups.includes(unset)) return null;
  const wrong = groups.find((group) => group < 0 || group >= groupCount);
  if (wrong !== undefined)
    throw undecodable(`an input channel names the group ${wrong}, but there are ${groupCount}`);
  return groups;
}
