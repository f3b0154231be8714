// The table of measurements as data: in groups that can be compared, sorted within them, every cell as text.
import { formatBits, formatBytes } from '../../../src/core/base/units.ts';
import type { MeasurementView, QualityView } from '../../../src/protocol/quality.ts';
import { differenceText, natText, percentText } from '../../../src/protocol/qualityWords.ts';
import { dateText, perplexityText } from '../figures.ts';
import type { HistoryColumn, HistorySort } from '../state.ts';

export interface HistoryGroup {
  readonly key: string;
  /** "English · 16 chunks of 512". */
  readonly label: string;
  readonly rows: readonly MeasurementView[];
}

type Values = Pick<QualityView, 'measurements' | 'others' | 'series'>;

/** The series of the latest measurement first; what stands in one group can be compared. */
export function historyGroups({ measurements, others, series }: Values, sort: HistorySort): HistoryGroup[] {
  const all = [...measurements, ...others];
  return series
    .map(({ key, label }) => ({
      key,
      label,
      rows: sorted(
        all.filter((one) => one.series === key),
        sort,
      ),
    }))
    .filter(({ rows }) => rows.length > 0);
}

/** What is not known stands at the end, whichever way is sorted. */
function sorted(rows: readonly MeasurementView[], { column, descending }: HistorySort): MeasurementView[] {
  const known = rows.filter((row) => sortValue(row, column) !== null);
  const unknown = rows.filter((row) => sortValue(row, column) === null);
  const compare = (one: MeasurementView, other: MeasurementView): number => {
    const [a, b] = [sortValue(one, column) ?? 0, sortValue(other, column) ?? 0];
    const order = typeof a === 'string' || typeof b === 'string' ? String(a).localeCompare(String(b)) : a - b;
    return (descending ? -order : order) || other.date - one.date;
  };
  return [...known.toSorted(compare), ...unknown.toSorted((one, other) => other.date - one.date)];
}

function sortValue(row: MeasurementView, column: HistoryColumn): number | string | null {
  const { model, score, figures, device, date } = row;
  const number = (value: number | null | undefined): number | null =>
    value === null || value === undefined || Number.isNaN(value) ? null : value;
  switch (column) {
    case 'date':
      return date;
    case 'model':
      return model.label;
    case 'bits':
      return number(model.bitsPerWeight);
    case 'bytes':
      return number(model.fileBytes);
    case 'perplexity':
      return number(score.perplexity);
    case 'delta':
      return number(figures?.deltaPerplexity.value);
    case 'kl':
      return number(figures?.meanKl.value);
    case 'sameTop':
      return number(figures?.sameTop.value);
    case 'device':
      return device.backend;
  }
}

export interface ColumnHead {
  readonly id: HistoryColumn;
  readonly title: string;
  /** For hover, where the title is short. */
  readonly meaning: string;
  readonly isNumber: boolean;
}

export const HISTORY_COLUMNS: readonly ColumnHead[] = [
  { id: 'date', title: 'Measured', meaning: 'When it was measured', isNumber: false },
  { id: 'model', title: 'Model', meaning: 'Name and quantization', isNumber: false },
  { id: 'bits', title: 'Bits/weight', meaning: 'Bits per weight of the whole file', isNumber: true },
  { id: 'bytes', title: 'Size', meaning: 'Size of the file', isNumber: true },
  { id: 'perplexity', title: 'Perplexity', meaning: 'Perplexity ± standard error', isNumber: true },
  {
    id: 'delta',
    title: 'Δ to base',
    meaning: 'Perplexity above that of the base ± paired error',
    isNumber: true,
  },
  { id: 'kl', title: 'Mean KL', meaning: 'Mean KL divergence from the base, in nat', isNumber: true },
  {
    id: 'sameTop',
    title: 'Same top',
    meaning: 'Places where both expect the same token most',
    isNumber: true,
  },
  { id: 'device', title: 'Device', meaning: 'What it was computed on', isNumber: false },
];

const NOT_KNOWN = '–';

export function historyCell(row: MeasurementView, column: HistoryColumn): string {
  const { model, score, figures, device, date } = row;
  switch (column) {
    case 'date':
      return dateText(date);
    case 'model':
      return model.label;
    case 'bits':
      return formatBits(model.bitsPerWeight);
    case 'bytes':
      return model.fileBytes > 0 ? formatBytes(model.fileBytes) : NOT_KNOWN;
    case 'perplexity':
      return perplexityText(score);
    case 'delta':
      return figures === null || !Number.isFinite(figures.deltaPerplexity.value)
        ? NOT_KNOWN
        : differenceText(figures.deltaPerplexity);
    case 'kl':
      return figures === null || !Number.isFinite(figures.meanKl.value)
        ? NOT_KNOWN
        : natText(figures.meanKl.value);
    case 'sameTop':
      return figures === null || !Number.isFinite(figures.sameTop.value)
        ? NOT_KNOWN
        : percentText(figures.sameTop.value);
    case 'device':
      return device.backend;
  }
}

/** "1 measurement", and what may be done with the ticked ones: those of other models belong to their pages. */
export function chosenRows(
  { measurements, others }: Pick<Values, 'measurements' | 'others'>,
  ticked: ReadonlySet<string>,
  shown: string,
): { readonly toRemove: readonly string[]; readonly toExport: readonly string[] } {
  const own = measurements.map(({ id }) => id);
  const all = [...own, ...others.map(({ id }) => id)];
  if (ticked.size > 0)
    return { toRemove: own.filter((id) => ticked.has(id)), toExport: all.filter((id) => ticked.has(id)) };
  return { toRemove: own.filter((id) => id === shown), toExport: own };
}
