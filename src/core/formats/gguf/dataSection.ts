// Where the tensors of a GGUF file lie: absolute positions, sizes of unknown types, what the file no longer holds.
import type { ProblemList } from '../../base/problemList.ts';
import { formatCount, plural } from '../../base/units.ts';
import { checkLayout, type TensorRange } from '../layout.ts';
import type { Tensor, TensorState } from '../model.ts';
import { placeGguf } from '../naming/ggufNames.ts';
import type { TensorInfo } from './tensorInfos.ts';

/** What is known of the data section once the header was read. */
export interface DataSection {
  /** Where it begins, in bytes; null when the header could not be read to its end. */
  readonly dataOffset: number | null;
  readonly alignment: number;
  /** Length of the file in bytes. */
  readonly fileSize: number;
  /** Where the header itself ends, without the padding before the data. */
  readonly headerEnd: number;
  /** The header is cut by the end of the file: no data is there. */
  readonly headerIsCut: boolean;
  /** Index of the file in the model. */
  readonly file: number;
}

export interface LaidOut {
  readonly tensors: Tensor[];
  /** What the header promises, in bytes; null when its end was not found. */
  readonly expectedSize: number | null;
}

/** Gives every tensor its place in the file and says what is wrong with it. */
export function layOut(infos: readonly TensorInfo[], section: DataSection, problems: ProblemList): LaidOut {
  const { dataOffset, alignment, fileSize, file } = section;
  reportUnknownTypes(infos, problems);
  if (dataOffset === null) {
    // Where the header does not end the data does not begin: positions are counted from there, and nothing reads them.
    const state = section.headerIsCut ? 'missing' : 'invalid';
    const tensors = infos.map((info) => tensorOf(info, file, info.offset ?? 0, info.byteLength, state));
    return { tensors, expectedSize: null };
  }
  if (infos.length === 0) {
    if (fileSize - dataOffset >= alignment) reportDataOfNobody(fileSize - dataOffset, dataOffset, problems);
    return { tensors: [], expectedSize: section.headerEnd };
  }
  reportMisaligned(infos, alignment, problems);

  const starts = startsWhereNeeded(infos);
  const rangeOf = (info: TensorInfo): TensorRange => ({
    name: info.name,
    byteOffset: dataOffset + (info.offset ?? 0),
    byteLength: info.byteLength ?? distance(starts, info.offset ?? 0, fileSize - dataOffset),
  });
  const placed = infos.filter(({ offset }) => offset !== null);
  const ranges = placed.map(rangeOf);
  const { states, expectedSize } = checkLayout(ranges, { dataOffset, fileSize, alignment }, problems);

  let index = 0; // of the range: infos without offset have none
  const tensors = infos.map((info) => {
    const { offset, byteLength, elementCount, valid } = info;
    if (offset === null) return tensorOf(info, file, Number.MAX_SAFE_INTEGER, byteLength, 'invalid');
    const range = ranges[index] ?? rangeOf(info);
    const state = states[index] ?? 'invalid';
    index += 1;
    if (!valid) return tensorOf(info, file, range.byteOffset, byteLength, 'invalid');
    const isGone = range.byteLength === 0 && elementCount > 0; // an unknown type at the very end of the file
    return tensorOf(info, file, range.byteOffset, range.byteLength, isGone ? 'missing' : state);
  });
  return { tensors, expectedSize };
}

function tensorOf(
  { name, shape, scheme, elementCount }: TensorInfo,
  file: number,
  byteOffset: number,
  byteLength: number | null,
  state: TensorState,
): Tensor {
  const place = placeGguf(name);
  return { name, place, scheme, shape, elementCount, byteLength, byteOffset, file, state, packed: null };
}

/** Where tensors begin, sorted, from the beginning of the data; empty when all of them know their length. */
function startsWhereNeeded(infos: readonly TensorInfo[]): readonly number[] {
  if (infos.every(({ byteLength }) => byteLength !== null)) return [];
  const starts = infos.map(({ offset }) => offset).filter((offset) => offset !== null);
  return starts.sort((a, b) => a - b);
}

/** Bytes from a tensor to the next one, or to the end of the data. */
const distance = (starts: readonly number[], offset: number, dataBytes: number): number =>
  Math.max(0, (firstAbove(starts, offset) ?? dataBytes) - offset);

/** The first of the sorted numbers that is greater; undefined when none is. */
function firstAbove(sorted: readonly number[], bound: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) > bound) high = middle;
    else low = middle + 1;
  }
  return sorted[low];
}

function reportUnknownTypes(infos: readonly TensorInfo[], problems: ProblemList): void {
  const byType = new Map<string, { first: TensorInfo; count: number }>();
  for (const info of infos) {
    if (info.scheme.kind !== 'unknown') continue;
    const entry = byType.get(info.scheme.name);
    if (entry === undefined) byType.set(info.scheme.name, { first: info, count: 1 });
    else entry.count += 1;
  }
  for (const { first, count } of byType.values()) {
    const { name, summary } = first.scheme;
    const has =
      count === 1 ? `"${first.name}" has` : `${plural(count, 'tensor')} from "${first.name}" on have`;
    const text = `${has} the type ${name}. ${summary}`;
    problems.add('warning', 'type-unknown', first.infoOffset, text, first.name);
  }
}

function reportMisaligned(infos: readonly TensorInfo[], alignment: number, problems: ProblemList): void {
  for (const { name, offset, infoOffset } of infos) {
    if (offset === null || offset % alignment === 0) continue;
    const text = `"${name}" begins ${formatCount(offset)} bytes into the data, not at a multiple of ${formatCount(alignment)}.`;
    problems.add('error', 'tensor-offset-invalid', infoOffset, text, name);
  }
}

function reportDataOfNobody(bytes: number, byteOffset: number, problems: ProblemList): void {
  const text = `${plural(bytes, 'byte')} follow the header, which has no tensors.`;
  problems.add('warning', 'trailing-bytes', byteOffset, text);
}
