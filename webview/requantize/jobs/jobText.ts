// A job in words.
import { formatBits, formatBytes, formatCount, formatDuration } from '../../../src/core/base/units.ts';
import type { JobView } from '../../../src/protocol/requantize.ts';

/** Pieces of one line, the most important first: "Writing 175 of 291 tensors", "2.87 of 4.95 GB", "410 MB/s", "17 s left". */
export function jobWords(job: JobView): string[] {
  switch (job.state) {
    case 'queued':
      return [
        job.ahead === 0
          ? 'Begins in a moment'
          : `Waits for ${job.ahead === 1 ? 'the job before it' : `${job.ahead} jobs`}`,
      ];
    case 'cancelling':
      return ['Cancelling; what was written is removed'];
    case 'cancelled':
      return ['Cancelled; nothing was left behind'];
    case 'failed':
      return [job.why];
    case 'done':
      return [
        `Written in ${formatDuration(job.seconds)}`,
        formatBytes(job.fileBytes),
        `${formatBits(job.bitsPerWeight)} bits per weight`,
      ];
    case 'running': {
      if (job.phase === 'checking') return ['Checking the source'];
      const { tensor, tensorCount, writtenBytes, bytesPerSecond, secondsLeft } = job;
      return [
        `Writing ${formatCount(tensor)} of ${formatCount(tensorCount)} tensors`,
        `${formatBytes(writtenBytes)} of ${formatBytes(job.plannedBytes)}`,
        ...(bytesPerSecond > 0 ? [`${formatBytes(bytesPerSecond)}/s`] : []),
        ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
      ];
    }
  }
}

/** 0…1 */
export function jobShare(job: JobView): number {
  if (job.state === 'done') return 1;
  if (job.state !== 'running' || job.phase === 'checking') return 0;
  const byTensors = job.tensorCount === 0 ? 0 : Math.max(0, job.tensor - 1) / job.tensorCount;
  return Math.min(1, job.plannedBytes > 0 ? job.writtenBytes / job.plannedBytes : byTensors);
}

/** Rarely, so that it can be heard. */
export function announcement(job: JobView | null): string {
  if (job === null) return '';
  if (job.state !== 'running') return jobWords(job).join(', ');
  const quarter = Math.floor(jobShare(job) * 4);
  return quarter === 0 ? 'Quantizing' : `${quarter * 25} % written`;
}
