// What is said of a job besides its line.
import type { JobView } from '../../../src/protocol/requantize.ts';
import { jobShare, jobText } from '../../../src/protocol/requantizeWords.ts';

/** Rarely, so that it can be heard. */
export function announcement(job: JobView | null): string {
  if (job === null) return '';
  if (job.state !== 'running') return jobText(job);
  const quarter = Math.floor(jobShare(job) * 4);
  return quarter === 0 ? 'Quantizing' : `${quarter * 25} % written`;
}
