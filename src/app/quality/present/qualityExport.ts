// Measurements as a file: JSON with everything that is kept, CSV and Markdown with the figures one compares.
import { formatBits, formatCount, formatFixed } from '../../../core/base/units.ts';
import type { ExportFormat } from '../../../protocol/quality.ts';
import {
  deviceText,
  differenceText,
  natText,
  percentText,
  scoreText,
} from '../../../protocol/qualityWords.ts';
import type { KeptMeasurement } from '../keptMeasurement.ts';

export const EXPORT_ENDINGS: Record<ExportFormat, string> = { json: 'json', csv: 'csv', markdown: 'md' };

export function exportText(measurements: readonly KeptMeasurement[], format: ExportFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(measurements.map(plain), null, 2)}\n`;
    case 'csv':
      return csv(measurements);
    case 'markdown':
      return markdown(measurements);
  }
}

/** Names as in `quantscope perplexity --json`, where that has them. */
function plain(measurement: KeptMeasurement): object {
  const { id, date, score, figures, spreads, base, isRemoved: _hidden, ...rest } = measurement;
  return {
    id,
    date: new Date(date).toISOString(),
    ...score,
    ...rest,
    base:
      figures === null || base === null
        ? null
        : {
            ...base,
            ...figures,
            ...(spreads !== null && { klSpread: spreads.kl, deltaPSpread: spreads.deltaP }),
          },
  };
}

/** A column → its cell; '' where there is nothing. */
const COLUMNS: Readonly<
  Record<string, (measurement: KeptMeasurement) => string | number | null | undefined>
> = {
  date: ({ date }) => new Date(date).toISOString(),
  model: ({ model }) => model.label,
  path: ({ model }) => model.path,
  fileBytes: ({ model }) => model.fileBytes,
  bitsPerWeight: ({ model }) => model.bitsPerWeight,
  perplexity: ({ score }) => score.perplexity,
  standardError: ({ score }) => score.standardError,
  meanNll: ({ score }) => score.meanNll,
  tokensScored: ({ score }) => score.tokensScored,
  base: ({ base }) => base?.label,
  basePath: ({ base }) => base?.path,
  basePerplexity: ({ figures }) => figures?.base.perplexity,
  deltaPerplexity: ({ figures }) => figures?.deltaPerplexity.value,
  deltaStandardError: ({ figures }) => figures?.deltaPerplexity.error,
  significant: ({ figures }) => (figures === null ? null : String(figures.significant)),
  meanKl: ({ figures }) => figures?.meanKl.value,
  medianKl: ({ figures }) => figures?.medianKl,
  p99Kl: ({ figures }) => figures?.p99Kl,
  maxKl: ({ figures }) => figures?.maxKl,
  sameTop: ({ figures }) => figures?.sameTop.value,
  rmsDeltaP: ({ figures }) => figures?.rmsDeltaP.value,
  text: ({ text }) => text.name,
  sha256: ({ text }) => text.sha256,
  contextTokens: ({ contextTokens }) => contextTokens,
  chunks: ({ chunks }) => chunks,
  device: ({ device }) => deviceText(device),
  engineVersion: ({ engineVersion }) => engineVersion,
  seconds: ({ seconds }) => seconds,
  tokensPerSecond: ({ tokensPerSecond }) => tokensPerSecond,
  notes: ({ notes }) => notes.join(' '),
};

function csv(measurements: readonly KeptMeasurement[]): string {
  const lines = measurements.map((measurement) =>
    Object.values(COLUMNS).map((cell) => quoted(String(cell(measurement) ?? ''))),
  );
  return [Object.keys(COLUMNS), ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** A spreadsheet takes a cell that begins with one of =+-@ for a formula; a number may begin with a minus. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) && !Number.isFinite(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function markdown(measurements: readonly KeptMeasurement[]): string {
  const head = [
    ...['Model', 'Bits/weight', 'Perplexity', 'Against', 'Difference', 'Mean KL (nat)', '99 % KL'],
    ...['Same top', 'RMS Δp', 'Text', 'Chunks', 'Context', 'Device', 'Date'],
  ];
  const rows = measurements.map(
    ({ model, base, score, figures, text, chunks, contextTokens, device, date }) => [
      ...[model.label, formatBits(model.bitsPerWeight), scoreText(score)],
      ...(figures === null || base === null
        ? ['–', '–', '–', '–', '–', '–']
        : [
            base.label,
            `${differenceText(figures.deltaPerplexity)}${figures.significant ? '' : ' (not significant)'}`,
            ...[natText(figures.meanKl.value), natText(figures.p99Kl)],
            ...[percentText(figures.sameTop.value), `${formatFixed(figures.rmsDeltaP.value * 100, 2)} %`],
          ]),
      `${text.name} (SHA-256 ${text.sha256.slice(0, 12)}…)`,
      ...[formatCount(chunks), formatCount(contextTokens), deviceText(device)],
      new Date(date).toISOString().slice(0, 10),
    ],
  );
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |\n`;
  const rule = head.map((title) => (NUMBERS.has(title) ? '--:' : '---'));
  return `${line(head)}|${rule.join('|')}|\n${rows.map(line).join('')}`;
}

const NUMBERS: ReadonlySet<string> = new Set([
  ...['Bits/weight', 'Perplexity', 'Difference', 'Mean KL (nat)', '99 % KL', 'Same top', 'RMS Δp', 'Chunks'],
  'Context',
]);

const cellText = (text: string): string => text.replace(/[|\\<>*_`[\]]/g, '\\$&').replace(/\s+/g, ' ');
