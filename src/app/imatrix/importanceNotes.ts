// What must be known of an importance matrix before a quantization relies on it, in sentences.
import { FEW_ROWS } from '../../core/analysis/importance.ts';
import { formatCount, plural } from '../../core/base/units.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import type { ImatrixNote } from '../../protocol/imatrixView.ts';
import type { ImportanceRow } from './importanceRows.ts';

/** The worst first. */
export function importanceNotes(imatrix: Imatrix, rows: readonly ImportanceRow[]): readonly ImatrixNote[] {
  const isLegacy = imatrix.format === 'legacy';
  return [
    ...brokenNotes(rows),
    ...unseenNotes(rows),
    ...(isLegacy ? [] : fewNotes(rows)),
    ...silentNotes(rows),
    ...(isLegacy ? [LEGACY] : []),
  ];
}

const LEGACY: ImatrixNote = {
  severity: 'info',
  text: 'This is the format of before 2025: it does not say how many tokens each tensor has met, nor tells experts apart.',
  row: -1,
};

function brokenNotes(rows: readonly ImportanceRow[]): ImatrixNote[] {
  return rows.flatMap(({ entry, nonFinite }, row) =>
    nonFinite === 0
      ? []
      : [
          {
            severity: 'error' as const,
            text: `${shown(entry.name)} has ${plural(nonFinite, 'value')} beyond all numbers (NaN or infinity): what computed them is broken, and no quantization can use them.`,
            row,
          },
        ],
  );
}

/** One for each layer and set of experts: gate, up and down of a layer meet the same tokens. */
function unseenNotes(rows: readonly ImportanceRow[]): ImatrixNote[] {
  return grouped(
    rows,
    ({ counts }) =>
      (count) =>
        count === 0 && counts.length > 1,
  ).map(({ row, place, names, experts, of }) => ({
    severity: 'warning',
    text: `${place}: ${listOf(experts)} of ${formatCount(of)} never met a token (${names}); ${experts.length === 1 ? 'it is' : 'they are'} quantized as if without importance matrix. More or other text may reach ${experts.length === 1 ? 'it' : 'them'}.`,
    row,
  }));
}

function fewNotes(rows: readonly ImportanceRow[]): ImatrixNote[] {
  const isFew = (count: number): boolean => count > 0 && count < FEW_ROWS;
  const dense = [...rows.entries()].filter(
    ([, { entry }]) => entry.counts.length === 1 && isFew(entry.counts[0] ?? 0),
  );
  const [first] = dense;
  const experts = grouped(
    rows,
    ({ counts }) =>
      (count) =>
        counts.length > 1 && isFew(count),
  ).map(({ row, place, names, experts: found, of, least }): ImatrixNote => ({
    severity: 'warning',
    text: `${place}: ${listOf(found)} of ${formatCount(of)} met ${found.length === 1 ? `only ${plural(least, 'token')}` : `fewer than ${formatCount(FEW_ROWS)} tokens, the rarest ${formatCount(least)}`} (${names}); columns are weighed by chance.`,
    row,
  }));
  if (first === undefined) return experts;
  const [row, { fewest }] = first;
  const all: ImatrixNote = {
    severity: 'warning',
    text: `${plural(dense.length, 'tensor')} met fewer than ${formatCount(FEW_ROWS)} tokens, ${shown(rows[row]?.entry.name ?? '')} ${formatCount(fewest)}: columns are weighed by chance. Use more chunks.`,
    row,
  };
  return [all, ...experts];
}

function silentNotes(rows: readonly ImportanceRow[]): ImatrixNote[] {
  const silent = [...rows.entries()].filter(
    ([, { seen, numbers, nonFinite }]) => nonFinite === 0 && (seen === 0 || numbers.total === 0),
  );
  const dense = silent.filter(([, { entry, seen }]) => seen > 0 || entry.counts.length === 1);
  const [first] = dense;
  if (first === undefined) return [];
  const names = dense.slice(0, MAX_NAMES).map(([, { entry }]) => shown(entry.name));
  const more = dense.length > names.length ? ` and ${formatCount(dense.length - names.length)} more` : '';
  return [
    {
      severity: 'warning',
      text: `No activations in ${names.join(', ')}${more}: every column counts the same there.`,
      row: first[0],
    },
  ];
}

interface Group {
  readonly row: number;
  readonly place: string;
  /** Names of the tensors, without layer. */
  readonly names: string;
  readonly experts: readonly number[];
  readonly of: number;
  readonly least: number;
}

/** Tensors of one layer in which the same experts are found, together. */
function grouped(
  rows: readonly ImportanceRow[],
  findsIn: (entry: ImportanceRow['entry']) => (count: number) => boolean,
): Group[] {
  const groups = new Map<string, Group>();
  for (const [row, { entry, place }] of rows.entries()) {
    const find = findsIn(entry);
    const experts = entry.counts.flatMap((count, expert) => (find(count) ? [expert] : []));
    if (experts.length === 0) continue;
    const where = place.layer === null ? shown(entry.name) : `Layer ${formatCount(place.layer)}`;
    const key = `${place.stack}/${where}/${experts.join()}/${entry.counts.length}`;
    const known = groups.get(key);
    const name = shown(place.role);
    const least = experts.reduce((few, expert) => Math.min(few, entry.counts[expert] ?? 0), Infinity);
    groups.set(
      key,
      known === undefined
        ? { row, place: where, names: name, experts, of: entry.counts.length, least }
        : { ...known, names: `${known.names}, ${name}`, least: Math.min(known.least, least) },
    );
  }
  return [...groups.values()];
}

const MAX_NAMES = 3;
const MAX_LISTED = 8;

/** "expert 3", "experts 3, 5", "12 experts". */
function listOf(experts: readonly number[]): string {
  const [one = 0] = experts;
  if (experts.length === 1) return `expert ${formatCount(one)}`;
  if (experts.length > MAX_LISTED) return `${formatCount(experts.length)} experts`;
  return `experts ${experts.map(formatCount).join(', ')}`;
}

const shown = (name: string): string => shorten(visibleText(name), 80);
