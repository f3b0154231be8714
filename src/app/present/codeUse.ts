// Which of the levels that its codes can stand for a tensor uses, and how evenly.
import { LEVEL_ZERO } from '../../core/analysis/blockTally.ts';
import type { Counts } from '../../core/analysis/tally.ts';
import { type Anatomy, anatomyOf } from '../../core/quant/anatomy/anatomy.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { CodeUse } from '../../protocol/tensorStats.ts';

/** @param counts of levels, see BlockTally */
export function codeUse(scheme: Scheme, counts: Counts): CodeUse | null {
  const anatomy = anatomyOf(scheme, 'little');
  if (anatomy === null) return null;
  const levels = new Set(anatomy.codeWeights === 1 ? possibleLevels(anatomy, scheme) : []);
  counts.forEach((count, bin) => {
    if (count > 0) levels.add((bin - LEVEL_ZERO) / anatomy.levelSteps);
  });
  const ascending = [...levels].sort((a, b) => a - b);
  const used = Float64Array.from(ascending, (level) => counts[level * anatomy.levelSteps + LEVEL_ZERO] ?? 0);
  return { levels: ascending, counts: used, entropyBits: entropyOf(used), nominalBits: scheme.codeBits };
}

/** Every level of a weight whose code is its own: its bits are set to all that they can be. */
function possibleLevels(anatomy: Anatomy, { blockBytes }: Scheme): number[] {
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

function entropyOf(counts: Counts): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (bits, count) => (count === 0 ? bits : bits - (count / total) * Math.log2(count / total)),
    0,
  );
}
