// Which of the levels that its codes can stand for a tensor uses, and how evenly.
import { LEVEL_ZERO } from '../../core/analysis/blockTally.ts';
import type { Counts } from '../../core/analysis/tally.ts';
import { anatomyOf } from '../../core/quant/anatomy/anatomy.ts';
import { possibleLevels } from '../../core/quant/anatomy/levels.ts';
import type { Scheme } from '../../core/quant/scheme.ts';
import type { CodeUse } from '../../protocol/tensorStats.ts';

/**
 * @param counts of levels, see BlockTally
 * @param codeLevels of a packed matrix: what each code stands for, and `counts` are of codes
 */
export function codeUse(
  scheme: Scheme,
  counts: Counts,
  codeLevels: readonly number[] | null,
): CodeUse | null {
  if (codeLevels !== null) return useOfCodes(codeLevels, counts, scheme.codeBits);
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

/** Codes that stand for the same (0 and −0) are one level; those that stand for no number are left out. */
function useOfCodes(codeLevels: readonly number[], counts: Counts, nominalBits: number | null): CodeUse {
  const used = new Map<number, number>();
  codeLevels.forEach((level, code) => {
    const count = counts[code] ?? 0;
    if (!Number.isFinite(level)) return;
    used.set(level + 0, (used.get(level + 0) ?? 0) + count);
  });
  const levels = [...used.keys()].sort((a, b) => a - b);
  const levelCounts = Float64Array.from(levels, (level) => used.get(level) ?? 0);
  // Codes of several widths (EXL2) have more levels than their mean width has.
  const bits = nominalBits === null ? null : Math.max(nominalBits, Math.log2(levels.length));
  return { levels, counts: levelCounts, entropyBits: entropyOf(levelCounts), nominalBits: bits };
}

function entropyOf(counts: Counts): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (bits, count) => (count === 0 ? bits : bits - (count / total) * Math.log2(count / total)),
    0,
  );
}
