// Shapes read as in × out, whatever order the container writes them in.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { rowDims, type Rows } from './rows.ts';

/** GGUF writes the row length (in) first; safetensors writes it last. */
export const readsReversed = (model: ModelView): boolean => model.firstDimension === 'out';

export function inOutDims(model: ModelView, rows: Rows, row: number): number[] {
  const dims = rowDims(rows, row);
  return readsReversed(model) ? dims.reverse() : dims;
}

/** Characters of the longest shape as it is written, "4,096 × 128,256": counted, because writing 60,000 takes long. */
export function longestShape({ count, rank, dims, dimStart }: Rows): number {
  let longest = 0;
  for (let row = 0; row < count; row++) {
    const start = dimStart[row] ?? 0;
    const sides = rank[row] ?? 0;
    let length = Math.max(0, sides - 1) * SIGN_LENGTH;
    for (let side = start; side < start + sides; side++) {
      const digits = Math.floor(Math.log10(Math.max(1, dims[side] ?? 1))) + 1;
      length += digits + Math.floor((digits - 1) / 3);
    }
    longest = Math.max(longest, length);
  }
  return Math.min(longest, MAX_SHAPE);
}

/** " × " */
const SIGN_LENGTH = 3;
/** Four dimensions of a real model; longer ones only a hostile file has. */
const MAX_SHAPE = 32;
