// Which of the jobs makes what the page shows, and how far it is.
import type { JobView } from '../../../src/protocol/requantize.ts';

export const isActive = ({ state }: JobView): boolean =>
  state === 'queued' || state === 'running' || state === 'cancelling';

export interface ShownPlan {
  readonly source: string | undefined;
  /** Where the user wants it; null: wherever it was proposed. */
  readonly output: string | null;
  readonly isRecipe: (job: JobView) => boolean;
}

/** The newest job of the recipe that the page shows, and of its output where the user chose one; null: there is none. */
export function shownJob(jobs: readonly JobView[], { source, output, isRecipe }: ShownPlan): JobView | null {
  const own = jobs.filter(
    (job) => job.source.path === source && (output === null || job.output.path === output) && isRecipe(job),
  );
  return own.at(-1) ?? null;
}

/** Turn of the tensor at work; null: nothing of it is written now. */
export const writtenTurn = (job: JobView | null): number | null =>
  job?.state === 'running' && job.phase === 'writing' ? job.tensor : null;
