// The bit-width map: layers × roles, a cell per tensor, colored by bits per weight.
import type { InspectorState } from '../state.ts';

export function BitMap({ state }: { readonly state: InspectorState }) {
  return <section aria-label="Bit-width map">{state.model.value?.title}</section>;
}
