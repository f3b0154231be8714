// How far an analysis is, in the same words for the page, the notification and the status bar.
import { byteUnit, formatCount, formatDuration, formatFixed, plural } from '../core/base/units.ts';
import type { AnalysisStatus } from './analysis.ts';

export const isRunning = ({ state }: AnalysisStatus): boolean =>
  state === 'estimating' || state === 'running';

/** How much of the work is done, 0 … 1. */
export const shareDone = ({ bytes, bytesDone }: AnalysisStatus): number =>
  bytes === 0 ? 0 : Math.min(1, bytesDone / bytes);

/** The parts of the line that tells of a running analysis; '' for those of which nothing can be said yet. */
export interface ProgressParts {
  /** "Analyzing 192 of 291 tensors" */
  readonly doing: string;
  /** "192 of 291", where there is no room for more. */
  readonly briefly: string;
  /** "3.07 of 4.92 GB" */
  readonly bytes: string;
  /** "1.84 GB/s on 15 threads" */
  readonly speed: string;
  /** "1.0 s left" */
  readonly timeLeft: string;
}

export function progressParts(status: AnalysisStatus): ProgressParts {
  const { tensorsDone, tensorCount, bytes, bytesDone, bytesPerSecond, threads, secondsLeft } = status;
  const { divisor, unit } = byteUnit(bytes);
  const inUnit = (value: number): string => formatFixed(value / divisor, divisor === 1 ? 0 : 2);
  const isEstimating = status.state === 'estimating';
  return {
    doing: isEstimating
      ? 'Estimating from 1/64 of the rows…'
      : `Analyzing ${formatCount(tensorsDone)} of ${plural(tensorCount, 'tensor')}`,
    briefly: isEstimating ? 'Estimating…' : `${formatCount(tensorsDone)} of ${formatCount(tensorCount)}`,
    bytes: isEstimating ? '' : `${inUnit(bytesDone)} of ${inUnit(bytes)} ${unit}`,
    speed:
      bytesPerSecond > 0
        ? `${formatFixed(bytesPerSecond / 1e9, 2)} GB/s on ${plural(threads, 'thread')}`
        : '',
    timeLeft: secondsLeft === null ? '' : `${formatDuration(secondsLeft)} left`,
  };
}

/** The parts as one text. */
export const progressLine = ({ doing, bytes, speed, timeLeft }: ProgressParts): string =>
  [doing, bytes, speed, timeLeft].filter((part) => part !== '').join(' · ');
