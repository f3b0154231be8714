// What is looked up in the data because no file says it. It is the same for all matrices of a model, or nearly: after so many of them the
// last answer holds for the rest.

const MAX_LOOKUPS = 300;

export interface Hints {
  of<T>(what: string, look: () => T): T;
}

export function createHints(): Hints {
  const known = new Map<string, { lookups: number; last: unknown }>();
  return {
    of<T>(what: string, look: () => T): T {
      const before = known.get(what) ?? { lookups: 0, last: undefined };
      if (before.lookups >= MAX_LOOKUPS) return before.last as T;
      const last = look();
      known.set(what, { lookups: before.lookups + 1, last });
      return last;
    },
  };
}
