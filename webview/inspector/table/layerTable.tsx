// The layer table with its filter line.
import type { InspectorState } from '../state.ts';

export function LayerTable({ state }: { readonly state: InspectorState }) {
  return <section aria-label="Tensors">{state.rows.value.count}</section>;
}
