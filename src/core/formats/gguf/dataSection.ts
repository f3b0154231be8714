// Where the tensors of a GGUF file lie: absolute positions, sizes of unknown types, what the file no longer holds.
import type { ProblemList } from '../../base/problemList.ts';
import { formatCount, plural } from '../../base/units.ts';
import { checkLayout } from '../layout.ts';
import type { Tensor } from '../model.ts';
import { placeGguf } from '../naming/ggufNames.ts';
import type { TensorInfo } from './tensorInfos.ts';

/** What is known of the data section once the header was read. */
export interface DataSection {
  /** Where it begins, in bytes; null when the header could not be read to its end. */
  readonly dataOffset: number | null;
  readonly alignment: number;
  /** Length of the file in bytes. */
  readonly fileSize: number;
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
    // Without the end of the header positions count from nowhere. Below, 0 stands for it: nothing reads these bytes.
    const state = section.headerIsCut ? 'missing' : 'invalid';
    const tensors = infos.map((info) => tensorOf(info, file, 0, info.byteLength, state));
    return { tensors, expectedSize: null };
  }
  reportMisaligned(infos, alignment, problems);

  const lengths = lengthsOf(infos, fileSize - dataOffset);
  const placed = infos.filter((info) => info.offset !== null);
  const ranges = placed.map((info) => ({
    name: info.name,
    byteOffset: dataOffset + (info.offset ?? 0),
    byteLength: lengths.get(info) ?? 0,
  }));
  const { states, expectedSize } = checkLayout(ranges, { dataOffset, fileSize, alignment }, problems);

  const stateOf = new Map(placed.map((info, index) => [info, states[index]]));
  const tensors = infos.map((info) => {
    const length = lengths.get(info) ?? null;
    if (!info.valid) return tensorOf(info, file, dataOffset, info.byteLength, 'invalid');
    const isGone = length === 0 && info.elementCount > 0;
    return tensorOf(info, file, dataOffset, length, isGone ? 'missing' : (stateOf.get(info) ?? 'invalid'));
  });
  return { tensors, expectedSize };
}

function tensorOf(
  { name, shape, scheme, elementCount, offset }: TensorInfo,
  file: number,
  dataOffset: number,
  byteLength: number | null,
  state: Tensor['state'],
): Tensor {
  const byteOffset = Math.min(dataOffset + (offset ?? 0), Number.MAX_SAFE_INTEGER);
  return { name, place: placeGguf(name), scheme, shape, elementCount, byteLength, byteOffset, file, state };
}

/** Bytes of every tensor that has an offset; where the info does not tell, up to the next tensor or the end of the data. */
function lengthsOf(infos: readonly TensorInfo[], dataBytes: number): Map<TensorInfo, number> {
  const lengths = new Map<TensorInfo, number>();
  const placed = infos.filter(({ offset }) => offset !== null);
  const starts = placed.some(({ byteLength }) => byteLength === null)
    ? [...new Set(placed.map(({ offset }) => offset ?? 0))].sort((a, b) => a - b)
    : [];
  for (const info of placed) {
    const offset = info.offset ?? 0;
    lengths.set(info, info.byteLength ?? Math.max(0, (firstAbove(starts, offset) ?? dataBytes) - offset));
  }
  return lengths;
}

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
    const { name, summary, ggmlId } = first.scheme;
    const has =
      count === 1 ? `"${first.name}" has` : `${plural(count, 'tensor')} from "${first.name}" on have`;
    const text = `${has} the type ${ggmlId ?? ''} (${name}). ${summary}`;
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
