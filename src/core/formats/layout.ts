// Do the byte ranges of a file's tensors lie where they may: inside the file, side by side, without holes?
import type { ProblemList } from '../base/problemList.ts';
import { formatBytes, formatCount, plural } from '../base/units.ts';
import type { TensorState } from './model.ts';

export interface TensorRange {
  readonly name: string;
  /** Absolute position in the file, in bytes. */
  readonly byteOffset: number;
  /** In bytes; of an unknown type what lies between this tensor and the next. */
  readonly byteLength: number;
}

export interface LayoutRules {
  /** Where tensor data may begin, in bytes. */
  readonly dataOffset: number;
  /** Real length of the file, in bytes. */
  readonly fileSize: number;
  /** Holes smaller than this are padding. 1: no hole is allowed. */
  readonly alignment: number;
}

export interface Layout {
  /** One state per range, in the order given. */
  readonly states: TensorState[];
  /** Where the last range ends: what the header promises, in bytes. */
  readonly expectedSize: number;
}

/** Reports cut and missing tensors, overlaps, holes and trailing bytes. Costs one sort. */
export function checkLayout(
  ranges: readonly TensorRange[],
  rules: LayoutRules,
  problems: ProblemList,
): Layout {
  const states = ranges.map((range) => stateOf(range, rules.fileSize));
  const order = ranges.map((_range, index) => index).sort((a, b) => at(ranges, a) - at(ranges, b));

  let end = rules.dataOffset;
  let endName: string | null = null;
  for (const index of order) {
    const range = ranges[index];
    if (range === undefined) continue;
    const from = range.byteOffset;
    if (from < end && range.byteLength !== 0) {
      const what = endName === null ? 'the header' : `"${endName}"`;
      const text = `"${range.name}" begins at byte ${formatCount(from)}, inside ${what}, which ends at ${formatCount(end)}.`;
      problems.add('error', 'tensor-overlap', from, text, range.name);
    } else if (from - end >= rules.alignment && rules.fileSize > end) {
      const text = `${plural(from - end, 'byte')} before "${range.name}" belong to no tensor.`;
      problems.add('warning', 'tensor-gap', end, text, range.name);
    }
    const rangeEnd = from + range.byteLength;
    if (rangeEnd >= end) [end, endName] = [rangeEnd, range.name];
  }
  if (end > rules.fileSize) reportCut(ranges, states, order, end, rules.fileSize, problems);
  else reportTrailing(end, endName, rules, problems);
  return { states, expectedSize: end };
}

function stateOf(range: TensorRange, fileSize: number): TensorState {
  if (range.byteOffset + range.byteLength <= fileSize) return 'whole';
  return range.byteOffset < fileSize ? 'cut' : 'missing';
}

function reportTrailing(
  end: number,
  endName: string | null,
  { fileSize, alignment }: LayoutRules,
  problems: ProblemList,
): void {
  const trailing = fileSize - end;
  if (trailing < alignment) return;
  const text = `${plural(trailing, 'byte')} after the ${endName === null ? 'header' : 'last tensor'} belong to nothing.`;
  problems.add('warning', 'trailing-bytes', end, text);
}

function reportCut(
  ranges: readonly TensorRange[],
  states: readonly TensorState[],
  order: readonly number[],
  end: number,
  fileSize: number,
  problems: ProblemList,
): void {
  const size = `The file ends after ${formatBytes(fileSize)}; the header promises ${formatBytes(end)}. Is the download complete?`;
  problems.add('error', 'file-truncated', fileSize, size);
  const cut = order.find((index) => states[index] === 'cut');
  const missing = order.filter((index) => states[index] === 'missing');
  const first = ranges[cut ?? missing[0] ?? -1];
  if (first === undefined) return;
  const whole = states.filter((state) => state === 'whole').length;
  const begin =
    cut === undefined
      ? `${plural(missing.length, 'tensor')} from "${first.name}" on are missing.`
      : missing.length === 0
        ? `"${first.name}" is cut in the middle.`
        : `"${first.name}" is cut in the middle, ${plural(missing.length, 'more tensor is', 'more tensors are')} missing.`;
  problems.add(
    'error',
    'tensor-out-of-file',
    first.byteOffset,
    `${begin} ${whole === 0 ? 'None is whole' : `${plural(whole, 'tensor is', 'tensors are')} whole`}.`,
    first.name,
  );
}

const at = (ranges: readonly TensorRange[], index: number): number => ranges[index]?.byteOffset ?? 0;
