// Numbers of any size as charts write them, and the round ones that an axis names.

const DIGITS = 4;
/** Outside of these a number is written with a power of ten. */
const LEAST_PLAIN = 1e-3;
const LEAST_SCIENTIFIC = 1e6;

/** Four digits, with a real minus: −0.06852, 12.5, 8.74e−5. "–" where there is no number. */
export function formatNumber(value: number | null, digits = DIGITS): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  const magnitude = Math.abs(value);
  const isPlain = magnitude === 0 || (magnitude >= LEAST_PLAIN && magnitude < LEAST_SCIENTIFIC);
  const text = isPlain
    ? String(Number(value.toPrecision(digits)))
    : value.toExponential(Math.max(0, digits - 2)).replace('e+', 'e');
  return text.replaceAll('-', '−');
}

/** Multiples of 1, 2 or 5 times a power of ten within low … high, at most `most` of them. */
export function roundTicks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span) || most < 1) return [];
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = [1, 2, 5, 10, 20].map((factor) => factor * power).find((size) => span / size <= most) ?? span;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high; at++)
    ticks.push(Number((at * step).toPrecision(DIGITS * 2)));
  return ticks;
}

/** How counts grow upward: as they are, or by their logarithm, in which a single one is still seen. */
export type CountKind = 'linear' | 'log';

/** Height of a single one above the foot of the axis, in powers of ten. */
const FOOT = 0.25;

/** The axis of counts up to `largest`. */
export function countAxis(
  largest: number,
  kind: CountKind,
): { readonly low: number; readonly high: number; readonly ticks: readonly number[] } {
  const top = Math.max(1, largest);
  if (kind === 'linear')
    return { low: 0, high: top, ticks: roundTicks(0, top, 4).filter((tick) => tick > 0) };
  const powers = Math.floor(Math.log10(top));
  const step = Math.ceil((powers + 1) / MAX_POWERS);
  return {
    low: 10 ** -FOOT,
    high: Math.max(top, 10 ** FOOT),
    ticks:
      powers === 0
        ? [1, 2, 5].filter((tick) => tick <= top)
        : Array.from({ length: Math.floor(powers / step) + 1 }, (_, at) => 10 ** (at * step)),
  };
}

/** So many ticks stand above each other without touching. */
const MAX_POWERS = 5;

/** 2500 → "2.5k": ticks of counts have little room. */
export function formatTick(count: number): string {
  const [size, letter] = UNITS.find(([least]) => count >= least) ?? [1, ''];
  return `${formatNumber(count / size)}${letter}`;
}
const UNITS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;
