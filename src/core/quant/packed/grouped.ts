// Scales (and zeros) of groups: a row of them for each line, for each block of lines, or for each group of input channels.
import type { CodedLayout, GroupGrid, StripValues } from './layout.ts';
import { plainValues } from './layout.ts';
import type { Rows } from './rows.ts';

/** What a strip needs besides the scales. */
export type ValueKind = Partial<Pick<StripValues, 'formula' | 'table' | 'zero' | 'factor'>>;

/** What a layout takes from here. */
type GroupValues = Pick<CodedLayout, 'values' | 'places'>;

/** @param indexOf row of scales of a line @param at number in the row of a position */
const placesBy =
  (
    { scales, zeros }: { readonly scales: Rows; readonly zeros: Rows | null },
    indexOf: (line: number) => number,
    at: (position: number) => number,
  ): CodedLayout['places'] =>
  (line, position) => ({
    scale: scales.placeOf(indexOf(line), at(position)),
    zero: zeros?.placeOf(indexOf(line), at(position)) ?? null,
  });

export const noExtras: Pick<GroupGrid, 'groupOf' | 'widths' | 'superScales' | 'zeroKind'> = {
  groupOf: null,
  widths: null,
  superScales: null,
  zeroKind: 'point',
};

/**
 * Rows whose weights are in groups along the input channels.
 * @param linesPerRow lines that share a row of scales
 * @param columnFactors of all input channels
 */
export function groupsAlong(
  { scales, zeros }: { readonly scales: Rows; readonly zeros: Rows | null },
  groupSize: number,
  kind: ValueKind = {},
  {
    linesPerRow = 1,
    columnFactors = null,
  }: { linesPerRow?: number; columnFactors?: Float32Array | null } = {},
): GroupValues {
  const indexOf = (line: number): number => Math.floor(line / linesPerRow);
  const groupAt = (position: number): number =>
    groupSize === Infinity ? 0 : Math.floor(position / groupSize);
  const values: GroupValues['values'] = (line, from, count) => {
    const index = indexOf(line);
    const first = groupAt(from);
    return {
      ...plainValues,
      ...kind,
      scales: scales.row(index).subarray(first),
      zeros: zeros?.row(index).subarray(first) ?? null,
      groupSize,
      offset: groupSize === Infinity ? 0 : from % groupSize,
      columnFactors: columnFactors?.subarray(from, from + count) ?? null,
    };
  };
  return { values, places: placesBy({ scales, zeros }, indexOf, groupAt) };
}

/** Rows whose input channels name their groups: each weight has its own entry. */
export function groupsNamed(
  { scales, zeros }: { readonly scales: Rows; readonly zeros: Rows | null },
  groupOf: Int32Array,
  kind: ValueKind = {},
): GroupValues {
  const gather = (row: Float32Array, from: number, count: number): Float32Array =>
    Float32Array.from({ length: count }, (_item, index) => row[groupOf[from + index] ?? -1] ?? NaN);
  const values: GroupValues['values'] = (line, from, count) => ({
    ...plainValues,
    ...kind,
    scales: gather(scales.row(line), from, count),
    zeros: zeros === null ? null : gather(zeros.row(line), from, count),
    groupSize: 1,
    offset: 0,
  });
  return {
    values,
    places: placesBy(
      { scales, zeros },
      (line) => line,
      (position) => groupOf[position] ?? -1,
    ),
  };
}

/** Input channels as lines: a row of scales for each group, one scale for each output channel. */
export function groupsAcross(
  { scales, zeros }: { readonly scales: Rows; readonly zeros: Rows | null },
  groupOf: (line: number) => number,
  kind: ValueKind = {},
): GroupValues {
  const values: GroupValues['values'] = (line, from, count) => {
    const group = groupOf(line);
    return {
      ...plainValues,
      ...kind,
      scales: scales.row(group).subarray(from, from + count),
      zeros: zeros?.row(group).subarray(from, from + count) ?? null,
      groupSize: 1,
      offset: 0,
    };
  };
  return { values, places: placesBy({ scales, zeros }, groupOf, (position) => position) };
}

/** The grid of what rows hold. @param length of a row, where its end is padding */
export function gridOf(
  axis: GroupGrid['axis'],
  scales: Rows,
  zeros: Rows | null,
  length: number,
  extras: Partial<typeof noExtras> & Partial<GroupGrid> = {},
): GroupGrid {
  return {
    axis,
    count: scales.count,
    length,
    scales: (index) => scales.row(index).subarray(0, length),
    zeros: zeros === null ? null : (index) => zeros.row(index).subarray(0, length),
    ...noExtras,
    ...extras,
  };
}
