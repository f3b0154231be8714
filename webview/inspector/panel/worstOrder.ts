// The weights furthest from the mean in another order, and what they have in common.
import { formatCount, formatFixed, plural } from '../../../src/core/base/units.ts';
import type { WorstWeight } from '../../../src/protocol/tensorStats.ts';
import { formatNumber } from '../../shared/charts/numbers.ts';

export type WorstColumn = 'value' | 'sigmas' | 'row' | 'column' | 'expert' | 'block';

export interface WorstSort {
  readonly column: WorstColumn;
  readonly descending: boolean;
}

/** As the host sends them: furthest first. */
export const FURTHEST_FIRST: WorstSort = { column: 'sigmas', descending: true };

export interface WorstLine extends WorstWeight {
  readonly block: number;
  /** Of the weight in its block. */
  readonly index: number;
}

/** σ by distance, everything else by number; what is equal keeps its order. */
export function sortWorst(lines: readonly WorstLine[], { column, descending }: WorstSort): WorstLine[] {
  const keyOf = (line: WorstLine): number => (column === 'sigmas' ? Math.abs(line.sigmas) : line[column]);
  return lines.toSorted((a, b) => (descending ? keyOf(b) - keyOf(a) : keyOf(a) - keyOf(b)));
}

/** A click on a head: the other way round, or by that column; distances and places begin where one looks first. */
export function nextSort(sort: WorstSort, column: WorstColumn): WorstSort {
  if (sort.column === column) return { column, descending: !sort.descending };
  return { column, descending: column === 'value' || column === 'sigmas' };
}

/** So many of the worst in one channel are no accident. */
const LEAST_REPEATS = 5;
const LEAST_SHARE = 0.1;

const PLACES = [
  ['column', 'channel'],
  ['row', 'row'],
  ['expert', 'expert'],
] as const;
type Place = (typeof PLACES)[number][0];

export interface Repeat {
  readonly kind: Place;
  readonly place: number;
  readonly count: number;
}

/** The channel, row and expert that come up most, where that is no accident. */
export function repeatsOf(worst: readonly WorstWeight[]): Repeat[] {
  return PLACES.flatMap(([kind]) => {
    const places = worst.map((weight) => weight[kind]).filter((at) => at >= 0);
    const [place, count] = mostCommon(places);
    const isAccident = count < LEAST_REPEATS || count < worst.length * LEAST_SHARE;
    return isAccident ? [] : [{ kind, place, count }];
  });
}

/** "100 weights furthest from the mean; 41 of 100 in channel 220". */
export function worstFinding(worst: readonly WorstWeight[]): string {
  const repeats = repeatsOf(worst).map(({ kind, place, count }) => {
    const word = PLACES.find(([of]) => of === kind)?.[1] ?? kind;
    return `${count} of ${worst.length} in ${word} ${formatCount(place)}`;
  });
  const text = `${plural(worst.length, 'weight')} furthest from the mean`;
  return [text, ...(repeats.length === 0 ? ['no channel or row stands out'] : repeats)].join('; ');
}

function mostCommon(places: readonly number[]): readonly [place: number, count: number] {
  const counts = new Map<number, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [-1, 0]);
}

/** A power of ten below this is written as one. */
const LEAST_PLAIN = 1e-3;
const MOST_PLAIN = 1e6;
const DIGITS = 4;

/** The values of a column: all with as many decimals, so that their points stand below each other. */
export function valueFormat(values: readonly number[]): (value: number) => string {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isPlain = largest >= LEAST_PLAIN && largest < MOST_PLAIN;
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(largest || 1)));
  return (value) =>
    (isPlain ? formatFixed(value, Math.min(decimals, MAX_DECIMALS)) : formatNumber(value)).replace('-', '−');
}
const MAX_DECIMALS = 6;
