// What the hover card of the page explains: tensors, and where on the screen they are.
import { signal } from '@preact/signals';

export interface HoverTarget {
  readonly title: string;
  readonly rows: readonly number[];
  /** The row or cell explained, in client coordinates: the card never covers it. */
  readonly anchor: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  /** true: asked for by the keyboard, opens at once. */
  readonly now: boolean;
}

/** What is pointed at now; null when nothing is. The card reacts to changes. */
export const hoverTarget = signal<HoverTarget | null>(null);

/** True while a card is open: Esc closes it before it does anything else. */
export const hoverOpen = signal(false);

export function explainTensors(target: HoverTarget | null): void {
  hoverTarget.value = target;
}
