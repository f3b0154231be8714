// What the cells of a map look like and say.
import { formatCount } from '../../../../src/core/base/units.ts';
import type { GroupMap } from '../../../../src/protocol/tensorGroups.ts';
import type { ChartData } from '../../../shared/charts/chartTable.tsx';
import { formatNumber } from '../../../shared/charts/numbers.ts';
import type { Reading } from '../../../shared/charts/plot.ts';
import { type Color, outlierColor, scaleColor, type ThemeKind } from '../../../shared/colors.ts';

export interface MapLook {
  /** What stands across and down, in words: "groups of 128 input channels", "output channels". */
  readonly across: string;
  readonly down: string;
  /** One of each. */
  readonly column: string;
  readonly row: string;
  /** What a cell holds: "scale". */
  readonly word: string;
  /** Which of several a cell shows. */
  readonly extreme: 'largest' | 'furthest from the middle';
  readonly low: number;
  readonly high: number;
  readonly format: (value: number) => string;
  /** Of a number between low and high, 0 … 1; null: not drawn. */
  readonly position: (value: number) => number | null;
  readonly color: (position: number) => Color;
}

type Words = Pick<MapLook, 'across' | 'down' | 'column' | 'row'>;

/** Magnitudes by their logarithm, in the colors of all measures of the weights. */
export function scaleLook(map: GroupMap, words: Words, theme: ThemeKind): MapLook {
  const [low, high] = rangeOf(map.cells, (value) => (value === 0 ? NaN : Math.abs(value)));
  const octaves = Math.log2(high / low);
  return {
    ...words,
    word: 'scale',
    extreme: 'largest',
    low,
    high,
    format: (value) => formatNumber(value, 3),
    position(value) {
      if (!Number.isFinite(value)) return null;
      const magnitude = Math.abs(value);
      if (magnitude === 0) return 0;
      return octaves > 0 ? Math.max(0, Math.min(1, Math.log2(magnitude / low) / octaves)) : MIDDLE;
    },
    color: (position) => outlierColor(theme, position),
  };
}

/** Numbers as they are, in the colors of the bits. */
export function zeroLook(map: GroupMap, words: Words, word: string, theme: ThemeKind): MapLook {
  const [low, high] = rangeOf(map.cells, (value) => value);
  return {
    ...words,
    word,
    extreme: word === 'bias' ? 'largest' : 'furthest from the middle',
    low,
    high,
    format: (value) => formatNumber(value, 3),
    position: (value) =>
      Number.isFinite(value) ? (high > low ? (value - low) / (high - low) : MIDDLE) : null,
    color: (position) => scaleColor(theme, position),
  };
}

/** How many there are: none is not drawn. */
export function countLook(map: GroupMap, words: Words, word: string, theme: ThemeKind): MapLook {
  const [, high] = rangeOf(map.cells, (value) => value);
  return {
    ...words,
    word,
    extreme: 'largest',
    low: high <= 1 ? high : 0, // one of a kind needs no scale
    high,
    format: (value) => formatCount(value),
    position: (value) => (value > 0 ? 0.4 + 0.6 * (value / high) : null),
    color: (position) => scaleColor(theme, position),
  };
}

/** Of a map whose cells are all the same. */
const MIDDLE = 0.5;

function rangeOf(cells: Float32Array, of: (value: number) => number): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const cell of cells) {
    const value = of(cell);
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}

/** What one cell says. */
export function cellText(map: GroupMap, look: MapLook, cell: number): Reading {
  const row = Math.floor(cell / map.width) * map.rowsPerCell;
  const group = (cell % map.width) * map.groupsPerCell;
  const value = map.cells[cell] ?? NaN;
  const isOne = map.rowsPerCell * map.groupsPerCell === 1 || look.low === look.high;
  const which = isOne ? look.word : `${look.extreme === 'largest' ? 'largest' : 'furthest'} ${look.word}`;
  return {
    head: `${look.row} ${rangeText(row, map.rowsPerCell, map.rows)}, ${look.column} ${rangeText(group, map.groupsPerCell, map.groups)}`,
    text: `${which} ${look.format(value)}`,
  };
}

function rangeText(first: number, count: number, end: number): string {
  const last = Math.min(end, first + count) - 1;
  return last === first ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`;
}

/** All cells, one line each. */
export function mapCsv(map: GroupMap, look: MapLook): ChartData {
  return {
    heads: [look.row, look.column, look.word],
    rows: Array.from(map.cells, (value, cell) => [
      Math.floor(cell / map.width) * map.rowsPerCell,
      (cell % map.width) * map.groupsPerCell,
      Number.isFinite(value) ? Number(value.toPrecision(7)) : String(value),
    ]),
  };
}

/** Column by column: a table of all cells would be too long to read. */
export function mapRows(map: GroupMap, look: MapLook): ChartData {
  const rows = Array.from({ length: map.width }, (_item, column) => {
    const own = map.cells.filter((_value, cell) => cell % map.width === column);
    const [low, high] = rangeOf(own, (value) => value);
    const sum = own.reduce((all, value) => all + (Number.isFinite(value) ? value : 0), 0);
    return [
      rangeText(column * map.groupsPerCell, map.groupsPerCell, map.groups),
      ...[low, sum / Math.max(1, own.length), high].map((value) => Number(value.toPrecision(4))),
    ];
  });
  return { heads: [look.column, 'Smallest', 'Mean', 'Largest'], rows };
}
