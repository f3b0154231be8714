// Chance that can be repeated: the same seed gives the same choices on every machine.

export interface Random {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

/** mulberry32: small, and good enough to choose test cases. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const random: Random = {
    below: (end) => next() % end,
    once: (times) => next() % times === 0,
    pick: (choices) => {
      const choice = choices[next() % choices.length];
      if (choice === undefined) throw new RangeError('There is nothing to choose from.');
      return choice;
    },
  };
  return random;
}
