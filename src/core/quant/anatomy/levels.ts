// The levels that the codes of a block type can stand for.
import type { Scheme } from '../scheme.ts';
import { type Anatomy, anatomyOf } from './anatomy.ts';

/** Every level of a weight whose code is its own, in the order of the codes; null where several weights share a code. */
export function possibleLevels(scheme: Scheme): number[] | null {
  const anatomy = anatomyOf(scheme, 'little');
  return anatomy === null || anatomy.codeWeights !== 1 ? null : levelsOf(anatomy, scheme);
}

/** The bits of a code are set to all that they can be. */
function levelsOf(anatomy: Anatomy, { blockBytes }: Scheme): number[] {
  const block = new Uint8Array(blockBytes ?? 0);
  const runs = anatomy.weightAt(block, 0, 0).numbers.find(({ name }) => name === 'q')?.runs ?? [];
  const width = runs.reduce((sum, run) => sum + run.width, 0);
  return Array.from({ length: 2 ** width }, (_item, code) => {
    let rest = code;
    block.fill(0);
    for (const run of runs) {
      block[run.byte] = (block[run.byte] ?? 0) | ((rest & ((1 << run.width) - 1)) << run.shift);
      rest >>= run.width;
    }
    return anatomy.weightAt(block, 0, 0).level + 0; // −0 becomes 0
  });
}
