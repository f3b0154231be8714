// What the keys do in the map of the plan. Types and undo are keys of the whole page: keys.ts.
import { MAP_STEPS } from '../../shared/map/mapPoint.ts';
import { selectAll, type RequantizeState } from '../state.ts';
import type { PlanMapView } from './planMapView.ts';

/** @returns whether the key was for the map. */
export function mapKey(event: KeyboardEvent, state: RequantizeState, view: PlanMapView): boolean {
  const cursor = view.cursor.peek();
  if (cursor === null || event.altKey) return false;
  const isCtrl = event.ctrlKey || event.metaKey;
  const step = MAP_STEPS[`${isCtrl ? 'Ctrl+' : ''}${event.key}`];
  const walked = step ?? (isCtrl ? MAP_STEPS[event.key] : undefined);
  if (walked !== undefined) {
    view.isFocused.value = true;
    // Ctrl and an arrow only walk: Space then adds what is far away.
    view.walk(walked, event.shiftKey ? 'extend' : isCtrl && step === undefined ? 'only' : 'select');
    return true;
  }
  if (event.key === ' ' && isCtrl) view.selectCursor('toggle');
  else if (event.key === ' ') view.explain(cursor.box, true);
  else if (event.key === 'Enter') view.leave();
  else if (event.key === 'a' && isCtrl && !event.shiftKey) selectAll(state);
  else return false;
  return true;
}
