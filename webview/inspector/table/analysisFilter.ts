// What the filter of the inspector can ask of the analysis, besides what stands in the header.
import { oneDecimal, TENSOR_KEYS, type FilterKeys, type Term } from '../../shared/filter/filterLanguage.ts';
import type { OwnColumns } from '../../shared/filter/filterRows.ts';
import type { Stats } from '../stats.ts';

export const ANALYSIS_KEYS = {
  outliers: { kind: 'number', units: { '%': 1 }, example: 'outliers>1', help: 'percent beyond 3σ' },
  kurtosis: { kind: 'number', takesNegative: true, example: 'kurtosis>3', help: 'excess kurtosis' },
  std: { kind: 'number', tolerance: asWritten, example: 'std<1e-3', help: 'standard deviation' },
  absmax: { kind: 'number', tolerance: asWritten, example: 'absmax>0.5', help: 'largest |w|' },
  scales: { kind: 'number', tolerance: oneDecimal, example: 'scales>4', help: 'log₂ of the range of scales' },
  entropy: { kind: 'number', example: 'entropy<3.5', help: 'bits of its codes' },
} as const satisfies FilterKeys;

export const INSPECTOR_KEYS: FilterKeys = { ...TENSOR_KEYS, ...ANALYSIS_KEYS };

/** Numbers of any size agree when they do in the digits written, or in half a percent: `std:0.0146` finds 0.01462. */
const SHOWN_PART = 0.005;

function asWritten(digits: string): number {
  const [mantissa = '', exponent = '0'] = digits.split('e');
  const decimals = mantissa.includes('.') ? mantissa.length - mantissa.indexOf('.') - 1 : 0;
  return Math.min(10 ** (Number(exponent) - decimals) / 2, Math.abs(Number(digits)) * SHOWN_PART);
}

/** Does the term ask for what only the analysis knows? */
export const needsAnalysis = (term: Term): boolean =>
  'test' in term && term.test.kind === 'number' && Object.hasOwn(ANALYSIS_KEYS, term.test.key);

const columns = new WeakMap<Stats, OwnColumns>();

/** The results so far as columns of the filter; null while there are none. */
export function analysisColumns(stats: Stats | null): OwnColumns | null {
  if (stats === null) return null;
  let known = columns.get(stats);
  if (known === undefined) columns.set(stats, (known = columnsOf(stats)));
  return known;
}

const columnsOf = (stats: Stats): OwnColumns => ({
  numbers(key) {
    switch (key as keyof typeof ANALYSIS_KEYS) {
      case 'outliers':
        return stats.beyond3.map((share) => share * 100);
      case 'kurtosis':
        return stats.kurtosis;
      case 'std':
        return stats.std;
      case 'absmax':
        return stats.absMax;
      case 'scales':
        return stats.scaleRange;
      case 'entropy':
        return stats.entropy;
    }
  },
  texts: () => ({ column: new Uint8Array(0), texts: [], byPrefix: false }),
});
