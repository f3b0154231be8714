// How changes are told: to whoever listens, and not more often than anybody can see.

export interface Listeners<T extends unknown[]> {
  add(tell: (...values: T) => void): () => void;
  tell(...values: T): void;
}

export function listeners<T extends unknown[]>(): Listeners<T> {
  const all = new Set<(...values: T) => void>();
  return {
    add(one) {
      all.add(one);
      return () => all.delete(one);
    },
    tell(...values) {
      for (const one of all) one(...values);
    },
  };
}

/** Calls once, later; answers what prevents it. */
export type Later = (milliseconds: number, call: () => void) => () => void;

/** Calls at once, then at most once in so many milliseconds, the last time after the last ask. */
export function throttle(
  milliseconds: number,
  call: () => void,
  later: Later,
): { ask(): void; stop(): void } {
  let prevent: (() => void) | null = null;
  let isAsked = false;
  const rest = (): void => {
    prevent = later(milliseconds, () => {
      prevent = null;
      if (isAsked) go();
    });
  };
  const go = (): void => {
    isAsked = false;
    rest();
    call();
  };
  return {
    ask() {
      isAsked = true;
      if (prevent === null) go();
    },
    stop() {
      prevent?.();
      isAsked = false;
    },
  };
}
