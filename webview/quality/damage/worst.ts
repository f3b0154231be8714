// The walk through the worst tokens: in the order of their damage, from the one that is chosen.
import type { MeasurementDetail, WorstToken } from '../../../src/protocol/quality.ts';
import type { QualityState } from '../state.ts';

const NONE: readonly WorstToken[] = [];

export function detailShown({ shown, details }: QualityState): MeasurementDetail | null {
  const now = shown.value;
  return now?.kind === 'measurement' ? (details.value.get(now.measurement.id) ?? null) : null;
}

export const worstShown = (state: QualityState): readonly WorstToken[] => detailShown(state)?.worst ?? NONE;

/** The rank to go to: from one of the worst to its neighbor, from anywhere else to the worst of all. */
export function nextRank(worst: readonly WorstToken[], piece: number, step: 1 | -1): number {
  const rank = worst.findIndex((one) => one.piece === piece);
  if (rank < 0) return 0;
  return Math.min(worst.length - 1, Math.max(0, rank + step));
}

export function stepWorst(state: QualityState, step: 1 | -1): void {
  const worst = worstShown(state);
  const next = worst[nextRank(worst, state.piece.peek(), step)];
  if (next !== undefined) goToPiece(state, next.piece);
}

/** Chooses a piece and goes there: the text scrolls to it, and the page to the text. */
export function goToPiece(state: QualityState, piece: number): void {
  state.piece.value = piece;
  const text = document.querySelector<HTMLElement>('.damage-text');
  text?.closest('.damage')?.scrollIntoView({ block: 'nearest' });
  text?.focus({ preventScroll: true }); // from here arrows go on, and its card is open
}
