// How far an analysis is, and how fast: bytes by tensor, the rate of the last seconds, and when to tell.

export interface Progress {
  readonly bytesDone: number;
  readonly bytesPerSecond: number;
  /** Of a job that runs, by a name of its own. */
  runs(job: object, bytesDone: number): void;
  /** The job has ended: its bytes count as done, or no more. */
  ended(job: object, bytesDone: number): void;
}

/** The rate is that of so many milliseconds. */
const RATE_MILLISECONDS = 3000;
/** Earlier nothing can be said of it. */
const MIN_RATE_MILLISECONDS = 200;

/** @param before bytes that an earlier analysis has done @param now in milliseconds */
export function createProgress(before: number, now: () => number): Progress {
  const running = new Map<object, number>();
  const samples: { readonly time: number; readonly bytes: number }[] = [{ time: now(), bytes: before }];
  let ended = before;
  const bytesDone = (): number => [...running.values()].reduce((sum, bytes) => sum + bytes, ended);
  const sample = (): void => {
    const time = now();
    const last = samples.at(-1);
    if (last !== undefined && time - last.time < MIN_RATE_MILLISECONDS / 2) return;
    samples.push({ time, bytes: bytesDone() });
    while (samples.length > 2 && time - (samples[1]?.time ?? time) > RATE_MILLISECONDS) samples.shift();
  };
  return {
    get bytesDone() {
      return bytesDone();
    },
    get bytesPerSecond() {
      const first = samples[0];
      if (first === undefined) return 0;
      const milliseconds = now() - first.time;
      return milliseconds < MIN_RATE_MILLISECONDS ? 0 : ((bytesDone() - first.bytes) / milliseconds) * 1000;
    },
    runs(job, bytes) {
      running.set(job, bytes);
      sample();
    },
    ended(job, bytes) {
      running.delete(job);
      ended += bytes;
      sample();
    },
  };
}
