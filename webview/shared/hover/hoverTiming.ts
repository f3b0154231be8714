// When a hover card opens and closes: after a pause, at once while another is open or the keyboard asks; it waits a moment
// before it closes, and stays while the pointer is in it.

/** So long the pointer may be on its way from the anchor into the card. */
const CLOSE_DELAY_MS = 200;

/** What every target of a card says. */
export interface Hovering {
  /** The row, cell or segment explained, in client coordinates: the card never covers it. */
  readonly anchor: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  /** true: asked for by the keyboard, opens at once. */
  readonly now: boolean;
}

export interface HoverTiming<Target extends Hovering> {
  /** What is pointed at changed. */
  pointed(target: Target | null): void;
  /** The pointer came into the card, or left it. */
  entered(): void;
  left(): void;
  close(): void;
}

export function createHoverTiming<Target extends Hovering>(
  openDelayMs: number,
  show: (target: Target | null) => void,
): HoverTiming<Target> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = false;
  const showNow = (target: Target | null): void => {
    clearTimeout(timer);
    shown = target !== null;
    show(target);
  };
  const showAfter = (delayMs: number, target: Target | null): void => {
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
