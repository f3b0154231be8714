// Which of the levels that its codes can stand for a tensor uses, and how evenly.
import { LEVEL_ZERO } from '../../core/analysis/blockTally.ts';
import type { Counts } from '../../core/analysis/tally.ts';
import { anatomyOf } from '../../core/quant/anatomy/anatomy.ts';
import { possibleLevels } from '../../core/quant/anatomy/levels.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { CodeUse } from '../../protocol/tensorStats.ts';

/** @param counts of levels, see BlockTally */
export function codeUse(scheme: Scheme, counts: Counts): CodeUse | null {
  const anatomy = anatomyOf(scheme, 'little');
  if (anatomy === null) return null;
  const levels = new Set(possibleLevels(scheme));
  counts.forEach((count, bin) => {
    if (count > 0) levels.add((bin - LEVEL_ZERO) / anatomy.levelSteps);
  });
  const ascending = [...levels].sort((a, b) => a - b);
  const used = Float64Array.from(ascending, (level) => counts[level * anatomy.levelSteps + LEVEL_ZERO] ?? 0);
  return { levels: ascending, counts: used, entropyBits: entropyOf(used), nominalBits: scheme.codeBits };
}

function entropyOf(counts: Counts): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (bits, count) => (count === 0 ? bits : bits - (count / total) * Math.log2(count / total)),
    0,
  );
}
