// What the keys do in the map.
import type { InspectorState } from '../state.ts';
import { MAP_STEPS, walk } from '../../shared/map/mapPoint.ts';
import type { MapView } from './mapView.ts';

/** @returns whether the key was for the map. */
export function mapKey(event: KeyboardEvent, state: InspectorState, view: MapView): boolean {
  const cursor = view.cursor.peek();
  if (cursor === null || event.altKey) return false;
  view.isFocused.value = true;
  const step = MAP_STEPS[`${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.key}`];
  if (step !== undefined) {
    // The first key of all selects where the keyboard already is.
    view.select(
      state.selected.peek() < 0 && step.startsWith('Arrow') ? cursor : walk(view.layout.peek(), cursor, step),
      false,
    );
    return true;
  }
  if (event.key === 'Enter') view.select(cursor, true);
  else if (event.key === ' ') view.explain(cursor.box, true);
  else return false;
  return true;
}
