// The place that a long table scrolls in: what is in view of it, and bringing a row there that was asked for.
import { effect, type ReadonlySignal, type Signal, untracked, useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Line } from './lines.ts';
import { drawnLines, FIRST_HEIGHT, firstDrawn, pageLines, scrollToLine } from './lineWindow.ts';

interface Place {
  readonly scrollTop: Signal<number>;
  readonly rows: ReadonlySignal<{ readonly count: number }>;
  /** The table scrolls to this row and opens its group when it changes; `serial` makes repeated asks differ. */
  readonly reveal: ReadonlySignal<{ readonly row: number; readonly focus: boolean; readonly serial: number }>;
}

interface Lines {
  readonly lines: ReadonlySignal<Int32Array>;
  readonly width: Signal<number>;
  positionOf(line: Line): number;
  /** Opens the group of a row, or lifts the filter that hides it when `force`. */
  show(row: number, options: { readonly force: boolean }): void;
}

export interface LineScroller {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Position of the first line that is drawn, and how many elements are used for lines. */
  readonly first: number;
  readonly slots: number;
  readonly drawn: readonly Line[];
  /** Whole lines that fit. */
  pageLines(): number;
  scrollTo(position: number): void;
}

export function useLineScroller(state: Place, table: Lines): LineScroller {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useSignal(FIRST_HEIGHT);
  /** A row asked for: its group may have to open first, and is scrolled to when its lines are drawn. */
  const pending = useSignal<{ row: number; focus: boolean } | null>(null);
  const served = useRef(0);
  const firstLine = useComputed(() => firstDrawn(state.scrollTop.value));

  const settlePending = (): void => {
    const element = scroller.current;
    const asked = pending.peek();
    if (element === null || element.clientHeight === 0 || asked === null) return;
    const { row, focus } = asked;
    pending.value = null;
    const position = table.positionOf(row);
    if (position >= 0) scrollToLine(element, position, 'middle');
    if (focus) element.focus();
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => {
      if (element.clientHeight === 0) return; // on a tab that is not shown, and there it forgets where it was scrolled to
      height.value = element.clientHeight;
      table.width.value = element.clientWidth;
      element.scrollTop = state.scrollTop.peek();
      settlePending();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [state, table]);

  // At once, not after the next frame: by then the keyboard may have gone on to somewhere else, and would be taken back.
  useLayoutEffect(
    () =>
      effect(() => {
        const { row, focus, serial } = state.reveal.value;
        if (row < 0 || row >= state.rows.value.count || served.current === serial) return;
        served.current = serial;
        untracked(() => table.show(row, { force: focus }));
        pending.value = { row, focus };
      }),
    [state, table],
  );
  useLayoutEffect(settlePending, [pending.value]);

  const lines = table.lines.value;
  const first = Math.min(firstLine.value, Math.max(0, lines.length - 1));
  const slots = drawnLines(height.value);
  return {
    scroller,
    first,
    slots,
    drawn: Array.from(lines.subarray(first, first + slots)),
    pageLines: () => pageLines(height.peek()),
    scrollTo: (position) => scroller.current && scrollToLine(scroller.current, position, 'nearest'),
  };
}
