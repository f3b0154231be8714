// How precisely a float of some type is known: half the distance to its neighbours.

interface Precision {
  /** Bits of a number, with the hidden one. */
  readonly significantBits: number;
  /** Exponent of the smallest normal number. */
  readonly leastExponent: number;
}

const PRECISIONS = {
  BF16: { significantBits: 8, leastExponent: -126 },
  F16: { significantBits: 11, leastExponent: -14 },
  F32: { significantBits: 24, leastExponent: -126 },
} as const satisfies Record<string, Precision>;

/** A number is first rounded to F32 and then to the type that holds it: a little more than half a step of that. */
const ROUNDED_TWICE = 1 + 2 ** -11;

/** The type that holds the weights, and the narrower ones that could: they may have gone through those before. */
export function precisionsOf(
  weights: Float32Array,
  container: keyof typeof PRECISIONS,
): readonly Precision[] {
  const narrower = (['BF16', 'F16'] as const).filter((name) => {
    const precision = PRECISIONS[name];
    const most = name === 'F16' ? 65_504 : Infinity;
    const isHeld = (weight: number): boolean =>
      Math.abs(weight) <= most && Number.isInteger(weight / stepAt(weight, precision));
    return name !== container && weights.every(isHeld);
  });
  return [PRECISIONS[container], ...narrower.map((name) => PRECISIONS[name])];
}

/** Distance of neighbouring numbers. */
function stepAt(value: number, { significantBits, leastExponent }: Precision): number {
  const exponent = value === 0 ? leastExponent : Math.floor(Math.log2(Math.abs(value)));
  return 2 ** (Math.max(leastExponent, exponent) - significantBits + 1);
}

/** How far a number may have been moved when it was rounded to the coarsest of these. */
export function toleranceOf(value: number, precisions: readonly Precision[]): number {
  const step = precisions.reduce((most, precision) => Math.max(most, stepAt(value, precision)), 0);
  return (step / 2) * ROUNDED_TWICE;
}

/** Does a half lie between these? They are positive. */
export function holdsHalf(low: number, high: number): boolean {
  const step = stepAt(low, PRECISIONS.F16);
  return Math.ceil(low / step) * step <= high;
}

/** Does a power of two lie between these? They are positive. */
export function isPowerOfTwo(low: number, high: number): boolean {
  return 2 ** Math.ceil(Math.log2(low)) <= high;
}
