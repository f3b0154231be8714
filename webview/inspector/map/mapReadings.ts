// The value of a cell of the map in the measure shown, how well it is known, and its text.
import { formatBits, formatBytes, formatFixed, formatPercent } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { Rows } from '../../shared/tensors/rows.ts';
import type { MapMeasure } from '../state.ts';
import type { Stats } from '../stats.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { formatStat, NOT_ANALYZED } from '../table/statColumns.ts';
import {
  addRow,
  largestOf,
  nothingSummed,
  shareBeyond3,
  valueOfRow,
  type StatSum,
} from '../table/statSums.ts';
import type { MapCell } from '../../shared/map/mapCells.ts';
import type { Readings } from '../../shared/map/mapPicture.ts';

/** Each cell is read once, when it is first asked for. */
export function createReadings(measure: MapMeasure, rows: Rows, stats: Stats | null): Readings {
  const known = new Map<MapCell, StatSum>();
  return (cell) => {
    let reading = known.get(cell);
    if (reading === undefined) known.set(cell, (reading = readCell(measure, rows, stats, cell)));
    return reading;
  };
}

const NOTHING: StatSum = { value: NaN, known: 'none' };

function readCell(measure: MapMeasure, rows: Rows, stats: Stats | null, cell: MapCell): StatSum {
  if (measure === 'bits') return { value: cell.bits, known: 'exact' };
  if (measure === 'size') return { value: cell.bytes, known: 'exact' };
  if (stats === null) return NOTHING;
  switch (measure) {
    case 'outliers':
      return shareBeyond3(rows, stats, cell.rows);
    case 'entropy':
      return codeUse(rows, stats, cell.rows);
    case 'kurtosis':
    case 'scaleRange':
      return largest(rows, stats, cell.rows, stats[measure]);
  }
}

/** Bits of entropy over bits of code, each counted once per weight. */
function codeUse(rows: Rows, stats: Stats, members: readonly number[]): StatSum {
  const [only] = members;
  if (only !== undefined && members.length === 1) {
    const { value, known } = valueOfRow(stats, only, stats.entropy);
    return { value: value / (stats.codeBits[only] ?? NaN), known };
  }
  const entropy = nothingSummed();
  const nominal = nothingSummed();
  for (const row of members) {
    if (Number.isNaN(stats.entropy[row] ?? NaN)) addRow(nominal, stats, row, NO_VALUES, rows.weights);
    else {
      addRow(entropy, stats, row, stats.entropy, rows.weights);
      addRow(nominal, stats, row, stats.codeBits, rows.weights);
    }
  }
  return { value: entropy.product / nominal.product, known: largestOf(nominal).known };
}
const NO_VALUES = new Float64Array(0);

/** There is no sum of these: the largest of the matrices, or of the vectors where there is no matrix. */
function largest(rows: Rows, stats: Stats, members: readonly number[], values: Float64Array): StatSum {
  const [only] = members;
  if (only !== undefined && members.length === 1) return valueOfRow(stats, only, values);
  const matrices = members.filter((row) => (rows.rank[row] ?? 0) > 1);
  const sum = nothingSummed();
  for (const row of matrices.length > 0 ? matrices : members) addRow(sum, stats, row, values, rows.weights);
  return largestOf(sum);
}

/** As the numbers at the right have it: short, in the unit of their caption. */
export function shortReading(
  measure: MapMeasure,
  { value, known }: StatSum,
  model: ModelView,
  rows: Rows,
): string {
  if (Number.isNaN(value)) return '–';
  const mark = known === 'estimate' ? '≈' : '';
  switch (measure) {
    case 'bits':
      return formatBits(value);
    case 'size': {
      const { divisor } = measuresOf(model, rows).unit;
      return formatFixed(value / divisor, divisor === 1 || value >= 1000 * divisor ? 0 : 1);
    }
    case 'entropy':
      return mark + formatFixed(value * 100, 1);
    case 'outliers':
      return mark + formatPercent(value);
    default:
      return mark + formatStat(value, measure, NOT_ANALYZED.decimals);
  }
}

/** In a sentence: "0.52 % of the weights beyond 3σ", "kurtosis at least 13.88 so far". */
export function readingInWords(measure: MapMeasure, { value, known }: StatSum, count: number): string {
  const name = WORDS[measure];
  if (Number.isNaN(value))
    return known === 'none'
      ? 'not analyzed'
      : known === 'unavailable'
        ? 'cannot be analyzed'
        : `no ${name}${known === 'estimate' ? ' yet' : ''}`;
  const about = known === 'estimate' ? 'about ' : '';
  switch (measure) {
    case 'bits':
      return `${formatBits(value)} bits per weight`;
    case 'size':
      return formatBytes(value);
    case 'outliers':
      return `${about}${formatPercent(value)} % of the weights beyond 3σ`;
    case 'entropy':
      return `codes use ${about}${formatFixed(value * 100, 1)} % of their bits`;
    default: {
      const which = count > 1 ? `largest ${name}` : name;
      return `${which} ${about}${formatStat(value, measure, NOT_ANALYZED.decimals)}`;
    }
  }
}

const WORDS: Readonly<Record<MapMeasure, string>> = {
  bits: 'bits per weight',
  size: 'size',
  outliers: 'outliers',
  kurtosis: 'kurtosis',
  scaleRange: 'scale range',
  entropy: 'codes',
};
