// When a hover card opens and closes: after a pause, at once while another is open or the keyboard asks; it waits a moment
// before it closes, and stays while the pointer is in it.
import type { HoverTarget } from '../hover.ts';

/** So long the pointer may be on its way from the anchor into the card. */
const CLOSE_DELAY_MS = 200;

export interface HoverTiming {
  /** What is pointed at changed. */
  pointed(target: HoverTarget | null): void;
  /** The pointer came into the card, or left it. */
  entered(): void;
  left(): void;
  close(): void;
}

export function createHoverTiming(
  openDelayMs: number,
  show: (target: HoverTarget | null) => void,
): HoverTiming {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = false;
  const showNow = (target: HoverTarget | null): void => {
    clearTimeout(timer);
    shown = target !== null;
    show(target);
  };
  const showAfter = (delayMs: number, target: HoverTarget | null): void => {
    clearTimeout(timer);
    timer = setTimeout(() => showNow(target), delayMs);
  };
  return {
    pointed(target) {
      if (target !== null && (shown || target.now)) showNow(target);
      else if (target !== null) showAfter(openDelayMs, target);
      else if (shown) showAfter(CLOSE_DELAY_MS, null);
      else clearTimeout(timer);
    },
    entered: () => clearTimeout(timer),
    left: () => showAfter(CLOSE_DELAY_MS, null),
    close: () => showNow(null),
  };
}
