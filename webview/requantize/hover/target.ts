// What the hover card of the page explains: tensors, and where on the screen they are.
import { signal } from '@preact/signals';
import type { Hovering } from '../../shared/hover/hoverTiming.ts';

export interface HoverTarget extends Hovering {
  readonly title: string;
  readonly rows: readonly number[];
}

/** What is pointed at now; null when nothing is. The card reacts to changes. */
export const hoverTarget = signal<HoverTarget | null>(null);

/** True while a card is open: Esc closes it before it does anything else. */
export const hoverOpen = signal(false);

export function explainTensors(target: HoverTarget | null): void {
  hoverTarget.value = target;
}
