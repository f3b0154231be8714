// quantscope imatrix --show: what stands in an importance matrix, as llama-imatrix --show-statistics tells it, and more.
import { resolve } from 'node:path';
import { readImatrix, type ReadImatrix } from '../app/imatrix/imatrixReader.ts';
import { importanceNotes } from '../app/imatrix/importanceNotes.ts';
import type { ImportanceRow } from '../app/imatrix/importanceRows.ts';
import { NEVER_CANCELLED } from '../core/base/cancel.ts';
import { Failure } from '../core/base/failure.ts';
import { formatBytes, formatCount, formatFixed, formatPercent, plural } from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';
import type { Imatrix } from '../core/formats/imatrix/imatrix.ts';
import { diskAccess } from '../node/fileSource.ts';
import { readOptions } from './options.ts';
import { table } from './table.ts';
import { EXIT, type Terminal } from './terminal.ts';

const NAMES = { values: ['--show'], lists: [], switches: ['--json'] } as const;

/** @throws Failure */
export function imatrixShow(args: readonly string[], terminal: Terminal): number {
  const { values, switches } = readOptions('imatrix --show FILE', args, [], NAMES);
  const path = values['--show'] ?? '';
  const read = readImatrix(diskAccess, resolve(path), NEVER_CANCELLED);
  const { imatrix } = read;
  if (imatrix === null) {
    const why = read.problems.find(({ severity }) => severity === 'error')?.text ?? 'nothing could be read.';
    throw new Failure('not-readable', `${path}: ${why}`);
  }
  terminal.out(
    switches['--json'] ? `${JSON.stringify(report(imatrix, read), null, 2)}\n` : textOf(path, imatrix, read),
  );
  return EXIT.ok;
}

/** null where a number is not known: JSON has no NaN. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

function report(imatrix: Imatrix, { rows, problems }: ReadImatrix): object {
  const { format, datasets, chunkCount, chunkTokens } = imatrix;
  return {
    ...{ format, datasets, chunkCount, chunkTokens },
    warnings: [
      ...problems.map(({ severity, text }) => ({ severity, text })),
      ...importanceNotes(imatrix, rows).map(({ severity, text }) => ({ severity, text })),
    ],
    tensors: rows.map(({ entry, place, seen, tokens, numbers }) => ({
      name: entry.name,
      layer: place.layer,
      role: place.role,
      columns: entry.rowLength,
      matrices: entry.counts.length,
      matricesSeen: seen,
      tokens: known(tokens),
      counts: entry.counts,
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, known(value)])),
    })),
  };
}

function textOf(path: string, imatrix: Imatrix, { snapshot, rows, problems }: ReadImatrix): string {
  const { format, datasets, chunkCount, chunkTokens } = imatrix;
  const bytes = snapshot.fileBytes;
  const chunks = chunkCount === null ? null : plural(chunkCount, 'chunk');
  const facts = [
    format === 'gguf' ? 'GGUF' : 'old format',
    ...(bytes === null ? [] : [formatBytes(bytes)]),
    plural(rows.length, 'tensor'),
    ...(chunks === null ? [] : [chunkTokens === null ? chunks : `${chunks} of ${formatCount(chunkTokens)}`]),
    ...datasets.map(visibleText),
  ];
  const isMixture = rows.some(({ entry }) => entry.counts.length > 1);
  const columns = COLUMNS.filter(({ ofMixture }) => isMixture || ofMixture !== true);
  const lines = table(
    [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ text }) => text(row)))],
    columns.map(({ isText }) => isText === true),
  );
  const notes = [
    ...problems.map(({ severity, text }) => `${severity}: ${text}`),
    ...importanceNotes(imatrix, rows).map(({ severity, text }) => `${severity}: ${text}`),
  ];
  return `${[`${visibleText(path)}: ${facts.join(' · ')}`, '', ...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`;
}

interface Column {
  readonly head: string;
  readonly isText?: boolean;
  readonly ofMixture?: boolean;
  readonly text: (row: ImportanceRow) => string;
}

const NOT_KNOWN = '–';
const fixed = (value: number, decimals: number): string =>
  Number.isFinite(value) ? formatFixed(value, decimals) : NOT_KNOWN;
const percent = (share: number): string => (Number.isFinite(share) ? formatPercent(share) : NOT_KNOWN);
const counted = (value: number): string => (Number.isFinite(value) ? formatCount(value) : NOT_KNOWN);

const COLUMNS: readonly Column[] = [
  { head: 'Layer', text: ({ place }) => (place.layer === null ? NOT_KNOWN : String(place.layer)) },
  { head: 'Tensor', isText: true, text: ({ place, entry }) => visibleText(place.role || entry.name) },
  {
    ...{ head: 'Experts seen', ofMixture: true },
    text: ({ entry, seen }) =>
      entry.counts.length > 1 ? `${formatCount(seen)} of ${formatCount(entry.counts.length)}` : NOT_KNOWN,
  },
  { head: 'Fewest', ofMixture: true, text: ({ fewest }) => counted(fewest) },
  { head: 'Tokens', text: ({ tokens }) => counted(tokens) },
  { head: 'Σ(Act²)', text: ({ numbers }) => fixed(numbers.total, 2) },
  { head: 'Min', text: ({ numbers }) => fixed(numbers.min, 4) },
  { head: 'Max', text: ({ numbers }) => fixed(numbers.max, 4) },
  { head: 'μ', text: ({ numbers }) => fixed(numbers.mean, 4) },
  { head: 'σ', text: ({ numbers }) => fixed(numbers.std, 4) },
  { head: '% active', text: ({ numbers }) => percent(numbers.active) },
  { head: 'N', text: ({ numbers }) => counted(numbers.count) },
  { head: 'Entropy', text: ({ numbers }) => fixed(numbers.entropy, 4) },
  { head: 'E(norm) %', text: ({ numbers }) => percent(numbers.entropyShare) },
  { head: 'ZD %', text: ({ numbers }) => percent(numbers.zScoreShare) },
  { head: 'CosSim', text: ({ numbers }) => fixed(numbers.cosine, 4) },
  { head: 'Outliers', text: ({ numbers }) => counted(numbers.outliers) },
  {
    head: 'Top channel',
    text: ({ numbers }) =>
      numbers.topChannel < 0 || !Number.isFinite(numbers.topShare)
        ? NOT_KNOWN
        : `${formatCount(numbers.topChannel)} (${formatPercent(numbers.topShare)} %)`,
  },
];
