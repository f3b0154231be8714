// How the kernel counts the levels of a strip: by bits of many weights at a time where a level has few of them, two weights at a
// time where it has some more, else one by one.
import { anatomyOf } from '../quant/anatomy/anatomy.ts';
import { possibleLevels } from '../quant/anatomy/levels.ts';
import type { Scheme } from '../quant/scheme.ts';
import { LEVEL_ZERO } from './blockTally.ts';
import type { Counts } from './tally.ts';

const LEVEL_COUNT = 2 * LEVEL_ZERO;
const TABLES = 8;
/** Levels of more bits have too many sets of them. */
const MAX_SET_BITS = 4;
/** Pairs of levels of more bits would not fit into the fastest memory. */
const MAX_PAIR_BITS = 6;

export interface LevelCounter {
  /** Counts the levels of so many weights of the strip just decoded. Of one scheme only between two takes. */
  counterOf(scheme: Scheme): (weightCount: number) => void;
  /** The same of codes from 0 on that stand for themselves, of so many bits: code 0 has the bin of level 0. */
  counterOfCodes(bits: number): (weightCount: number) => void;
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
  const countLevelBits = call('countLevelBits');
  const single = new Uint32Array(buffer, address('LEVEL_COUNTS'), TABLES * LEVEL_COUNT);
  const pairs = new Uint32Array(buffer, address('LEVEL_PAIRS'), 2 ** (2 * MAX_PAIR_BITS));
  const sets = new Uint32Array(buffer, address('LEVEL_BITS'), 2 ** MAX_SET_BITS);
  let short: ShortLevels | null = null;
  const counterOfShort = (own: ShortLevels | null) => {
    if (own === null) return countLevels;
    return (weightCount: number): void => {
      short = own;
      if (own.bits > MAX_SET_BITS) {
        countLevelPairs(weightCount, own.bits);
        return;
      }
      countLevelBits(weightCount);
      sets[0] = (sets[0] ?? 0) + weightCount; // the set of none: every weight has it
    };
  };
  return {
    counterOf: (scheme) => counterOfShort(shortLevels(scheme)),
    counterOfCodes: (bits) =>
      counterOfShort(
        bits > MAX_PAIR_BITS ? null : shortestBits(Array.from({ length: 2 ** bits }, (_item, code) => code)),
      ),
    take() {
      const counts = new Float64Array(LEVEL_COUNT);
      for (let index = 0; index < single.length; index++)
        counts[index % LEVEL_COUNT] = (counts[index % LEVEL_COUNT] ?? 0) + (single[index] ?? 0);
      single.fill(0);
      if (short !== null && short.bits > MAX_SET_BITS)
        addPairs(counts, pairs.subarray(0, 2 ** (2 * short.bits)), short);
      else if (short !== null) addSets(counts, sets, short);
      short = null;
      return counts;
    },
  };
}

/** Levels that can be told apart by their lowest bits. */
interface ShortLevels {
  readonly bits: number;
  /** Bins of BlockTally by these bits. */
  readonly bins: Uint8Array;
}

const known = new Map<string, ShortLevels | null>();

function shortLevels(scheme: Scheme): ShortLevels | null {
  const found = known.get(scheme.name);
  if (found !== undefined) return found;
  const steps = anatomyOf(scheme, 'little')?.levelSteps ?? 1;
  const levels = possibleLevels(scheme)?.map((level) => level * steps) ?? [];
  const short = levels.length === 0 ? null : shortestBits(levels);
  known.set(scheme.name, short);
  return short;
}

function shortestBits(levels: readonly number[]): ShortLevels | null {
  for (let bits = MAX_SET_BITS; bits <= MAX_PAIR_BITS; bits++) {
    const mask = (1 << bits) - 1;
    const bins = new Uint8Array(1 << bits);
    for (const level of levels) bins[level & mask] = level + LEVEL_ZERO;
    if (levels.every((level) => bins[level & mask] === level + LEVEL_ZERO)) return { bits, bins };
  }
  return null;
}

/** Each count is of a pair of weights: the lower bits are the first one's. */
function addPairs(counts: Counts, pairs: Uint32Array, { bits, bins }: ShortLevels): void {
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

/** Each count is of the weights that have at least these bits. */
function addSets(counts: Counts, sets: Uint32Array, { bins }: ShortLevels): void {
  const exactly = Float64Array.from(sets);
  for (let bit = 1; bit < exactly.length; bit *= 2) {
    for (let set = 0; set < exactly.length; set++) {
      if ((set & bit) === 0) exactly[set] = (exactly[set] ?? 0) - (exactly[set | bit] ?? 0);
    }
  }
  exactly.forEach((count, level) => {
    const bin = bins[level] ?? 0;
    if (count > 0) counts[bin] = (counts[bin] ?? 0) + count;
  });
  sets.fill(0);
}
