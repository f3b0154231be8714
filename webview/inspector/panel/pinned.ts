// A weight that was chosen elsewhere and is to be pinned in the tab of the blocks.
import { signal } from '@preact/signals';

export interface PinnedWeight {
  readonly tensor: string;
  readonly block: number;
  /** In its block. */
  readonly index: number;
}

export const pinnedWeight = signal<PinnedWeight | null>(null);

/** Weights that are shown at a time of types without blocks, and of packed ones whose groups are too large to be shown whole. */
const PLAIN_WEIGHTS = 32;
const MAX_WEIGHTS = 256;

/** Where a weight lies: its block, and its place there. @param dims in × out × experts @param blockWeights of the type */
export function placeOfWeight(
  { row, column, expert }: { readonly row: number; readonly column: number; readonly expert: number },
  dims: readonly number[],
  blockWeights: number,
): { readonly block: number; readonly index: number } {
  const [rowWeights = 1, rows = 1] = dims;
  const weight = (Math.max(0, expert) * rows + row) * rowWeights + column;
  const perBlock = blockWeights > 1 && blockWeights <= MAX_WEIGHTS ? blockWeights : PLAIN_WEIGHTS;
  return { block: Math.floor(weight / perBlock), index: weight % perBlock };
}
