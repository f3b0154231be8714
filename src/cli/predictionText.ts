// The prediction of a quantization as text for a terminal: cells beside each tensor, and lines below them.
import type { PredictNews, Prediction, RelativeError, TensorPrediction } from '../app/quantize/predict.ts';
import {
  formatCount,
  formatDuration,
  formatFixed,
  formatMemory,
  formatPercent,
  plural,
} from '../core/base/units.ts';
import { visibleText } from '../core/base/visibleText.ts';

/** Root of the mean square error relative to that of the weights, and the same in dB: signal to quantization noise. */
export const ERROR_HEAD: readonly string[] = ['error', 'SQNR'];

export function errorCells(prediction: TensorPrediction | undefined): [error: string, sqnr: string] {
  if (prediction?.kind === 'kept') return ['none', ''];
  if (prediction?.kind !== 'changed') return ['–', '–'];
  const { error } = prediction;
  const about = error.isEstimate ? '≈ ' : '';
  return [`${about}${formatPercent(error.relativeRmse)} %`, `${about}${decibels(error)}`];
}

const decibels = ({ sqnr }: RelativeError): string => (sqnr === null ? '' : `${formatFixed(sqnr, 2)} dB`);

export function predictionLines({ tensors, whole, cost, notes }: Prediction): string[] {
  const { seconds, timeText, memoryBytes, memoryText } = cost;
  const whys = [...tensors.values()].flatMap((one) => (one.kind === 'refused' ? [one.why] : []));
  const error = `${formatPercent(whole.relativeRmse)} %${whole.sqnr === null ? '' : `, ${decibels(whole)}`}`;
  return [
    `predicted error of all weights: ${whole.isEstimate ? '≈ ' : ''}${error}` +
      (whole.known < whole.tensors
        ? ` (of ${formatCount(whole.known)} of ${plural(whole.tensors, 'tensor')})`
        : ''),
    `time: ${seconds === null ? 'not known' : `≈ ${formatDuration(seconds)}`}. ${timeText}`,
    `memory: ≈ ${formatMemory(memoryBytes)}. ${memoryText}`,
    ...notes,
    ...whys,
  ];
}

/** What stands on the line of progress after each tensor. */
export const predictProgress = ({ name, done, count }: PredictNews): string =>
  `predicting: ${formatCount(done)} of ${formatCount(count)} ${visibleText(name)}`;
