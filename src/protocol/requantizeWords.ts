// Jobs of quantizing in words, the same for the page, the notifications and the status bar.
import { formatBits, formatBytes, formatCount, formatDuration } from '../core/base/units.ts';
import { type JobView, MAX_CHOSEN_TENSORS } from './requantize.ts';

/** Pieces of one line, the most important first: "Writing 175 of 291 tensors", "2.87 GB of 4.95 GB", "410.00 MB/s", "17 s left". */
export function jobWords(job: JobView): string[] {
  switch (job.state) {
    case 'queued':
      return [
        job.ahead === 0
          ? 'Begins in a moment'
          : `Waits for ${job.ahead === 1 ? 'the job before it' : `${formatCount(job.ahead)} jobs`}`,
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
    case 'running':
      return job.phase === 'checking' ? ['Checking the source'] : writingWords(job);
  }
}

function writingWords(job: JobView & { readonly state: 'running' }): string[] {
  const { tensor, tensorCount, writtenBytes, plannedBytes, bytesPerSecond, secondsLeft } = job;
  return [
    `Writing ${formatCount(tensor)} of ${formatCount(tensorCount)} tensors`,
    `${formatBytes(Math.min(writtenBytes, plannedBytes))} of ${formatBytes(plannedBytes)}`,
    ...(bytesPerSecond > 0 ? [`${formatBytes(Math.round(bytesPerSecond))}/s`] : []),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ];
}

/** What to do instead: a rule of a recipe file names as many as it likes. */
export const tooManyChosen = (): string =>
  `At most ${formatCount(MAX_CHOSEN_TENSORS)} tensors can be given a type one by one. For more of them write a rule into a recipe file (“tensorTypes”), and load that.`;

/** "sotu-5m-Q8_0.gguf: Written in 1.2 s · 5.68 MB · 8.63 bits per weight" */
export const jobText = (job: JobView): string => `${job.output.fileName}: ${jobWords(job).join(' · ')}`;

/** 0 … 1 of what is to be written. */
export function jobShare(job: JobView): number {
  if (job.state === 'done') return 1;
  return job.state === 'running' ? Math.min(1, job.writtenBytes / Math.max(1, job.plannedBytes)) : 0;
}
