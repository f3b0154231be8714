// The runs of the window: what waits, what is being written, what came of it.

/** One run of the window. The oldest first; those that ended stay until they are dismissed, at most MAX_ENDED_JOBS. */
export type JobView = {
  readonly id: string;
  readonly source: { readonly path: string; readonly fileName: string };
  readonly output: { readonly path: string; readonly fileName: string };
  /** "Q4_K_M", "Q4_K_M, 2 overrides". */
  readonly label: string;
  readonly plannedBytes: number;
} & JobState;

export type JobState =
  | { readonly state: 'queued'; readonly ahead: number }
  | ({ readonly state: 'running' } & JobProgress)
  | { readonly state: 'cancelling' }
  | ({ readonly state: 'done' } & JobResult)
  | {
      readonly state: 'failed';
      /** One sentence. Nothing was left behind. */
      readonly why: string;
      /** What llama.cpp said last, at most 200 lines of visible text. */
      readonly log: readonly string[];
    }
  | { readonly state: 'cancelled' };

export interface JobProgress {
  /** checking: our reader and the dry run before it. */
  readonly phase: 'checking' | 'writing';
  /** Number of the tensor at work (from 1; 0: none yet) of all, its turn in PlanColumns. */
  readonly tensor: number;
  readonly tensorCount: number;
  /** Full visible name in the output; '' while there is none. */
  readonly tensorName: string;
  readonly writtenBytes: number;
  /** Of what is written; 0 while nothing can be said. */
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
}

export interface JobResult {
  readonly fileBytes: number;
  readonly bitsPerWeight: number;
  readonly seconds: number;
}

export const MAX_ENDED_JOBS = 20;
