// The words of the analysis: how far it is in one line, what a screen reader is told, and what the button does next.
import { byteUnit, formatCount, formatDuration, formatFixed, plural } from '../../../src/core/base/units.ts';
import type { AnalysisStatus } from '../../../src/protocol/analysis.ts';

/** What the button of the analysis does; null where there is nothing to do. */
export type AnalysisAction = 'analyze' | 'continue' | 'cancel';

export function analysisAction(status: AnalysisStatus | null): AnalysisAction | null {
  if (status === null || status.tensorCount === 0) return null;
  if (isRunning(status)) return 'cancel';
  if (status.tensorsDone >= status.tensorCount) return null;
  return status.tensorsDone > 0 ? 'continue' : 'analyze';
}

export const isRunning = ({ state }: AnalysisStatus): boolean =>
  state === 'estimating' || state === 'running';

/** How much of the work is done, 0 … 1. */
export const shareDone = ({ bytes, bytesDone }: AnalysisStatus): number =>
  bytes === 0 ? 0 : Math.min(1, bytesDone / bytes);

/** The line of a running analysis, part by part: "Analyzing 192 of 291 tensors", "3.07 of 4.92 GB", … */
export function progressParts(status: AnalysisStatus): ProgressParts {
  const { tensorsDone, tensorCount, bytes, bytesDone, bytesPerSecond, threads, secondsLeft } = status;
  const { divisor, unit } = byteUnit(bytes);
  const inUnit = (value: number): string => formatFixed(value / divisor, divisor === 1 ? 0 : 2);
  return {
    doing:
      status.state === 'estimating'
        ? 'Estimating from 1/64 of the rows…'
        : `Analyzing ${formatCount(tensorsDone)} of ${plural(tensorCount, 'tensor')}`,
    bytes: status.state === 'estimating' ? '' : `${inUnit(bytesDone)} of ${inUnit(bytes)} ${unit}`,
    speed:
      bytesPerSecond > 0
        ? `${formatFixed(bytesPerSecond / 1e9, 2)} GB/s on ${plural(threads, 'thread')}`
        : '',
    timeLeft: secondsLeft === null ? '' : `${formatDuration(secondsLeft)} left`,
  };
}

export interface ProgressParts {
  readonly doing: string;
  /** '' while nothing can be said, as the following. */
  readonly bytes: string;
  readonly speed: string;
  readonly timeLeft: string;
}

/** What is said of an analysis that does not run; '' where nothing is worth a word. */
export function restText(status: AnalysisStatus, unavailableCount: number): string {
  const { tensorsDone, tensorCount } = status;
  if (tensorsDone === 0) return '';
  if (tensorsDone < tensorCount)
    return `${formatCount(tensorsDone)} of ${plural(tensorCount, 'tensor')} analyzed`;
  if (unavailableCount === 0) return '';
  const count = plural(unavailableCount, 'tensor has no numbers', 'tensors have no numbers');
  return `${count}: data cut off, missing or not readable`;
}

/** Told aloud: the beginning, every quarter and the end, not every status. */
export function announcement(status: AnalysisStatus): string {
  const { state, tensorsDone, tensorCount } = status;
  const tensors = `${formatCount(tensorsDone)} of ${plural(tensorCount, 'tensor')}`;
  if (state === 'estimating') return 'Estimating all tensors.';
  if (state === 'running') {
    const quarters = Math.floor(shareDone(status) * 4);
    return quarters === 0 ? 'Analyzing all tensors.' : `Analysis ${formatCount(quarters * 25)} % done.`;
  }
  if (state === 'cancelled') return `Analysis cancelled; ${tensors} analyzed.`;
  return state === 'done' ? `Analysis done: ${tensors} analyzed.` : '';
}
