// What one pass collects about the blocks of a tensor beside its weights: how often each level is used, the scales, the mins.
import { anatomyOf } from '../quant/anatomy/anatomy.ts';
import type { Endianness } from '../quant/decode/decoder.ts';
import type { Scheme } from '../quant/scheme.ts';
import { addCounts, BIN_COUNT, type Counts } from './tally.ts';

/** Bin of the level 0 in `BlockTally.levels`. */
export const LEVEL_ZERO = 128;

export interface BlockTally {
  /** Weights by what their codes stand for: level × levelSteps + 128 (q of Q4_K, q − 8 of Q4_0, ±grid[q] of IQ2_S). */
  readonly levels: Counts;
  /** Scales (d·sc and the like) by the upper 16 bits of their F32; each once, however many weights share it. */
  readonly scales: Counts;
  /** Mins (dmin·m; −m of Q4_1), likewise; empty where the scheme has none. */
  readonly mins: Counts;
}

export function createBlockTally(): BlockTally {
  return {
    levels: new Float64Array(2 * LEVEL_ZERO),
    scales: new Float64Array(BIN_COUNT),
    mins: new Float64Array(BIN_COUNT),
  };
}

/** The reference: adds `blockCount` blocks at `byteOffset`, by their anatomy. Slow; for tests, single blocks, rare types. */
export function addBlocksToTally(
  tally: BlockTally,
  scheme: Scheme,
  endianness: Endianness,
  bytes: Uint8Array,
  byteOffset: number,
  blockCount: number,
): void {
  const anatomy = anatomyOf(scheme, endianness);
  if (anatomy === null || scheme.blockBytes === null) return;
  for (let block = 0; block < blockCount; block++) {
    for (let weight = 0; weight < scheme.blockWeights; weight++) {
      const made = anatomy.weightAt(bytes, byteOffset + block * scheme.blockBytes, weight);
      count(tally.levels, made.level * anatomy.levelSteps + LEVEL_ZERO);
      if (weight % anatomy.scaleWeights !== 0) continue;
      count(tally.scales, binOf(made.scale));
      if (anatomy.hasMin) count(tally.mins, binOf(made.min));
    }
  }
}

/** Adds what was counted of other blocks of the same tensor. */
export function mergeBlockTally(into: BlockTally, from: BlockTally): void {
  addCounts(into.levels, from.levels);
  addCounts(into.scales, from.scales);
  addCounts(into.mins, from.mins);
}

function count(counts: Counts, bin: number): void {
  counts[bin] = (counts[bin] ?? 0) + 1;
}

const VIEW_OF_BITS = new DataView(new ArrayBuffer(4));
/** The upper 16 bits of a number as F32. */
function binOf(value: number): number {
  VIEW_OF_BITS.setFloat32(0, value);
  return VIEW_OF_BITS.getUint16(0);
}
