// What a key does in a chart: goes from part to part, zooms, gives back.
import { scaledRange, ZOOM_STEP, type Zoom } from './zoom.ts';

/** Where a key leads from a part (null: none is pointed at); undefined: it is no key for this. */
export function partStep(key: string, from: number | null, count: number): number | null | undefined {
  const last = count - 1;
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, (from ?? -1) + 1);
    case 'ArrowLeft':
      return Math.max(0, (from ?? count) - 1);
    case 'PageDown':
      return Math.min(last, (from ?? -PAGE) + PAGE);
    case 'PageUp':
      return Math.max(0, (from ?? last + PAGE) - PAGE);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return from === null ? undefined : null;
    default:
      return undefined;
  }
}
const PAGE = 10;

/** Zooms where the key asks for it, around `center`. Answers whether it did. */
export function zoomKey(key: string, zoom: Zoom, center: number): boolean {
  if (key === '+' || key === '=') zoom.set(scaledRange(zoom, ZOOM_STEP, center));
  else if (key === '-') zoom.set(scaledRange(zoom, 1 / ZOOM_STEP, center));
  else if (key === '0' || (key === 'Escape' && zoom.range !== null)) zoom.set(null);
  else return false;
  return true;
}
