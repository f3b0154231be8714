// Shapes read as in × out, whatever order the container writes them in.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { rowDims, type Rows } from '../rows.ts';

/** GGUF writes the row length (in) first; safetensors writes it last. */
export const readsReversed = (model: ModelView): boolean => !model.container.startsWith('GGUF');

export function inOutDims(model: ModelView, rows: Rows, row: number): number[] {
  const dims = rowDims(rows, row);
  return readsReversed(model) ? dims.reverse() : dims;
}
