// Are some numbers, each known to within half a step of its type, all multiples of one unknown scale by allowed levels?

/** Levels that a number may have, in units of the scale. Magnitudes; `isNegative` is the side of zero. */
export interface Lattice {
  /** What the number furthest from zero may be, ascending. */
  tops(isNegative: boolean): readonly number[];
  /** The levels from low to high, both of them included. */
  between(low: number, high: number, isNegative: boolean): readonly number[];
  /** Distance to the levels beside this one: how much of the line of numbers belongs to it. */
  spacing(level: number, isNegative: boolean): number;
  /** Most that two levels may lie apart. */
  readonly spread: number;
}

export interface Measured {
  readonly value: number;
  /** The number before it was rounded lies at most this far away. */
  readonly tolerance: number;
}

export interface LatticeFit {
  /** The scale lies between these. */
  readonly low: number;
  readonly high: number;
  /** Signed level of each number, in their order. */
  readonly levels: readonly number[];
  /** How unlikely it is that random numbers of this precision fit: 2^−bits. */
  readonly bits: number;
}

/** Steps of one search. Numbers off the lattice are found out after a few; those as coarse as the lattice fit everywhere. */
const MAX_STEPS = 1000;

/**
 * The largest scale for which every number lies on the lattice; null when there is none. Numbers are not zero and differ from
 * one another.
 *
 * The one furthest from zero is tried on every level it may have, which leaves the scale a narrow interval. Each further
 * number, the smallest first because its level is the surest, must lie on a level for some scale of the interval, and narrows
 * it. A number to which several levels are open is followed on all of them; the interval returned covers all that succeed.
 */
export function fitLattice(numbers: readonly Measured[], lattice: Lattice): LatticeFit | null {
  const order = numbers
    .map((_number, index) => index)
    .sort((a, b) => Math.abs(numbers[a]?.value ?? 0) - Math.abs(numbers[b]?.value ?? 0));
  const last = order.pop();
  const top = numbers[last ?? -1];
  if (last === undefined || top === undefined) return null;
  const size = Math.abs(top.value);
  const tops = lattice.tops(top.value < 0);
  const chosen = new Array<number>(numbers.length).fill(0);
  let steps = 0;
  let found: { low: number; high: number; levels: number[] } | null = null;

  const follow = (depth: number, low: number, high: number, least: number, most: number): void => {
    if (++steps > MAX_STEPS) return;
    const index = order[depth];
    if (index === undefined) {
      if (found === null) found = { low, high, levels: [...chosen] };
      else found = { ...found, low: Math.min(found.low, low), high: Math.max(found.high, high) };
      return;
    }
    const { value, tolerance } = numbers[index] ?? top;
    const magnitude = Math.abs(value);
    for (const level of lattice.between(
      (magnitude - tolerance) / high,
      (magnitude + tolerance) / low,
      value < 0,
    )) {
      const signed = value < 0 ? -level : level;
      const nextLeast = Math.min(least, signed);
      const nextMost = Math.max(most, signed);
      const nextLow = Math.max(low, (magnitude - tolerance) / level);
      const nextHigh = Math.min(high, (magnitude + tolerance) / level);
      if (nextMost - nextLeast > lattice.spread || nextLow > nextHigh) continue;
      chosen[index] = signed;
      follow(depth + 1, nextLow, nextHigh, nextLeast, nextMost);
    }
  };

  for (const level of tops) {
    const signed = top.value < 0 ? -level : level;
    chosen[last] = signed;
    follow(
      0,
      (size - top.tolerance) / level,
      (size + top.tolerance) / level,
      Math.min(0, signed),
      Math.max(0, signed),
    );
    const fit = found as LatticeFit | null;
    if (fit !== null) return { ...fit, bits: surprise(numbers, last, fit, lattice) - Math.log2(tops.length) };
  }
  return null;
}

/** Sum over the numbers, but for the one that gave the scale, of −log2 of the share of all numbers that lies on a level. The
 * negative of a number that was counted says nothing new. */
function surprise(
  numbers: readonly Measured[],
  top: number,
  { low, high, levels }: Pick<LatticeFit, 'low' | 'high' | 'levels'>,
  lattice: Lattice,
): number {
  const counted = new Set([Math.abs(numbers[top]?.value ?? 0)]);
  let bits = 0;
  numbers.forEach(({ value, tolerance }, index) => {
    if (counted.has(Math.abs(value))) return;
    counted.add(Math.abs(value));
    const gap = lattice.spacing(Math.abs(levels[index] ?? 0), value < 0) * ((low + high) / 2);
    bits += Math.max(0, Math.log2(gap / (2 * tolerance)));
  });
  return bits;
}

/** All whole numbers up to `limit`. @param tops what the furthest number may be, if not all of them */
export function wholeNumbers(limit: number, spread: number, tops?: readonly number[]): Lattice {
  const all = tops ?? Array.from({ length: limit }, (_item, index) => index + 1);
  return {
    tops: () => all,
    between: (low, high) => {
      const first = Math.max(1, Math.ceil(low));
      const count = Math.min(limit, Math.floor(high)) - first + 1;
      return count === 1
        ? [first]
        : Array.from({ length: Math.max(0, count) }, (_item, index) => first + index);
    },
    spacing: () => 1,
    spread,
  };
}

/** Numbers of a table. */
export function tableOf(levels: readonly number[]): Lattice {
  const side = (isNegative: boolean): number[] =>
    levels
      .map((level) => (isNegative ? -level : level))
      .filter((level) => level > 0)
      .sort((a, b) => a - b);
  const [positives, negatives] = [side(false), side(true)];
  return {
    tops: (isNegative) => (isNegative ? negatives : positives),
    between: (low, high, isNegative) =>
      (isNegative ? negatives : positives).filter((level) => level >= low && level <= high),
    spacing: (level, isNegative) => {
      const own = isNegative ? negatives : positives;
      const index = own.indexOf(level);
      const below = own[index - 1] ?? 0;
      return ((own[index + 1] ?? 2 * level - below) - below) / 2;
    },
    spread: Infinity,
  };
}

/** Floats of so many significant bits, of any exponent. */
export function floatsOf(significantBits: number): Lattice {
  const half = 2 ** (significantBits - 1);
  const stepAt = (level: number): number => 2 ** Math.floor(Math.log2(level)) / half;
  const mantissas = Array.from({ length: half }, (_item, index) => 1 + index / half);
  return {
    tops: () => mantissas,
    between: (low, high) => {
      if (low <= 0) return [];
      const step = stepAt(low);
      const first = Math.ceil(low / step);
      const count = Math.floor(high / step) - first + 1;
      const levels = Array.from({ length: Math.max(0, count) }, (_item, index) => (first + index) * step);
      return levels.filter((level) => Number.isInteger(level / stepAt(level))); // steps grow at a power of two
    },
    spacing: stepAt,
    spread: Infinity,
  };
}
