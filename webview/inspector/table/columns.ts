// The columns of the table: what they are called, how wide they are, and which of them fit.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { ColumnId } from '../state.ts';
import { columnUnit } from '../../shared/tensors/measures.ts';
import { isStatColumn, type StatColumn } from './statColumns.ts';

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** What it holds, in words, for the tooltip of its head. */
  readonly help: string;
  /** Numbers stand right. */
  readonly align: 'left' | 'right';
  /** Px that its longest usual content takes, padding included: the share of a wide table it gets, too. */
  readonly width: number;
  /** The same where the table is narrow. */
  readonly narrowWidth: number;
  /** Steps back in tables of at most this many px, 0: never; and once the columns of the analysis are there, Infinity: always. */
  readonly dropAt: number;
  readonly dropAtAnalyzed: number;
}

/** The table is narrow, and its numbers stand closer, from here on down. */
const NARROW = 780;
export const MIN_COLUMN_WIDTH = 40;
const BESIDE = 620;
const HEAD_WIDTH = 84;
const MIDDLE = 1000;
/** From here on columns have their usual width, if all of them do. Between MIDDLE and it they all are there, close together. */
const ROOMY = 1200;

export function allColumns(model: ModelView): readonly Column[] {
  const { unit } = columnUnit(Math.max(model.fileBytes, model.expectedBytes ?? 0));
  const column = (
    id: ColumnId, title: string, help: string, align: Column['align'], width: number, narrowWidth: number,
    [dropAt, dropAtAnalyzed]: readonly [number, number] = [0, 0],
  ): Column => ({ id, title, help, align, width, narrowWidth, dropAt, dropAtAnalyzed }); // prettier-ignore
  const columns = [
    column('name', 'Tensor', 'Name of the tensor', 'left', 300, 190),
    column('layer', 'Layer', 'Number of the layer', 'right', 64, 56),
    column('role', 'Role', 'What it is in its layer', 'left', 132, 110),
    column('type', 'Type', 'How its weights are encoded', 'left', typeWidth(model), 104),
    column('bits', 'Bits/weight', 'All its bytes × 8 / its weights', 'right', 126, 100, [0, 1440]),
    column('shape', 'In × out', 'Inputs × outputs, then further dimensions', 'right', 150, 130, [0, 1600]),
    column('weights', 'Weights', 'Number of weights', 'right', 120, 104, [MIDDLE, 1900]),
    ...STATISTICS.map(([id, title, help, width, narrowWidth, dropAtAnalyzed]) =>
      column(id, title, help, 'right', width, narrowWidth, [Infinity, dropAtAnalyzed]),
    ),
    column('bytes', unit === 'B' ? 'Bytes' : unit, 'Size in the file', 'right', 92, 78, [0, MIDDLE]),
    column('share', '% of file', 'Share of the whole file', 'right', 132, 120, [NARROW, 1750]),
    column('offset', 'Offset', 'Position in its file, in bytes', 'right', 136, 116, [MIDDLE, 2040]),
    column('file', 'File', 'File of the model it is in', 'left', 180, 120, [MIDDLE, 2240]),
  ];
  return model.files.length > 1 ? columns : columns.filter(({ id }) => id !== 'file');
}

/** Names of packed types are longer than those of ggml: "GPTQ 4-bit g128". Px of a wide font, with the swatch. */
function typeWidth({ types }: ModelView): number {
  const longest = Math.max(0, ...types.map(({ name }) => name.length));
  return Math.max(112, Math.min(MAX_TYPE_WIDTH, Math.ceil(longest * TYPE_CHARACTER) + TYPE_MARGIN));
}
/** "compressed-tensors 4-bit g128 act-order". */
const MAX_TYPE_WIDTH = 320;
const TYPE_CHARACTER = 7.4;
const TYPE_MARGIN = 30;

type Statistic = readonly [
  id: StatColumn, title: string, help: string, width: number, narrowWidth: number, dropAtAnalyzed: number,
]; // prettier-ignore
const STATISTICS: readonly Statistic[] = [
  [
    'beyond3',
    'Beyond 3σ, %',
    'Weights further than three standard deviations from the mean; of a normal distribution 0.27 %',
    142,
    120,
    0,
  ],
  [
    'kurtosis',
    'Kurtosis',
    'Excess kurtosis, the weight of the tails: 0 for a normal distribution',
    96,
    88,
    BESIDE,
  ],
  ['std', 'Std', 'Standard deviation σ of its weights', 92, 78, 0],
  ['absMax', 'Absmax', 'The largest |w|', 92, 78, 0],
  ['absMaxStd', 'Absmax / std', 'The largest |w| in standard deviations', 112, 112, NARROW],
  [
    'scaleRange',
    'Scale range, log₂',
    'Range of the block scales: log₂ of the largest over the smallest that is not zero',
    136,
    134,
    1160,
  ],
  [
    'entropy',
    'Entropy, bits',
    'Entropy of its codes, of the bits that a code takes: less where some codes are rarely used',
    114,
    112,
    1160,
  ],
];

/** What decides, beside the width, which columns are shown. */
export interface ColumnChoice {
  /** By the user: columns that are hidden, and those that are shown whatever the width. */
  readonly hidden: ReadonlySet<ColumnId>;
  readonly wanted: ReadonlySet<ColumnId>;
  /** There are results of the analysis. */
  readonly isAnalyzed: boolean;
}

/** The columns that are shown in a table of `width` px. The name always is. */
export function shownColumns(columns: readonly Column[], choice: ColumnChoice, width: number): Column[] {
  const { hidden, wanted, isAnalyzed } = choice;
  return columns.filter(({ id, dropAt, dropAtAnalyzed }) => {
    if (id === 'name' || wanted.has(id)) return true;
    return !hidden.has(id) && width > (isAnalyzed ? dropAtAnalyzed : dropAt);
  });
}

/** The columns of a copy: all that would be shown in a table of any width. */
export function copiedColumns(columns: readonly Column[], choice: ColumnChoice): Column[] {
  const { hidden, wanted, isAnalyzed } = choice;
  return columns.filter(({ id }) => wanted.has(id) || (!hidden.has(id) && (isAnalyzed || !isStatColumn(id))));
}

/** Characters of the longest number in a column, where it is known. */
export type Longest = Readonly<Partial<Record<ColumnId, number>>>;

/** The grid of the table, for CSS: its tracks, and the least width that holds them all. */
export interface ColumnGrid {
  readonly tracks: string;
  readonly leastWidth: string;
}

/** Px of a name that is usually whole: only what is beyond it goes to long types. */
const NAME_WIDTH = 212;

/**
 * Where there is room columns grow by their width; where there is little the name takes what is left. Numbers are never
 * cut, types only where the names need the room. A width set by the user stays.
 */
export function columnGrid(
  columns: readonly Column[],
  widths: Readonly<Partial<Record<ColumnId, number>>>,
  longest: Longest,
  width: number,
): ColumnGrid {
  const isTight = width <= MIDDLE;
  const wanted = columns.map(({ id, width: usual }) => widths[id] ?? (id === 'name' ? NAME_WIDTH : usual));
  const isClose = !isTight && (width <= ROOMY || wanted.reduce((sum, each) => sum + each, 0) > width);
  const track = (least: string, usual: number): string => (isTight ? least : `minmax(${least}, ${usual}fr)`);
  const sizes = columns.map(({ id, width: usual, narrowWidth }, index) => {
    const own = widths[id];
    if (own !== undefined) return { least: `${own}px`, track: `${own}px` };
    if (id === 'name') {
      const least = `${isTight ? 120 : isClose ? 160 : 200}px`;
      return { least, track: `minmax(${least}, ${isTight ? '1fr' : `${usual}fr`})` };
    }
    if (id === 'type') return { least: `${narrowWidth}px`, track: null };
    const padding = index === columns.length - 1 ? 24 : 16;
    // The bar of the bits is short only in a narrow table.
    const closer = width <= NARROW || (isClose && id !== 'bits');
    // Beside another editor a column of short numbers is no wider than its head, which leaves more to the names.
    const floor = width <= BESIDE && longest[id] !== undefined ? HEAD_WIDTH : closer ? narrowWidth : usual;
    const least = `max(${floor}px, ${longest[id] ?? 0}ch + ${padding}px)`;
    return { least, track: track(least, usual) };
  });
  const others = sizes.filter((_size, index) => !['name', 'type'].includes(columns[index]?.id ?? ''));
  const taken = [`${widths.name ?? NAME_WIDTH}px`, ...others.map(({ least }) => least)].join(' - ');
  const typeTrack = ({ narrowWidth, width: usual }: Column): string =>
    track(`clamp(${narrowWidth}px, 100% - ${taken}, ${usual}px)`, usual);
  return {
    tracks: columns.map((column, index) => sizes[index]?.track ?? typeTrack(column)).join(' '),
    leastWidth: `calc(${sizes.map(({ least }) => least).join(' + ')})`,
  };
}
