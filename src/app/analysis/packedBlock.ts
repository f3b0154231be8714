// Neighboring weights of a packed matrix, taken apart: the bytes of their codes, scales and zero points, from wherever they lie.
import { notReadable, wrongUsage } from '../../core/base/failure.ts';
import { plural } from '../../core/base/units.ts';
import type { PackedTensor } from '../../core/formats/model.ts';
import { type PlacedCode, placedCode } from '../../core/quant/packed/codes.ts';
import { decodeLine, readWindow } from '../../core/quant/packed/decoder.ts';
import type { CodedLayout, StripValues } from '../../core/quant/packed/layout.ts';
import type { Part } from '../../core/quant/packed/parts.ts';
import { bitsPlace, type NumberPlace } from '../../core/quant/packed/rows.ts';
import type { FieldColor } from '../../protocol/modelView.ts';
import type { BlockContents, BlockWeight } from '../../protocol/tensorStats.ts';
import { openPacked, type PackedData } from './packedData.ts';
import type { Source } from './rowsPass.ts';
import { shownNumber as shown } from './shownNumber.ts';
import type { TensorData } from './tensorData.ts';

/** Weights that are shown at a time where a group has more than MAX_WEIGHTS. As many as of plain numbers. */
const WEIGHTS = 32;
const MAX_WEIGHTS = 256;

/** @throws Failure for a block that is not there, or whose bytes are not */
export function packedBlock(data: TensorData, source: Source, index: number): BlockContents {
  const { tensor, rowWeights } = data;
  const { scheme, elementCount, packed: stored } = tensor;
  if (stored === null) throw new RangeError('It is not packed.');
  const isGroup = scheme.fields.length > 0 && scheme.blockWeights > 1 && scheme.blockWeights <= MAX_WEIGHTS;
  const perBlock = isGroup ? scheme.blockWeights : WEIGHTS;
  const blockCount = Math.ceil(elementCount / perBlock);
  if (!Number.isInteger(index) || index < 0 || index >= blockCount)
    throw wrongUsage(`There is no block ${index}; the tensor has ${plural(blockCount, 'block')}.`);
  const first = index * perBlock;
  const packed = openPacked(data, source);
  const bytes = createByteList(stored, source);
  const made = Array.from({ length: Math.min(perBlock, elementCount - first) }, (_item, at) =>
    weightAt(packed, stored, first + at),
  );
  for (const family of FAMILIES)
    for (const { places } of made) for (const place of places) bytes.take(place, family);
  const weights = made.map(({ value, formula, places }): BlockWeight => ({
    value,
    formula,
    bytes: places.flatMap((place) => bytes.indexesOf(place).map((byte) => ({ byte, color: place.color }))),
  }));
  return {
    index,
    blockCount,
    row: Math.floor(first / rowWeights),
    column: first % rowWeights,
    ...bytes.read(tensor.name),
    weights,
  };
}

/** Bytes of a block in the order in which a person thinks of them. */
const FAMILIES = ['superScale', 'min', 'code'] as const;

interface ColoredPlace extends NumberPlace {
  readonly color: (typeof FAMILIES)[number];
}

interface MadeWeight {
  readonly value: number;
  readonly formula: BlockWeight['formula'];
  readonly places: readonly ColoredPlace[];
}

/** @param index in the matrices, row by row */
function weightAt(packed: PackedData, { matrix }: PackedTensor, index: number): MadeWeight {
  const { rows, columns } = matrix;
  const stacked = Math.floor(index / (rows * columns));
  const [row, column] = [Math.floor(index / columns) % rows, index % columns];
  const { layout, codes } = packed.stackedAt(stacked);
  const lineOf = (channel: number): number => layout.order?.indexOf(channel) ?? channel;
  const [line, position] = layout.axis === 'rows' ? [row, column] : [lineOf(column), row];
  const from = position & ~7;
  const strip = new Float32Array((position & 7) + 1);
  const lines = { from: Math.floor(line / layout.step) * layout.step, to: line + 1 };
  const window = readWindow(layout, codes, {
    ...lines,
    to: Math.min(layout.lines, lines.from + layout.step),
  });
  decodeLine(layout, line, from, window, strip);
  const value = strip.at(-1) ?? NaN;
  if (layout.kind !== 'coded') return { value, formula: [{ text: `w = ${shown(value)}` }], places: [] };
  const placed = placedCode(layout.pieces(line, from, strip.length), strip.length - 1);
  const values = layout.values(line, from, strip.length);
  const { scale, zero } = layout.places(line, position);
  const code = placed === null ? NaN : codeOf(placed, (byte) => window.bytes[window.indexOf(byte)] ?? 0);
  return {
    value,
    formula: formulaOf(layout, values, code, strip.length - 1, value),
    places: [
      ...(scale === null ? [] : [{ ...scale, color: 'superScale' as const }]),
      ...(zero === null ? [] : [{ ...zero, color: 'min' as const }]),
      ...(placed === null ? [] : codePlaces(placed, codes)),
    ],
  };
}

function codeOf({ runs, flip, add }: PlacedCode, byteAt: (byte: number) => number): number {
  let [bits, at] = [0, 0];
  for (const { byte, shift, width } of runs) {
    bits |= ((byteAt(byte) >> shift) & ((1 << width) - 1)) << at;
    at += width;
  }
  return (bits ^ flip) + add;
}

const codePlaces = ({ runs }: PlacedCode, part: Part): ColoredPlace[] =>
  runs.map(({ byte, shift, width }) => ({ ...bitsPlace(part, 8 * byte + shift, width), color: 'code' }));

/** "w = 0.0123 · (9 − 8) = 0.0123". */
function formulaOf(
  { levels }: CodedLayout,
  values: StripValues,
  code: number,
  index: number,
  value: number,
): BlockWeight['formula'] {
  const { formula, scales, zeros, zero, groupSize, offset, factor, columnFactors } = values;
  const group = groupSize === Infinity ? 0 : Math.floor((offset + index) / groupSize);
  const scale = { text: shown(scales[group] ?? NaN), color: 'superScale' as FieldColor };
  const own = zeros?.[group];
  const result = { text: ` = ${shown(value)}` };
  const times = [
    ...(factor === null ? [] : [{ text: ` · ${shown(factor)}` }]),
    ...(columnFactors === null ? [] : [{ text: ` · ${shown(columnFactors[index] ?? NaN)}` }]),
  ];
  const level = { text: shown(levels[code] ?? NaN), color: 'code' as FieldColor };
  if (formula === 'table') return [{ text: 'w = ' }, scale, { text: ' · ' }, level, ...times, result];
  if (formula === 'bias') {
    const bias = { text: shown(own ?? NaN), color: 'min' as FieldColor };
    return [{ text: 'w = ' }, scale, { text: ' · ' }, level, { text: ' + ' }, bias, ...times, result];
  }
  // Codes that are stored with an offset are shown as what they stand for; the zero point moves as far.
  const moved = code - (levels[code] ?? code);
  const point = (own ?? zero) - moved;
  const start = [{ text: 'w = ' }, scale, { text: ' · ' }];
  if (own === undefined && point === 0) return [...start, level, ...times, result];
  const subtracted =
    own === undefined ? { text: shown(point) } : { text: shown(point), color: 'min' as FieldColor };
  return [...start, { text: '(' }, level, { text: ' − ' }, subtracted, { text: ')' }, ...times, result];
}

/** Bytes of several parts, each once. */
function createByteList({ parts }: PackedTensor, source: Source) {
  const indexes = new Map<string, number>();
  const taken: { readonly part: number; readonly byte: number; readonly colors: FieldColor[] }[] = [];
  const keyOf = (part: number, byte: number): string => `${part} ${byte}`;
  const bytesOf = ({
    part,
    byteOffset,
    byteLength,
  }: NumberPlace): { key: string; part: number; byte: number }[] =>
    Array.from({ length: byteLength }, (_item, at) => ({
      key: keyOf(part, byteOffset + at),
      part,
      byte: byteOffset + at,
    }));
  return {
    take(place: ColoredPlace, family: FieldColor): void {
      if (place.color !== family) return;
      for (const { key, part, byte } of bytesOf(place)) {
        if (indexes.has(key)) continue;
        indexes.set(key, taken.length);
        taken.push({ part, byte, colors: [family] });
      }
    },
    indexesOf: (place: NumberPlace): number[] => bytesOf(place).flatMap(({ key }) => indexes.get(key) ?? []),
    read(name: string): Pick<BlockContents, 'bytes' | 'byteColors' | 'byteOffset'> {
      const bytes = new Uint8Array(taken.length);
      const one = new Uint8Array(1);
      taken.forEach(({ part, byte }, index) => {
        const tensor = parts[part]?.tensor;
        if (tensor === undefined || source.read(tensor.byteOffset + byte, one, tensor.file) < 1)
          throw notReadable(name, 'the file ends inside its data');
        bytes[index] = one[0] ?? 0;
      });
      const firstCode = taken.find(({ colors }) => colors[0] === 'code');
      const codes = parts[firstCode?.part ?? 0]?.tensor;
      return {
        bytes,
        byteColors: taken.map(({ colors }) => colors),
        byteOffset: (codes?.byteOffset ?? 0) + (firstCode?.byte ?? 0),
      };
    },
  };
}
