// What the button of the analysis does next, what is said of an analysis that rests, and what a screen reader is told.
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { AnalysisStatus } from '../../../src/protocol/analysis.ts';
import { isRunning, shareDone } from '../../../src/protocol/analysisProgress.ts';

/** What the button of the analysis does; null where there is nothing to do. */
export type AnalysisAction = 'analyze' | 'continue' | 'cancel';

export function analysisAction(status: AnalysisStatus | null): AnalysisAction | null {
  if (status === null || status.tensorCount === 0) return null;
  if (isRunning(status)) return 'cancel';
  if (status.tensorsDone >= status.tensorCount) return null;
  return status.tensorsDone > 0 ? 'continue' : 'analyze';
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

/** The same where there is no room for more. */
export const restBriefly = ({ tensorsDone, tensorCount }: AnalysisStatus): string =>
  tensorsDone < tensorCount ? `${formatCount(tensorsDone)} of ${formatCount(tensorCount)}` : '';

/** Told aloud: the beginning, every quarter and the end, not every status. */
export function announcement(status: AnalysisStatus): string {
  const { state, tensorsDone, tensorCount } = status;
  const tensors = `${formatCount(tensorsDone)} of ${plural(tensorCount, 'tensor')}`;
  if (state === 'estimating') return 'Estimating all tensors.';
  if (state === 'running') {
    const quarters = Math.min(3, Math.floor(shareDone(status) * 4));
    return quarters === 0 ? 'Analyzing all tensors.' : `Analysis ${formatCount(quarters * 25)} % done.`;
  }
  if (state === 'cancelled') return `Analysis cancelled; ${tensors} analyzed.`;
  return state === 'done' ? `Analysis done: ${tensors} analyzed.` : '';
}
