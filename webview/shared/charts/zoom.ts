// The part of an axis that a chart shows: chosen, made narrower or wider, and given back.

export type Range = readonly [low: number, high: number];

export interface Zoom {
  /** null: all of it. */
  readonly range: Range | null;
  readonly full: Range;
  /** A narrower range would show nothing new. */
  readonly least: number;
  readonly set: (range: Range | null) => void;
}

type Limits = Pick<Zoom, 'range' | 'full' | 'least'>;

/** From one value to another, in either order, within the limits; null where that is all there is. */
export function chosenRange({ full, least }: Limits, from: number, to: number): Range | null {
  const [lowest, highest] = full;
  const width = Math.max(least, Math.abs(to - from));
  if (!(width < highest - lowest)) return null;
  const low = Math.min(Math.max(lowest, (from + to - width) / 2), highest - width);
  return [low, low + width];
}

/** `factor` above 1 makes what is shown wider; `center` keeps its place. */
export function scaledRange(limits: Limits, factor: number, center: number): Range | null {
  const [low, high] = limits.range ?? limits.full;
  const width = Math.max(limits.least, (high - low) * factor);
  const share = (center - low) / (high - low);
  const from = center - share * width;
  return chosenRange(limits, from, from + width);
}

/** One step of a key. */
export const ZOOM_STEP = 0.5;
/** Of a px that a wheel turned. */
const WHEEL_STEP = 0.002;
/** A notch of most wheels; more at once would jump. */
const MAX_WHEEL = 240;

/** How a turn of the wheel scales a range. */
export const wheelFactor = (delta: number): number =>
  Math.exp(Math.max(-MAX_WHEEL, Math.min(MAX_WHEEL, delta)) * WHEEL_STEP);
