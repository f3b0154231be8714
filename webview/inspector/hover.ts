// Hover cards, seen from the parts that have them: say what is pointed at and where it is; the card opens, moves and closes
// by the rules in hoverCard.tsx.
import { signal } from '@preact/signals';
import type { Hovering } from '../shared/hover/hoverTiming.ts';

/** What a card explains. */
export type HoverTopic =
  | { readonly kind: 'tensor'; readonly row: number }
  /** Several tensors in one map cell, or the sums of a group row. */
  | { readonly kind: 'tensors'; readonly title: string; readonly rows: readonly number[] }
  | { readonly kind: 'type'; readonly type: number };

export interface HoverTarget extends Hovering {
  readonly topic: HoverTopic;
}

/** What is pointed at now; null when nothing is. The card reacts to changes. */
export const hoverTarget = signal<HoverTarget | null>(null);

/** True while a card is open: Esc closes it before it does anything else. */
export const hoverOpen = signal(false);

export function pointAt(target: HoverTarget | null): void {
  hoverTarget.value = target;
}
