// Which line of a long table the pointer is on, and where its card stands.
import { useRef } from 'preact/hooks';
import type { Line } from './lines.ts';

/** In px of the window. */
export interface LineAnchor {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PointedLine {
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerLeave: () => void;
}

/** How far left of the pointer a card begins, so that the way into it is short. */
const CARD_LEFT = 40;

export function lineOf(target: EventTarget | null): Line | null {
  const line = target instanceof Element ? target.closest<HTMLElement>('.line')?.dataset['line'] : undefined;
  return line === undefined ? null : Number(line);
}

/**
 * Handlers for what holds the lines. A line that comes under a pointer at rest, by a key or a closed panel, is not pointed at:
 * only a pointer that moves points.
 * @param point null: at no line
 */
export function usePointedLine(
  point: (pointed: { readonly line: Line; readonly anchor: LineAnchor } | null) => void,
): PointedLine {
  const last = useRef<Line | null>(null);
  return {
    onPointerMove({ target, clientX }) {
      const line = lineOf(target);
      if (line === last.current) return;
      last.current = line;
      const box = (target as Element).closest('.line')?.getBoundingClientRect();
      if (line === null || box === undefined) return point(null);
      point({
        line,
        anchor: { left: clientX - CARD_LEFT, top: box.top, right: clientX, bottom: box.bottom },
      });
    },
    onPointerLeave() {
      last.current = null;
      point(null);
    },
  };
}
