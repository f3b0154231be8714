// How long native work takes. The first pieces of each kind are timed, on this thread, where nothing but the work is counted;
// all others run beside it, so that a cancel is heard and processors are used.
import type { Done, Where } from './ggmlTypes.ts';

export interface Stopwatch {
  /** Nanoseconds; null where it was not timed. @param work does its native calls at once when they are to be made here */
  time(kind: string, work: (where: Where) => Done): Promise<number | null>;
}

/** One would be the luck of the moment; many would keep this thread from everything else. */
const TIMED_PIECES = 3;

export function createStopwatch(): Stopwatch {
  const timed = new Map<string, number>();
  return {
    async time(kind, work) {
      const before = timed.get(kind) ?? 0;
      if (before >= TIMED_PIECES) {
        await work('beside');
        return null;
      }
      timed.set(kind, before + 1);
      const start = performance.now();
      const done = work('here');
      const nanoseconds = 1e6 * (performance.now() - start);
      await done;
      return nanoseconds;
    },
  };
}

export interface Speed {
  /** @param nanoseconds null: they were not timed, and do not count */
  add(weights: number, nanoseconds: number | null): void;
  /** Nanoseconds; null where nothing was timed. */
  perWeight(): number | null;
}

export function createSpeed(): Speed {
  let [allWeights, allNanoseconds] = [0, 0];
  return {
    add(weights, nanoseconds) {
      if (nanoseconds === null) return;
      allWeights += weights;
      allNanoseconds += nanoseconds;
    },
    perWeight: () => (allWeights === 0 ? null : allNanoseconds / allWeights),
  };
}
