// bitsandbytes: 4-bit codes of a table in blocks of neighbors, across the ends of rows; and 8-bit integers with a scale for each row.
// Sources: bitsandbytes, functional.py (QuantState, get_4bit_type), backends/default/ops.py.
import { stream } from './codes.ts';
import { gridOf, noExtras, groupsAlong } from './grouped.ts';
import { centeredLevels, type CodedLayout, lineBytes, plainValues, type StripValues } from './layout.ts';
import type { PackedMatrix, Packing } from './packing.ts';
import { allNumbers, checkBytes, firstNumber, need, type Part, type Parts } from './parts.ts';
import { longRow, type LongRow, plainRows } from './rows.ts';
import { undecodable } from '../../base/failure.ts';
import { decodeUtf8 } from '../../base/utf8.ts';

type Bitsandbytes = Extract<Packing, { system: 'bitsandbytes' }>;

/** Quantiles of a normal distribution, from −1 to 1. */
const NF4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
  -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
  0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];
/** Sign, two bits of exponent, one of mantissa, as its authors order them. */
const FP4_TWELFTHS = [0, 0.0625, 8, 12, 4, 6, 2, 3];
const FP4 = [...FP4_TWELFTHS, ...FP4_TWELFTHS.map((value) => -value)].map((value) => Math.fround(value / 12));
/** weight = table[code] · absmax of its block; the first of two codes is the high half of its byte. */
export function bitsandbytesLayout(
  { rows, columns }: PackedMatrix,
  packing: Bitsandbytes,
  parts: Parts,
): CodedLayout {
  const weights = rows * columns;
  const { blockSize } = packing;
  const codes = need(parts, 'codes', 'codes');
  checkBytes(codes, Math.ceil(weights / 2), 'codes');
  const tablePart = parts('table');
  const table =
    tablePart === undefined ? Float32Array.from(packing.codes === 'nf4' ? NF4 : FP4) : allNumbers(tablePart);
  if (table.length < 16) throw undecodable(`its table has ${table.length} values, not 16`);
  const blockCount = Math.ceil(weights / blockSize);
  const absmax = absmaxOf(need(parts, 'scales', 'absmax'), blockCount, packing, parts);
  const isWhole = columns % blockSize === 0; // else blocks go across the ends of rows
  const perRow = isWhole ? columns / blockSize : blockCount;
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: columns % 2 === 0 ? 1 : 2,
    order: null,
    codeRanges: ({ from, to }) => {
      const [first, end] = [Math.floor((from * columns) / 2), Math.ceil((to * columns) / 2)];
      return [{ byteOffset: first, byteLength: end - first }];
    },
    levels: [...table.subarray(0, 16)],
    pieces(line, from, count) {
      const at = line * columns + from;
      return [
        { kind: 'swapped', byte: Math.floor(at / 2), odd: at % 2 === 0 ? 0 : 1, count, flip: 0, add: 0 },
      ];
    },
    values(line, from, count): StripValues {
      const at = line * columns + from;
      const [first, end] = [Math.floor(at / blockSize), Math.ceil((at + count) / blockSize)];
      return {
        ...plainValues,
        formula: 'table',
        table,
        scales: absmax.from(first, end - first),
        groupSize: blockSize,
        offset: at % blockSize,
      };
    },
    places: (line, position) => ({
      scale: absmax.placeOf(Math.floor((line * columns + position) / blockSize)),
      zero: null,
    }),
    groups: {
      axis: 'rows',
      count: isWhole ? rows : 1,
      length: perRow,
      scales: (index) => absmax.from(index * perRow, perRow),
      zeros: null,
      ...noExtras,
      superScales: superScales(packing, parts),
    },
  };
}

/** Of double quantization: absmax = nested map[code] · nested absmax + offset, in this order. */
function absmaxOf(part: Part, count: number, { nested }: Bitsandbytes, parts: Parts): LongRow {
  if (nested === null) return longRow(part, count, 'absmax');
  if (part.scheme.blockBytes !== 1)
    throw undecodable(`its absmax is of type ${part.scheme.name}, though it has a table of values`);
  const { blockSize, offset } = nested;
  const map = allNumbers(need(parts, 'scaleTable', 'values of absmax'));
  const outer = allNumbers(need(parts, 'superScales', 'nested absmax'));
  if (map.length < 256) throw undecodable(`its table of absmax has ${map.length} values, not 256`);
  if (outer.length < Math.ceil(count / blockSize))
    throw undecodable(`it has ${outer.length} nested absmax for ${count} blocks`);
  const added = Math.fround(offset ?? storedOffset(parts('description')));
  return longRow(part, count, 'absmax', (bytes, numbers, first) => {
    const absmax = new Float32Array(numbers);
    for (let at = 0; at < numbers; at++) {
      const scale = outer[Math.floor((first + at) / blockSize)] ?? NaN;
      absmax[at] = Math.fround((map[bytes[at] ?? 0] ?? NaN) * scale) + added;
    }
    return absmax;
  });
}

/** A quant_state is some hundred bytes of JSON. */
const MAX_STATE_BYTES = 2 ** 16;

/** The offset that the quant_state beside the codes tells. @throws Failure when it tells none */
function storedOffset(part: Part | undefined): number {
  if (part === undefined || part.byteLength > MAX_STATE_BYTES)
    throw undecodable('the offset of its absmax is not known');
  const text = decodeUtf8(part.read(0, part.byteLength));
  const found = /"nested_offset"\s*:\s*(-?[\d.]+(?:e[-+]?\d+)?)/i.exec(text)?.[1];
  if (found === undefined) throw undecodable('its quant_state tells no offset of absmax');
  return Number(found);
}

function superScales({ nested }: Bitsandbytes, parts: Parts) {
  const part = parts('superScales');
  return nested === null || part === undefined ? null : { name: 'nested_absmax', values: allNumbers(part) };
}

/** 1/127 as bitsandbytes writes it; PyTorch multiplies by it in F32. */
const ONE_OF_127 = Math.fround(7.874015718698502e-3);

/** LLM.int8(): weight = code · SCB · 1/127, in this order. @throws Failure for the tiles of old versions */
export function int8Layout({ rows, columns }: PackedMatrix, parts: Parts): CodedLayout {
  // weight_format: 0 is row by row; 1 to 3 are col32, col_turing and col_ampere (bitsandbytes/utils.py).
  const format = parts('description');
  const formatNumber = format?.count === 1 ? firstNumber(format, 'weight_format') : 0;
  if (formatNumber !== 0)
    throw undecodable(`its codes lie in tiles of older GPUs (weight_format ${formatNumber})`);
  checkBytes(need(parts, 'codes', 'codes'), rows * columns, 'codes');
  const scales = plainRows(need(parts, 'scales', 'scales'), rows, 1, 'scales');
  return {
    kind: 'coded',
    axis: 'rows',
    lines: rows,
    lineWeights: columns,
    step: 1,
    order: null,
    codeRanges: lineBytes(columns),
    levels: centeredLevels(8, 128),
    pieces: (line, from, count) => [stream(8 * (line * columns + from), 8, count, 128)],
    ...groupsAlong({ scales, zeros: null }, Infinity, { zero: 128, factor: ONE_OF_127 }),
    groups: gridOf('rows', scales, null, 1),
  };
}
