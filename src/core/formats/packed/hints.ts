// What is looked up in the data because no file says it. It is the same for all matrices of a model, or nearly: after so many of them the
// last answer holds for the rest.

const MAX_LOOKUPS = 300;

export interface Hints {
  /** @param most lookups, where a file says what is only checked here */
  of<T>(what: string, look: () => T, most?: number): T;
}

export function createHints(): Hints {
  const known = new Map<string, { lookups: number; last: unknown }>();
  return {
    of<T>(what: string, look: () => T, most = MAX_LOOKUPS): T {
      const before = known.get(what) ?? { lookups: 0, last: undefined };
      if (before.lookups >= most) return before.last as T;
      const last = look();
      known.set(what, { lookups: before.lookups + 1, last });
      return last;
    },
  };
}
