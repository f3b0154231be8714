// How the kernel counts the levels of a strip: two weights at a time where a level has few bits, else one by one.
import { anatomyOf } from '../quant/anatomy/anatomy.ts';
import { possibleLevels } from '../quant/anatomy/levels.ts';
import type { Scheme } from '../quant/scheme.ts';
import { LEVEL_ZERO } from './blockTally.ts';
import type { Counts } from './tally.ts';

const LEVEL_COUNT = 2 * LEVEL_ZERO;
const TABLES = 8;
/** Pairs of levels of more bits would not fit into the fastest memory. */
const MAX_PAIR_BITS = 6;

export interface LevelCounter {
  /** Counts the levels of so many weights of the strip just decoded. Of one scheme only between two takes. */
  counterOf(scheme: Scheme): (weightCount: number) => void;
  /** By level, see BlockTally; begins anew. */
  take(): Counts;
}

type WasmFunction = (...values: readonly number[]) => number;

export function createLevelCounter(
  { buffer }: WebAssembly.Memory,
  address: (name: string) => number,
  call: (name: string) => WasmFunction,
): LevelCounter {
  const [countLevels, countLevelPairs] = [call('countLevels'), call('countLevelPairs')];
  const single = new Uint32Array(buffer, address('LEVEL_COUNTS'), TABLES * LEVEL_COUNT);
  const pairs = new Uint32Array(buffer, address('LEVEL_PAIRS'), 2 ** (2 * MAX_PAIR_BITS));
  let paired: PairedLevels | null = null;
  return {
    counterOf(scheme) {
      const own = pairedLevels(scheme);
      if (own === null) return countLevels;
      return (weightCount) => {
        paired = own;
        countLevelPairs(weightCount, own.bits);
      };
    },
    take() {
      const counts = new Float64Array(LEVEL_COUNT);
      for (let index = 0; index < single.length; index++)
        counts[index % LEVEL_COUNT] = (counts[index % LEVEL_COUNT] ?? 0) + (single[index] ?? 0);
      single.fill(0);
      if (paired !== null) addPairs(counts, pairs.subarray(0, 2 ** (2 * paired.bits)), paired);
      paired = null;
      return counts;
    },
  };
}

/** Levels that can be told apart by their lowest bits. */
interface PairedLevels {
  readonly bits: number;
  /** Bins of BlockTally by these bits. */
  readonly bins: Uint8Array;
}

const known = new Map<string, PairedLevels | null>();

function pairedLevels(scheme: Scheme): PairedLevels | null {
  const found = known.get(scheme.name);
  if (found !== undefined) return found;
  const steps = anatomyOf(scheme, 'little')?.levelSteps ?? 1;
  const levels = possibleLevels(scheme)?.map((level) => level * steps) ?? [];
  const paired = levels.length === 0 ? null : shortestBits(levels);
  known.set(scheme.name, paired);
  return paired;
}

function shortestBits(levels: readonly number[]): PairedLevels | null {
  for (let bits = 1; bits <= MAX_PAIR_BITS; bits++) {
    const mask = (1 << bits) - 1;
    const bins = new Uint8Array(1 << bits);
    for (const level of levels) bins[level & mask] = level + LEVEL_ZERO;
    if (levels.every((level) => bins[level & mask] === level + LEVEL_ZERO)) return { bits, bins };
  }
  return null;
}

/** Each count is of a pair of weights: the lower bits are the first one's. */
function addPairs(counts: Counts, pairs: Uint32Array, { bits, bins }: PairedLevels): void {
  for (let pair = 0; pair < pairs.length; pair++) {
    const count = pairs[pair] ?? 0;
    if (count === 0) continue;
    for (const level of [pair & ((1 << bits) - 1), pair >> bits]) {
      const bin = bins[level] ?? 0;
      counts[bin] = (counts[bin] ?? 0) + count;
    }
  }
  pairs.fill(0);
}
