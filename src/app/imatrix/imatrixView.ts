// An importance matrix as its page sees it.
import {
  type CollectedImportance,
  importanceChannels,
  importanceStats,
  topColumns,
} from '../../core/analysis/importance.ts';
import type { Problem } from '../../core/base/problem.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import { roleOf } from '../../core/formats/naming/roles.ts';
import {
  type ExpertImportance,
  IMPORTANCE_NUMBERS,
  type ImatrixRows,
  type ImatrixView,
  type ImportanceNumber,
  MAX_NOTES,
  MAX_TOP_CHANNELS,
  type TensorImportance,
} from '../../protocol/imatrixView.ts';
import type { UnreadableView } from '../../protocol/modelView.ts';
import { shownName } from '../present/tensorColumns.ts';
import { channelProfile } from '../present/tensorStatsView.ts';
import { importanceNotes } from './importanceNotes.ts';
import type { ImportanceRow } from './importanceRows.ts';

/** A message stays below 1 MiB: 26 numbers of 8 bytes a row, and the names. */
const PAGE_ROWS = 3000;
const PAGE_NAME_CHARACTERS = 200_000;
/** Texts that are named. */
const MAX_DATASETS = 20;
const MAX_DATASET = 200;
const MAX_PROBLEMS = 20;
/** Real models have some dozens; what a hostile file has beyond them shares the last one. */
const MAX_ROLES = 512;
const MAX_ROLE = 120;
/** More than any model has: what stands beyond them is in the table, and not over depth. */
const MAX_LAYERS = 4096;
const MAX_NOTE = 400;

export interface PresentedImatrix {
  readonly view: ImatrixView;
  readonly roles: readonly string[];
}

/** @param fileName as the folder has it */
export function imatrixView(
  fileName: string,
  fileBytes: number,
  imatrix: Imatrix,
  problems: readonly Problem[],
  rows: readonly ImportanceRow[],
): PresentedImatrix {
  const roles = [...new Set(rows.map(labelOf))].slice(0, MAX_ROLES);
  const experts = rows.filter(({ entry }) => entry.counts.length > 1);
  const notes = importanceNotes(imatrix, rows);
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
  return {
    roles,
    view: {
      kind: 'imatrix',
      fileName: visibleText(fileName),
      fileBytes,
      format: imatrix.format,
      datasets: imatrix.datasets
        .slice(0, MAX_DATASETS)
        .map((name) => shorten(visibleText(name), MAX_DATASET)),
      chunkCount: imatrix.chunkCount,
      chunkTokens: imatrix.chunkTokens,
      tensorCount: rows.length,
      expertCount: sum(experts.map(({ entry }) => entry.counts.length)),
      unseenCount: sum(experts.map(({ entry, seen }) => entry.counts.length - seen)),
      layerCount: Math.min(
        MAX_LAYERS,
        rows.reduce((most, { place }) => Math.max(most, (place.layer ?? -1) + 1), 0),
      ),
      notes: notes.slice(0, MAX_NOTES).map((note) => ({ ...note, text: shorten(note.text, MAX_NOTE) })),
      noteCount: notes.length,
      problems: problems.slice(0, MAX_PROBLEMS).map(({ severity, text }) => ({ severity, text })),
      roles: roles.map((label) => ({ label, title: roleOf(label.replace(/^.*\./, '')).title })),
      rows: imatrixRows(rows, roles, 0),
      savedState: null,
    },
  };
}

/** "attn_q", of another stack "v.attn_q". */
const labelOf = ({ place: { stack, role } }: ImportanceRow): string =>
  shorten(visibleText(stack === '' ? role : `${stack}.${role}`), MAX_ROLE);

/** Rows from `first` on, as many as fit a message. */
export function imatrixRows(
  rows: readonly ImportanceRow[],
  roles: readonly string[],
  first: number,
): ImatrixRows {
  const names: string[] = [];
  let characters = 0;
  for (const { entry } of rows.slice(first, first + PAGE_ROWS)) {
    const name = shownName(entry.name);
    characters += name.length;
    if (names.length > 0 && characters > PAGE_NAME_CHARACTERS) break;
    names.push(name);
  }
  const page = rows.slice(first, first + names.length);
  const roleIndex = new Map(roles.map((label, index) => [label, index]));
  const floats = (value: (row: ImportanceRow) => number): Float64Array => Float64Array.from(page, value);
  return {
    first,
    names,
    role: Uint16Array.from(page, (row) => roleIndex.get(labelOf(row)) ?? roles.length - 1),
    layer: Int32Array.from(page, ({ place }) => place.layer ?? -1),
    width: floats(({ entry }) => entry.rowLength),
    matrices: Uint32Array.from(page, ({ entry }) => entry.counts.length),
    seen: Uint32Array.from(page, ({ seen }) => seen),
    tokens: floats(({ tokens }) => tokens),
    fewest: floats(({ fewest }) => fewest),
    numbers: Object.fromEntries(
      IMPORTANCE_NUMBERS.map((name) => [name, floats(({ numbers }) => numbers[name])]),
    ) as Record<ImportanceNumber, Float64Array>,
  };
}

/** @param row of the table, `at` its number @param expert null: all together */
export function tensorImportance(
  at: number,
  row: ImportanceRow,
  collected: CollectedImportance,
  expert: number | null,
): TensorImportance {
  const { meanSquares, total, median, effectiveCount } = importanceChannels(collected, expert);
  return {
    row: at,
    expert,
    profile: channelProfile(Float32Array.from(meanSquares, Math.sqrt)),
    effective: effectiveCount,
    tokens: expert === null || Number.isNaN(row.tokens) ? row.tokens : (row.entry.counts[expert] ?? NaN),
    top: topColumns({ meanSquares }, MAX_TOP_CHANNELS).map((channel) => {
      const meanSquare = meanSquares[channel] ?? 0;
      return {
        ...{ channel, meanSquare, share: meanSquare / total },
        times: median > 0 ? Math.sqrt(meanSquare) / median : null,
      };
    }),
    experts: row.entry.counts.length > 1 ? expertsOf(row, collected) : null,
  };
}

function expertsOf({ entry }: ImportanceRow, { sums, divisors }: CollectedImportance): ExpertImportance {
  const width = entry.rowLength;
  return {
    tokens: Float64Array.from(entry.counts),
    total: Float32Array.from(divisors, (divisor, expert) => {
      const own = { sums: sums.subarray(expert * width, (expert + 1) * width), divisors: [divisor] };
      return importanceStats(own)?.total ?? NaN;
    }),
  };
}

export function unreadableImatrix(
  fileName: string,
  fileBytes: number | null,
  problems: readonly Problem[],
): UnreadableView {
  return {
    kind: 'unreadable',
    fileName: visibleText(fileName),
    fileBytes,
    problems: problems.slice(0, MAX_PROBLEMS).map(({ code, severity, text, byteOffset }) => ({
      ...{ code, severity, text, byteOffset },
      ...{ file: '', tensor: -1 },
    })),
  };
}
