// The place of a map on its page: its size, what is in view of it, which cell lies under the pointer.
import { useComputed, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { measureLabels } from './drawEdges.ts';
import type { MapContent } from './mapCells.ts';
import { AXIS_HEIGHT, CAPTION_HEIGHT, layOutMap, type Box, type MapLayout } from './mapLayout.ts';
import { paletteOf, type Palette } from './mapPicture.ts';
import { boxAt } from './mapPoint.ts';

export interface MapFrame {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly layout: ReadonlySignal<MapLayout>;
  readonly scrolled: Signal<{ readonly left: number; readonly top: number }>;
  /** What to draw into, how large, and in which colors; null before it is on the page. Makes the canvas as large. */
  place(): CanvasPlace | null;
  /** null: over no cell. */
  boxUnder(event: MouseEvent): Box | null;
  /** Where the pointer is in coordinates of the layout, also outside of the map; null before it is on the page. */
  pointUnder(event: MouseEvent): { readonly x: number; readonly y: number } | null;
  /** Where a cell is on the screen. */
  anchorOf(box: Box): {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  /** Scrolls as little as needed. The captions above and the axis below stay where they are. */
  bringIntoView(box: Box): void;
}

export interface CanvasPlace {
  readonly canvas: HTMLCanvasElement;
  readonly palette: Palette;
  readonly view: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** Before the first measurement: the width of the page in a usual window. */
const FIRST_SIZE = { width: 1368, height: 0, labelWidth: 92 };

export function useMapFrame(content: ReadonlySignal<MapContent>): MapFrame {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal(FIRST_SIZE);
  const scrolled = useSignal({ left: 0, top: 0 });
  const layout = useComputed(() => layOutMap(content.value, size.value.width, size.value.labelWidth));

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0) return; // on a tab that is not shown
      const labelWidth = measureLabels(labelsOf(content.peek()), paletteOf(element).font);
      const before = size.peek();
      if (before.width !== width || before.height !== height || before.labelWidth !== labelWidth)
        size.value = { width, height, labelWidth };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [content, size]);

  const pointUnder: MapFrame['pointUnder'] = ({ clientX, clientY }) => {
    const frame = scroller.current?.getBoundingClientRect();
    const { left, top } = scrolled.peek();
    return frame === undefined ? null : { x: clientX - frame.left + left, y: clientY - frame.top + top };
  };
  return {
    ...{ scroller, canvas, layout, scrolled, pointUnder },
    place() {
      const { width, height } = size.value;
      const view = { ...scrolled.value, width, height };
      if (canvas.current === null || scroller.current === null) return null;
      canvas.current.style.width = `${width}px`;
      canvas.current.style.height = `${height}px`;
      return { canvas: canvas.current, palette: paletteOf(scroller.current), view };
    },
    boxUnder(event) {
      const point = pointUnder(event);
      if (point === null) return null;
      const { left, top } = scrolled.peek();
      if (point.y - top > size.peek().height - AXIS_HEIGHT) return null;
      return point.x - left < layout.peek().labelWidth ? null : boxAt(layout.peek(), point.x, point.y);
    },
    anchorOf(box) {
      const frame = scroller.current?.getBoundingClientRect();
      const left = (frame?.left ?? 0) + box.x - scrolled.peek().left;
      const top = (frame?.top ?? 0) + box.y - scrolled.peek().top;
      return { left, top, right: left + box.width, bottom: top + box.height };
    },
    bringIntoView({ x, y, width, height }) {
      const element = scroller.current;
      if (element === null) return;
      const space = 6;
      const room = element.clientHeight - AXIS_HEIGHT;
      element.scrollTop = Math.max(
        Math.min(element.scrollTop, y - CAPTION_HEIGHT),
        y + height + space - room,
      );
      element.scrollLeft = Math.max(
        Math.min(element.scrollLeft, x - space),
        x + width + space - element.clientWidth,
      );
    },
  };
}

const labelsOf = ({ stacks }: MapContent): string[] =>
  stacks.flatMap(({ rows }) => rows.filter(({ role }) => !role.thin).map(({ role }) => role.label));
