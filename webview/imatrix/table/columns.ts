// The columns of the table of tensors: what each says, how it sorts, and which rows are shown in which order.
import { formatCount, formatFixed, formatPercent } from '../../../src/core/base/units.ts';
import type { ImportanceNumber } from '../../../src/protocol/imatrixView.ts';
import type { AllRows } from '../rows.ts';

export type ColumnId = 'name' | 'coverage' | 'tokens' | ImportanceNumber;

export interface Sort {
  readonly column: ColumnId;
  readonly descending: boolean;
}

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** For hover. */
  readonly meaning: string;
  /** A number, where it has one: by it rows are sorted. NaN: not known. */
  readonly value: (rows: AllRows, row: number) => number;
  readonly text: (rows: AllRows, row: number) => string;
  /** Only where a tensor has experts. */
  readonly ofMixture?: boolean;
  /** A share, drawn as a bar beside its number. */
  readonly isShare?: boolean;
  /** Px that it needs; what is left over is shared by `share`. */
  readonly least: number;
  readonly share: number;
}

const NOT_KNOWN = '–';
const countText = (value: number): string => (Number.isNaN(value) ? NOT_KNOWN : formatCount(value));
const percentText = (share: number): string => (Number.isNaN(share) ? NOT_KNOWN : formatPercent(share));

/** With so many decimals that those of a column stand below each other. */
const fixedText =
  (decimals: number) =>
  (value: number): string => {
    if (Number.isNaN(value)) return NOT_KNOWN;
    const least = 10 ** -decimals;
    return value > 0 && value < least / 2 ? `<${formatFixed(least, decimals)}` : formatFixed(value, decimals);
  };

function numberColumn(
  id: ImportanceNumber,
  title: string,
  meaning: string,
  shown: (value: number) => string,
): Column {
  return {
    ...{ id, title, meaning, least: 90, share: 1 },
    value: (rows, row) => rows.numbers[id][row] ?? NaN,
    text: (rows, row) => shown(rows.numbers[id][row] ?? NaN),
  };
}

const COLUMNS: readonly Column[] = [
  {
    ...{ id: 'name', title: 'Tensor', least: 176, share: 3 },
    meaning: 'The weight matrix whose input was looked at',
    value: (_rows, row) => row,
    text: (rows, row) => rows.names[row] ?? '',
  },
  {
    ...{ id: 'coverage', title: 'Experts seen', ofMixture: true, least: 100, share: 1 },
    meaning: 'Experts that met a token, of all',
    value: (rows, row) => coverageOf(rows, row),
    text: (rows, row) =>
      (rows.matrices[row] ?? 0) > 1
        ? `${formatCount(rows.seen[row] ?? 0)} of ${formatCount(rows.matrices[row] ?? 0)}`
        : NOT_KNOWN,
  },
  {
    ...{ id: 'tokens', title: 'Tokens', least: 84, share: 1 },
    meaning: 'Tokens whose activations were counted; of a mixture those of all experts together',
    value: (rows, row) => rows.tokens[row] ?? NaN,
    text: (rows, row) => countText(rows.tokens[row] ?? NaN),
  },
  {
    ...numberColumn('total', 'Σ(Act²)', 'Sum of the mean squared activations of all columns', fixedText(2)),
    least: 96,
  },
  numberColumn('mean', 'μ', 'Mean of the mean squared activations', fixedText(4)),
  numberColumn('std', 'σ', 'Standard deviation of the mean squared activations', fixedText(4)),
  numberColumn('max', 'Max', 'Largest mean squared activation', fixedText(4)),
  {
    ...numberColumn(
      'entropyShare',
      'E(norm)',
      'Entropy of the mean squared activations over that of all alike, in %: low where few columns carry all',
      percentText,
    ),
    ...{ isShare: true, least: 118, share: 1.2 },
  },
  {
    ...numberColumn(
      'effective',
      'Effective channels',
      'So many equally strong channels would be as mixed: 2 to the power of the entropy',
      countText,
    ),
    ...{ least: 126, share: 1.3 },
    text: (rows, row) => effectiveText(rows.numbers.effective[row] ?? NaN, rows.width[row] ?? NaN),
  },
  numberColumn(
    'outliers',
    'Outliers',
    'Channels whose activations are above 3 × those of the median channel (√Act²)',
    countText,
  ),
  {
    ...numberColumn(
      'topShare',
      'Top channel',
      'The strongest channel, and its share of Σ(Act²)',
      percentText,
    ),
    ...{ least: 112, share: 1.2 },
    text: (rows, row) => topText(rows, row),
  },
  numberColumn('zScoreShare', 'ZD', 'Share of columns above μ + σ, in %', percentText),
  numberColumn(
    'cosine',
    'CosSim',
    'Cosine similarity with the same tensor of the layer before',
    fixedText(4),
  ),
  numberColumn('active', 'Active', 'Share of columns above 0.00001, in %', percentText),
];

export const columnOf = (id: ColumnId): Column | undefined => COLUMNS.find((column) => column.id === id);

const effectiveText = (value: number, width: number): string =>
  Number.isNaN(value) ? NOT_KNOWN : `${formatFixed(value, 0)} of ${formatCount(width)}`;

function topText({ numbers }: AllRows, row: number): string {
  const [channel = -1, share = NaN] = [numbers.topChannel[row], numbers.topShare[row]];
  return channel < 0 || Number.isNaN(share)
    ? NOT_KNOWN
    : `${formatCount(channel)} · ${formatPercent(share)} %`;
}

const coverageOf = (rows: AllRows, row: number): number =>
  (rows.matrices[row] ?? 0) > 1 ? (rows.seen[row] ?? 0) / (rows.matrices[row] ?? 1) : NaN;

/** Whether a tensor has experts that never met a token. */
export const hasUnseen = (rows: AllRows, row: number): boolean =>
  (rows.matrices[row] ?? 0) > 1 && (rows.seen[row] ?? 0) < (rows.matrices[row] ?? 0);

/** Words are looked for in names, all of them; what is not known stands at the end, whichever way is sorted. */
export function shownRows(rows: AllRows, filter: string, sort: Sort | null): Uint32Array {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found: number[] = [];
  for (const [row, name] of rows.names.entries()) {
    const lower = name.toLowerCase();
    if (words.every((word) => lower.includes(word))) found.push(row);
  }
  const column = sort === null ? undefined : columnOf(sort.column);
  if (sort === null || column === undefined) return Uint32Array.from(found);
  const sign = sort.descending ? -1 : 1;
  const byName = column.id === 'name';
  return Uint32Array.from(
    found.sort((one, other) => {
      if (byName)
        return (
          sign * (rows.names[one] ?? '').localeCompare(rows.names[other] ?? '', undefined, { numeric: true })
        );
      const [a, b] = [column.value(rows, one), column.value(rows, other)];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return sign * (a - b) || one - other;
    }),
  );
}

/** Where there is little room, the last of these go first. */
const BY_IMPORTANCE: readonly ColumnId[] = [
  ...(['name', 'coverage', 'entropyShare', 'topShare', 'tokens', 'outliers', 'effective'] as const),
  ...(['total', 'cosine', 'mean', 'max', 'zScoreShare', 'std', 'active'] as const),
];

/** The columns that this file has something for, in `width` px; the most important in any case. */
export function columnsFor(rows: AllRows, width = Infinity): readonly Column[] {
  const isMixture = rows.matrices.some((count) => count > 1);
  const useful = COLUMNS.filter(({ ofMixture }) => isMixture || ofMixture !== true);
  const kept = new Set<ColumnId>();
  let room = width - SIDES;
  for (const id of BY_IMPORTANCE) {
    const column = useful.find((one) => one.id === id);
    if (column === undefined) continue;
    room -= column.least;
    if (room < 0 && kept.size >= ALWAYS) break;
    kept.add(id);
  }
  return useful.filter(({ id }) => kept.has(id));
}

/** Px beside the columns, and how many stay in any case. */
const SIDES = 32;
const ALWAYS = 3;

/** CSS of the tracks, and px that they need. */
export const trackList = (
  columns: readonly Column[],
): { readonly tracks: string; readonly least: string } => ({
  tracks: columns.map(({ least, share }) => `minmax(${least}px, ${share}fr)`).join(' '),
  least: `${columns.reduce((sum, { least }) => sum + least, SIDES)}px`,
});
