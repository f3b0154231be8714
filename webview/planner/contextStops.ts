// The stops of the context slider: powers of two and what lies between them, up to twice what the model was trained for.

/** Where a model does not say what it was trained for. */
const CONTEXT_UNKNOWN = 131_072;
const FIRST = 256;
/** A slider that ends at 256 tokens would be of no use. */
const LEAST_END = 32_768;

/** Rising, each about a half more than the one before; with what the model was trained for, and where the slider stands. */
export function contextStops(contextTrained: number | null, now: number): number[] {
  const end = Math.max(LEAST_END, 2 * (contextTrained ?? CONTEXT_UNKNOWN), now);
  const stops = new Set<number>([now]);
  for (let power = FIRST; power <= end; power *= 2) {
    stops.add(power);
    if (power >= 1024 && power * 1.5 <= end) stops.add(power * 1.5);
  }
  if (contextTrained !== null && contextTrained >= FIRST) stops.add(contextTrained);
  return [...stops].sort((one, other) => one - other);
}

/** Stops that have their number below the slider: powers of four. */
export const labelledStops = (stops: readonly number[]): number[] =>
  stops.filter((stop) => Number.isInteger(Math.log2(stop)) && Math.log2(stop) % 2 === 0);
