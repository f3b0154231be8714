// The map on the page: its size, what is in view, where pointer and keyboard are; draws again whenever one of them changes.
import { effect, useComputed, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { afterPaint } from '../../shared/afterPaint.ts';
import { theme } from '../../shared/theme.ts';
import { pointAt, type HoverTarget } from '../hover.ts';
import { revealRow, type InspectorState, type MapMeasure } from '../state.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { measureLabels } from '../../shared/map/drawEdges.ts';
import { drawMap } from '../../shared/map/drawMap.ts';
import { paletteOf } from '../../shared/map/mapPicture.ts';
import { mapContent, type MapContent } from '../../shared/map/mapCells.ts';
import { AXIS_HEIGHT, CAPTION_HEIGHT, layOutMap, type Box, type MapLayout } from '../../shared/map/mapLayout.ts';
import { MEASURES, needsAnalysis, scaleOfMeasure, shownMeasure, type MeasureScale } from './mapMeasures.ts';
import { createReadings, shortReading, type Readings } from './mapReadings.ts';
import { boxAt, boxOfRow, cursorAt, type Cursor } from '../../shared/map/mapPoint.ts';

export interface MapView {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly layout: ReadonlySignal<MapLayout>;
  readonly shown: ReadonlySignal<Shown>;
  /** Where the keyboard is: at the selected cell, when there is one. null: the map has no cells. */
  readonly cursor: ReadonlySignal<Cursor | null>;
  readonly isFocused: Signal<boolean>;
  /** Selects the first tensor of a cell. `focus`: and moves the keyboard into the table. */
  select(cursor: Cursor, focus: boolean): void;
  explain(box: Box, now: boolean): void;
  onScroll(): void;
  onPointerMove(event: PointerEvent): void;
  onPointerLeave(): void;
  onClick(event: MouseEvent): void;
}

/** The measure that the colors stand for, its scale, and the value of each cell in it. */
export interface Shown {
  readonly measure: MapMeasure;
  readonly scale: MeasureScale;
  readonly readings: Readings;
}

/** Before the first measurement: the width of the page in a usual window. */
const FIRST_SIZE = { width: 1368, height: 0, labelWidth: 92 };

export function useMapView(state: InspectorState, model: ModelView): MapView {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointed = useRef<Box | null>(null);
  const size = useSignal(FIRST_SIZE);
  const scrolled = useSignal({ left: 0, top: 0 });
  const isFocused = useSignal(false);
  const lastCursor = useSignal<Cursor | null>(null);
  const dimming = useSignal(state.matches.peek());

  const content = useComputed(() => mapContent(state.model.value ?? model, state.rows.value));
  const layout = useComputed(() => layOutMap(content.value, size.value.width, size.value.labelWidth));
  const measure = useComputed(() => shownMeasure(state));
  const scale = useComputed(() => {
    const largest = state.rows.value.bytes.reduce((most, bytes) => (bytes > most ? bytes : most), 0);
    return scaleOfMeasure(measure.value, state.model.value ?? model, largest);
  });
  const shown = useComputed((): Shown => {
    const stats = needsAnalysis(measure.value) ? state.stats.value : null; // no new drawing for what is not shown
    const readings = createReadings(measure.value, state.rows.value, stats);
    return { measure: measure.value, scale: scale.value, readings };
  });
  const selected = useComputed(() => boxOfRow(layout.value, state.selected.value));
  const cursor = useComputed(() => {
    const last = lastCursor.value;
    if (last !== null && last.box === selected.value) return last; // keeps its line through tall cells
    const box = selected.value ?? layout.value.boxes[0];
    return box === undefined ? null : cursorAt(box);
  });

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

  useLayoutEffect(() => followLater(state.matches, dimming), [state, dimming]);

  useLayoutEffect(
    () =>
      effect(() => {
        if (canvas.current === null || scroller.current === null) return;
        const { width, height } = size.value;
        canvas.current.style.width = `${width}px`;
        canvas.current.style.height = `${height}px`;
        const { readings } = shown.value;
        const rows = state.rows.value;
        drawMap(canvas.current, {
          ...shown.value,
          marginText: (cell) => shortReading(measure.value, readings(cell), model, rows),
          marginCaption: MEASURES[measure.value].column || measuresOf(model, rows).unit.unit,
          layout: layout.value,
          theme: theme.value,
          palette: paletteOf(scroller.current),
          view: { ...scrolled.value, width, height },
          matches: dimming.value,
          selected: selected.value,
          focused: isFocused.value ? (cursor.value?.box ?? null) : null,
          totalBits: (state.model.value ?? model).bitsPerWeight,
          wholeBytes: measuresOf(model, state.rows.value).wholeBytes,
        });
      }),
    [state, model, dimming],
  );

  const boxUnder = ({ clientX, clientY }: MouseEvent): Box | null => {
    const frame = scroller.current?.getBoundingClientRect();
    if (frame === undefined || clientY - frame.top > size.peek().height - AXIS_HEIGHT) return null;
    const { left, top } = scrolled.peek();
    if (clientX - frame.left < layout.peek().labelWidth) return null;
    return boxAt(layout.peek(), clientX - frame.left + left, clientY - frame.top + top);
  };
  const point = (box: Box | null): void => {
    if (box === pointed.current) return;
    pointed.current = box;
    scroller.current?.classList.toggle('over-cell', box !== null);
    if (box === null) pointAt(null);
    else view.explain(box, false);
  };

  const view: MapView = {
    scroller,
    canvas,
    layout,
    shown,
    cursor,
    isFocused,
    select(next, focus) {
      const [row] = next.box.cell.rows;
      if (row === undefined) return;
      pointAt(null); // a card asked for by key explains the cell before
      lastCursor.value = next;
      revealRow(state, row, focus);
      if (scroller.current !== null) bringIntoView(scroller.current, next.box);
    },
    explain(box, now) {
      const frame = scroller.current?.getBoundingClientRect();
      if (frame === undefined) return;
      const left = frame.left + box.x - scrolled.peek().left;
      const top = frame.top + box.y - scrolled.peek().top;
      const anchor = { left, top, right: left + box.width, bottom: top + box.height };
      pointAt({ topic: topicOf(box), anchor, now });
    },
    onScroll() {
      const element = scroller.current;
      if (element === null) return;
      scrolled.value = { left: element.scrollLeft, top: element.scrollTop };
      point(null);
    },
    onPointerMove: (event) => point(boxUnder(event)),
    onPointerLeave: () => point(null),
    onClick(event) {
      const box = boxUnder(event);
      if (box !== null) view.select(cursorAt(box), false);
    },
  };
  return view;
}

/** What the filter lets through, a frame after the table shows it: a person who types waits for the table. */
function followLater(
  matches: ReadonlySignal<Uint8Array | null>,
  dimming: Signal<Uint8Array | null>,
): () => void {
  return matches.subscribe((next) => {
    if (next === dimming.peek()) return;
    afterPaint(() => {
      if (matches.peek() === next) dimming.value = next; // else another key has been pressed since
    });
  });
}

function topicOf({ kind, cell }: Box): HoverTarget['topic'] {
  const [row] = cell.rows;
  return row !== undefined && cell.rows.length === 1 && kind !== 'sum'
    ? { kind: 'tensor', row }
    : { kind: 'tensors', title: cell.title, rows: cell.rows };
}

const labelsOf = ({ stacks }: MapContent): string[] =>
  stacks.flatMap(({ rows }) => rows.filter(({ role }) => !role.thin).map(({ role }) => role.label));

/** Scrolls as little as needed. The captions above and the axis below stay where they are. */
function bringIntoView(element: HTMLElement, { x, y, width, height }: Box): void {
  const space = 6;
  const room = element.clientHeight - AXIS_HEIGHT;
  element.scrollTop = Math.max(Math.min(element.scrollTop, y - CAPTION_HEIGHT), y + height + space - room);
  element.scrollLeft = Math.max(
    Math.min(element.scrollLeft, x - space),
    x + width + space - element.clientWidth,
  );
}
