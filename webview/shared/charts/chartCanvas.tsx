// A chart on the page: drawn anew when its plot, its width or the theme changes; pointer and keys read its parts and zoom.
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { themeChanges } from '../theme.ts';
import { createChart, type DrawnChart } from './chartJs.ts';
import { partStep, zoomKey } from './chartKeys.ts';
import { readInks } from './inks.ts';
import { partAt, partMiddle, type Plot, type Reading } from './plot.ts';
import { screenRatio } from './screenRatio.ts';
import { chosenRange, scaledRange, wheelFactor, type Zoom } from './zoom.ts';

interface Props {
  /** What the picture says, for those who do not see it. */
  readonly label: string;
  readonly plot: Plot;
  /** Px. */
  readonly width: number;
  readonly zoom: Zoom | null;
  readonly pick?: ((part: number) => void) | undefined;
}

/** A shorter drag is a click. */
const LEAST_DRAG = 4;

export function ChartCanvas({ label, plot, width, zoom, pick }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<DrawnChart | null>(null);
  const dragFrom = useRef<number | null>(null);
  const pointed = useSignal<{ readonly part: number; readonly byKey: boolean } | null>(null);
  const newestZoom = useRef(zoom);
  newestZoom.current = zoom;
  const part = pointed.value !== null && pointed.value.part < plot.parts.count ? pointed.value.part : null;

  const themeSerial = themeChanges.value;
  const ratio = screenRatio.value;
  useLayoutEffect(() => {
    if (canvas.current === null) return;
    if (chart.current === null) chart.current = createChart(canvas.current, plot, width, readInks());
    else chart.current.show(plot, width, readInks());
  }, [plot, width, themeSerial, ratio]);
  useLayoutEffect(() => chart.current?.point(part, null), [part]);
  useEffect(() => {
    const element = frame.current;
    const onWheel = (event: WheelEvent): void => {
      const now = newestZoom.current;
      const isMeant = event.ctrlKey || event.metaKey || document.activeElement === element;
      if (now === null || chart.current === null || !isMeant) return; // else the wheel scrolls the panel
      event.preventDefault();
      now.set(scaledRange(now, wheelFactor(event.deltaY), chart.current.valueAt(event.offsetX)));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);
  useEffect(
    () => () => {
      chart.current?.destroy();
      chart.current = null;
    },
    [],
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = partStep(event.key, part, plot.parts.count);
    const [low, high] = zoom?.range ?? zoom?.full ?? [0, 0];
    const center = part === null ? (low + high) / 2 : partMiddle(plot.parts, part);
    if (event.key === 'Enter' && part !== null && pick !== undefined) pick(part);
    else if (next !== undefined) pointed.value = next === null ? null : { part: next, byKey: true };
    else if (zoom === null || !zoomKey(event.key, zoom, center)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerMove = ({ offsetX }: PointerEvent): void => {
    if (chart.current === null) return;
    if (dragFrom.current !== null) {
      chart.current.point(null, [dragFrom.current, offsetX]);
      return;
    }
    const at = partAt(plot.parts, chart.current.valueAt(offsetX));
    pointed.value = at === null ? null : { part: at, byKey: false };
  };
  const onPointerUp = ({ offsetX }: PointerEvent): void => {
    const from = dragFrom.current;
    dragFrom.current = null;
    if (from === null || chart.current === null || zoom === null) return;
    chart.current.point(null, null);
    if (Math.abs(offsetX - from) >= LEAST_DRAG)
      zoom.set(chosenRange(zoom, chart.current.valueAt(from), chart.current.valueAt(offsetX)));
  };
  const reading = part === null ? null : plot.parts.read(part);
  return (
    <div
      ref={frame}
      role="application"
      aria-roledescription="chart"
      aria-label={label}
      tabIndex={0}
      class={
        pick !== undefined
          ? 'chart-canvas pickable'
          : zoom === null
            ? 'chart-canvas'
            : 'chart-canvas zoomable'
      }
      onKeyDown={onKeyDown}
      onBlur={() => (pointed.value = null)}
    >
      <canvas
        ref={canvas}
        aria-hidden="true"
        onPointerDown={({ button, offsetX, currentTarget, pointerId }) => {
          if (button !== 0 || zoom === null) return;
          dragFrom.current = offsetX;
          pointed.value = null;
          currentTarget.setPointerCapture(pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => {
          dragFrom.current = null;
          chart.current?.point(null, null);
        }}
        onPointerLeave={() => {
          if (pointed.peek()?.byKey === false) pointed.value = null;
        }}
        onClick={() => {
          if (part !== null) pick?.(part);
        }}
        onDblClick={() => zoom?.set(null)}
      />
      {reading !== null && part !== null && (
        <Readout {...reading} at={pxOf(plot, width, part)} width={width} />
      )}
      <div class="unseen" role="status">
        {pointed.value?.byKey === true && reading !== null && `${reading.head}: ${reading.text}`}
      </div>
    </div>
  );
}

/** The middle of a part in px of the picture. */
function pxOf({ room, x, parts }: Plot, width: number, part: number): number {
  return (
    room.left + ((partMiddle(parts, part) - x.low) / (x.high - x.low)) * (width - room.left - room.right)
  );
}

/** Px between a part and what is said about it. */
const READOUT_GAP = 10;

/** On the side where there is more room, so that it never covers what it is about. */
function Readout({ head, text, at, width }: Reading & { readonly at: number; readonly width: number }) {
  const side =
    at < width / 2 ? { left: `${at + READOUT_GAP}px` } : { right: `${width - at + READOUT_GAP}px` };
  return (
    <div class="readout" aria-hidden="true" style={side}>
      <span class="strong">{head}</span>
      <span>{text}</span>
    </div>
  );
}
