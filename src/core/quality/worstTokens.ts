// The few tokens that suffered most, while the text is read: what is worth a closer look is known only when it is over.

export interface WorstTokens<Detail> {
  /** Whether a token with so much damage would be kept now: asked before its detail is computed. */
  wants(damage: number): boolean;
  add(damage: number, detail: Detail): void;
  /** The kept ones, the worst first; of equals, the earlier. */
  list(): readonly WorstToken<Detail>[];
}

export interface WorstToken<Detail> {
  readonly damage: number;
  readonly detail: Detail;
}

/** Keeps the `limit` tokens with the most damage. NaN is no damage that can be compared: it is not kept. */
export function createWorstTokens<Detail>(limit: number): WorstTokens<Detail> {
  const kept: WorstToken<Detail>[] = [];
  const wants = (damage: number): boolean =>
    damage > (kept.length < limit ? -Infinity : (kept.at(-1)?.damage ?? Infinity));
  return {
    wants,
    add(damage, detail) {
      if (!wants(damage)) return;
      let place = kept.length;
      while (place > 0 && damage > (kept[place - 1]?.damage ?? Infinity)) place--;
      kept.splice(place, 0, { damage, detail });
      kept.length = Math.min(kept.length, limit);
    },
    list: () => [...kept],
  };
}
