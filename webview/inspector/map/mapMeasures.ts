// What the colors of the map may stand for: the words for it, and its scale with ticks and marks. The ranges are fixed, so that
// colors mean the same in every model; only that of the size follows the file.
import { byteUnit } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { outlierColor, scaleColor } from '../../shared/colors.ts';
import { bitsScale, ticksAt, type MeasureScale } from '../../shared/map/scale.ts';
import type { InspectorState, MapMeasure } from '../state.ts';
import { isAnalyzing } from '../table/analyzed.ts';

export interface MeasureWords {
  /** Over the map. */
  readonly title: string;
  /** In the list of measures, in a sentence. */
  readonly name: string;
  /** Beside the scale. */
  readonly caption: string;
  /** Over the numbers at the right. */
  readonly column: string;
}

const NORMAL = '▾ normal distribution';
export const MEASURES: Readonly<Record<MapMeasure, MeasureWords>> = {
  bits: { title: 'Bit width', name: 'bits per weight', caption: 'bits per weight', column: 'bpw' },
  size: { title: 'Size', name: 'size', caption: 'size in the file', column: '' },
  outliers: {
    title: 'Outliers',
    name: 'outlier share',
    caption: `% of weights beyond 3σ (${NORMAL})`,
    column: '%',
  },
  kurtosis: { title: 'Kurtosis', name: 'kurtosis', caption: `excess kurtosis (${NORMAL})`, column: 'max' },
  scaleRange: {
    title: 'Scale range',
    name: 'scale range',
    caption: 'log₂ of largest over smallest scale',
    column: 'max',
  },
  entropy: {
    title: 'Code entropy',
    name: 'code entropy',
    caption: 'entropy, % of the code width',
    column: '%',
  },
};

export const needsAnalysis = (measure: MapMeasure): boolean => measure !== 'bits' && measure !== 'size';

/** There are results, or there will be in a moment. */
export const hasAnalysis = (state: InspectorState): boolean =>
  state.stats.value !== null || isAnalyzing(state);

/** The measure the user chose, as far as it can be shown. */
export function shownMeasure(state: InspectorState): MapMeasure {
  const measure = state.mapMeasure.value;
  return needsAnalysis(measure) && !hasAnalysis(state) ? 'bits' : measure;
}

const clamp = (position: number): number => Math.max(0, Math.min(1, position));

/** Shares beyond 3σ: logarithmic, half to eight times that of a normal distribution, erfc(3/√2) = 0.27 %. */
const NORMAL_SHARE = 0.0027;
const DOUBLINGS = 4;
export const outlierPosition = (share: number): number =>
  clamp((Math.log2(share / NORMAL_SHARE) + 1) / DOUBLINGS);

/** The same for the kurtosis, that of a normal distribution being 3 (and its excess 0). */
const NORMAL_KURTOSIS = 3;
const kurtosisPosition = (excess: number): number =>
  clamp((Math.log2(Math.max(1, excess + NORMAL_KURTOSIS) / NORMAL_KURTOSIS) + 1) / DOUBLINGS);

/** Scales of one block a 256th of another's, and more: the largest on the scale. */
const MOST_RANGE = 8;
const rangePosition = (range: number): number => clamp(range / MOST_RANGE);

/** Codes of random bytes use all of their bits; a fifth less is the most that the scale tells apart. */
const LEAST_USE = 0.8;
const usePosition = (use: number): number => clamp((1 - use) / (1 - LEAST_USE));

const SCALES: Readonly<Record<Exclude<MapMeasure, 'bits' | 'size'>, MeasureScale>> = {
  outliers: {
    position: outlierPosition,
    color: outlierColor,
    ticks: ticksAt(outlierPosition, [0.00135, 0.0027, 0.0054, 0.0108, 0.0216], (share) =>
      (share * 100).toFixed(2),
    ),
    marks: [{ position: outlierPosition(NORMAL_SHARE), text: 'Normal distribution: 0.27 %' }],
  },
  kurtosis: {
    position: kurtosisPosition,
    color: outlierColor,
    ticks: ticksAt(kurtosisPosition, [-1.5, 0, 3, 9, 21], (excess) => String(excess).replace('-', '−')),
    marks: [{ position: kurtosisPosition(0), text: 'Normal distribution: 0' }],
  },
  scaleRange: {
    position: rangePosition,
    color: outlierColor,
    ticks: ticksAt(rangePosition, [0, 2, 4, 6, 8]),
    marks: [],
  },
  entropy: {
    position: usePosition,
    color: outlierColor,
    ticks: ticksAt(usePosition, [1, 0.95, 0.9, 0.85, 0.8], (use) => String(Math.round(use * 100))),
    marks: [],
  },
};

/** @param largest Bytes of the largest tensor. */
export function scaleOfMeasure(measure: MapMeasure, model: ModelView, largest: number): MeasureScale {
  if (measure === 'bits') return bitsScale(model);
  return measure === 'size' ? sizeScale(largest) : SCALES[measure];
}

/** Powers of ten up to that of the largest tensor, so many: what is smaller is nothing beside it. */
const SIZE_DECADES = 4;

function sizeScale(largest: number): MeasureScale {
  const last = Math.max(SIZE_DECADES, Math.ceil(Math.log10(Math.max(1, largest))));
  const position = (bytes: number): number =>
    clamp(1 - (last - Math.log10(Math.max(1, bytes))) / SIZE_DECADES);
  const powers = Array.from({ length: SIZE_DECADES + 1 }, (_, index) => 10 ** (last - SIZE_DECADES + index));
  return { position, color: scaleColor, ticks: ticksAt(position, powers, roundBytes), marks: [] };
}

/** "100 kB" */
function roundBytes(bytes: number): string {
  const { unit, divisor } = byteUnit(bytes);
  return `${bytes / divisor} ${unit}`;
}
