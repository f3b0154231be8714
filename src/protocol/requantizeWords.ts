// Jobs of quantizing in words, the same for the page, the notifications and the status bar.
import { formatBits, formatBytes, formatCount, formatDuration } from '../core/base/units.ts';
import type { JobView } from './requantize.ts';

/** 0 … 1 of what is to be written. */
export function jobShare(job: JobView): number {
  if (job.state === 'done') return 1;
  return job.state === 'running' ? Math.min(1, job.writtenBytes / Math.max(1, job.plannedBytes)) : 0;
}

/** One line: "Writing 175 of 291 tensors · 2.87 GB of 4.95 GB · 410.00 MB/s · 17 s left". */
export const jobText = (job: JobView): string => jobParts(job).join(' · ');

export function jobParts(job: JobView): string[] {
  switch (job.state) {
    case 'queued':
      return [job.ahead === 1 ? 'Waits for another job' : `Waits for ${formatCount(job.ahead)} other jobs`];
    case 'cancelling':
      return ['Cancelling'];
    case 'cancelled':
      return ['Cancelled; nothing was left behind'];
    case 'failed':
      return [job.why];
    case 'done':
      return [
        `${job.output.fileName}: ${formatBytes(job.fileBytes)}`,
        `${formatBits(job.bitsPerWeight)} bits per weight`,
        `written in ${formatDuration(job.seconds)}`,
      ];
    case 'running':
      return job.phase === 'checking' ? ['Checking the source'] : writingParts(job);
  }
}

function writingParts(job: JobView & { readonly state: 'running' }): string[] {
  const { tensor, tensorCount, writtenBytes, plannedBytes, bytesPerSecond, secondsLeft } = job;
  return [
    `Writing ${formatCount(tensor)} of ${formatCount(tensorCount)} tensors`,
    `${formatBytes(Math.min(writtenBytes, plannedBytes))} of ${formatBytes(plannedBytes)}`,
    ...(bytesPerSecond > 0 ? [`${formatBytes(Math.round(bytesPerSecond))}/s`] : []),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ];
}
