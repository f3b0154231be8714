// What lights up together in a block: the bytes of a weight, the weights of a byte.
import type { BlockContents } from '../../../src/protocol/tensorStats.ts';

/** A byte or a weight, by its place in the block. */
export interface BlockPart {
  readonly kind: 'byte' | 'weight';
  readonly index: number;
}

export interface BlockMarks {
  readonly bytes: ReadonlySet<number>;
  readonly weights: ReadonlySet<number>;
  /** The weight whose formula is shown. */
  readonly weight: number;
}

export interface MarkHandlers {
  readonly point: (part: BlockPart | null) => void;
  readonly pin: (part: BlockPart) => void;
}

export function blockMarks({ weights }: BlockContents, part: BlockPart): BlockMarks {
  if (part.kind === 'weight') {
    const bytes = weights[part.index]?.bytes ?? [];
    return {
      bytes: new Set(bytes.map(({ byte }) => byte)),
      weights: new Set([part.index]),
      weight: part.index,
    };
  }
  const made = weights.flatMap(({ bytes }, index) =>
    bytes.some(({ byte }) => byte === part.index) ? [index] : [],
  );
  return { bytes: new Set([part.index]), weights: new Set(made), weight: made[0] ?? 0 };
}

/** The weight furthest from zero: it is why the scale is what it is. */
export function largestWeight({ weights }: BlockContents): number {
  let largest = 0;
  for (const [index, { value }] of weights.entries())
    if (Math.abs(value) > Math.abs(weights[largest]?.value ?? 0)) largest = index;
  return largest;
}

/** Where an arrow leads in a grid of `columns` columns and `count` cells; null: the key is no arrow. */
export function gridStep(key: string, from: number, columns: number, count: number): number | null {
  const steps: Partial<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -from,
    End: count - 1 - from,
  };
  const step = steps[key];
  if (step === undefined) return null;
  const to = from + step;
  return to < 0 || to >= count ? from : to;
}
