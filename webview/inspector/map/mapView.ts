// The map on the page: what it shows, where pointer and keyboard are; draws again whenever one of them changes.
import { effect, useComputed, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { afterPaint } from '../../shared/afterPaint.ts';
import { drawMap } from '../../shared/map/drawMap.ts';
import { mapContent } from '../../shared/map/mapCells.ts';
import { useMapFrame, type MapFrame } from '../../shared/map/mapFrame.ts';
import type { Box } from '../../shared/map/mapLayout.ts';
import type { PictureKind, Readings } from '../../shared/map/mapPicture.ts';
import { boxOfRow, cursorAt, type Cursor } from '../../shared/map/mapPoint.ts';
import type { MeasureScale } from '../../shared/map/scale.ts';
import { measuresOf } from '../../shared/tensors/measures.ts';
import { theme } from '../../shared/theme.ts';
import { pointAt, type HoverTarget } from '../hover.ts';
import { revealRow, type InspectorState, type MapMeasure } from '../state.ts';
import { MEASURES, needsAnalysis, scaleOfMeasure, shownMeasure } from './mapMeasures.ts';
import { createReadings, shortReading } from './mapReadings.ts';

export interface MapView extends Pick<MapFrame, 'scroller' | 'canvas' | 'layout'> {
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

export function useMapView(state: InspectorState, model: ModelView): MapView {
  const pointed = useRef<Box | null>(null);
  const isFocused = useSignal(false);
  const lastCursor = useSignal<Cursor | null>(null);
  const dimming = useSignal(state.matches.peek());

  const content = useComputed(() => mapContent(state.model.value ?? model, state.rows.value));
  const frame = useMapFrame(content);
  const { scroller, canvas, layout, scrolled } = frame;
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

  useLayoutEffect(() => followLater(state.matches, dimming), [state, dimming]);

  useLayoutEffect(
    () =>
      effect(() => {
        const place = frame.place();
        if (place === null) return;
        const { scale, readings } = shown.value;
        const rows = state.rows.value;
        drawMap(place.canvas, {
          ...{ scale, readings, kind: kindOf(measure.value) },
          marginText: (cell) => shortReading(measure.value, readings(cell), model, rows),
          marginCaption: MEASURES[measure.value].column || measuresOf(model, rows).unit.unit,
          layout: layout.value,
          theme: theme.value,
          ...{ palette: place.palette, view: place.view },
          matches: dimming.value,
          selected: selected.value,
          focused: isFocused.value ? (cursor.value?.box ?? null) : null,
          totalBits: (state.model.value ?? model).bitsPerWeight,
          wholeBytes: measuresOf(model, state.rows.value).wholeBytes,
        });
      }),
    [state, model, dimming],
  );

  const point = (box: Box | null): void => {
    if (box === pointed.current) return;
    pointed.current = box;
    scroller.current?.classList.toggle('over-cell', box !== null);
    if (box === null) pointAt(null);
    else view.explain(box, false);
  };

  const view: MapView = {
    ...{ scroller, canvas, layout, shown, cursor, isFocused },
    select(next, focus) {
      const [row] = next.box.cell.rows;
      if (row === undefined) return;
      pointAt(null); // a card asked for by key explains the cell before
      lastCursor.value = next;
      revealRow(state, row, focus);
      frame.bringIntoView(next.box);
    },
    explain: (box, now) => pointAt({ topic: topicOf(box), anchor: frame.anchorOf(box), now }),
    onScroll() {
      const element = scroller.current;
      if (element === null) return;
      scrolled.value = { left: element.scrollLeft, top: element.scrollTop };
      point(null);
    },
    onPointerMove: (event) => point(frame.boxUnder(event)),
    onPointerLeave: () => point(null),
    onClick(event) {
      const box = frame.boxUnder(event);
      if (box !== null) view.select(cursorAt(box), false);
    },
  };
  return view;
}

const kindOf = (measure: MapMeasure): PictureKind =>
  needsAnalysis(measure) ? 'weights' : measure === 'size' ? 'size' : 'bits';

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
