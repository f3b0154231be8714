// Which rows of a tensor an estimate is made from: by chance, because a fixed stride sees the same columns again and again, but
// the same ones every time.
import type { RowLayout, RowRange } from './tensorRows.ts';

/** One row of so many is read. */
const SAMPLE_EVERY = 64;
/** Neighboring rows are read together up to this: a disk reads no less. */
const GROUP_BYTES = 2 ** 13;
/** Fewer groups of rows would say little of the others. */
const MIN_GROUPS = 16;

/**
 * Ranges of rows in their order; all but the last are equally long.
 * @param seed the same choice for the same text
 * @param step rows that are read together in any case
 */
export function sampleRows(layout: RowLayout, rowBytes: number, seed: string, step = 1): RowRange[] {
  const rows = step * Math.max(1, Math.floor(GROUP_BYTES / rowBytes / step));
  const groups = Math.ceil(layout.rowCount / rows);
  let wanted = Math.min(groups, Math.max(MIN_GROUPS, Math.round(groups / SAMPLE_EVERY)));
  const random = createRandom(seed);
  const chosen: RowRange[] = [];
  // Each group with the chance that fills what is still wanted (Knuth, Algorithm S).
  for (let group = 0; wanted > 0; group++) {
    if (random() * (groups - group) >= wanted) continue;
    chosen.push({ from: group * rows, to: Math.min(layout.rowCount, (group + 1) * rows) });
    wanted -= 1;
  }
  return chosen;
}

/** mulberry32, begun with the FNV-1a hash of a text. Numbers from 0 to below 1. */
export function createRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
