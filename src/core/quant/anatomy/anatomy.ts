// Takes a block apart: for every weight the numbers it is made of, their values, and the bits they lie in.
import type { Endianness } from '../decode/decoder.ts';
import type { FieldFamily, Scheme } from '../scheme.ts';
import { GRID_QUANT_LAYOUTS } from './gridQuants.ts';
import { K_QUANT_LAYOUTS } from './kQuants.ts';
import { type BitRun, type BlockLayout, noMin, type NumberName, type NumberValues } from './layout.ts';
import { PLAIN_BLOCK_LAYOUTS } from './plainBlocks.ts';
import { SMALL_FLOAT_LAYOUTS } from './smallFloats.ts';

/** A number of a weight, read from a block. */
export interface ReadNumber {
  readonly name: NumberName;
  readonly family: FieldFamily;
  /** Where its bits lie, the lowest first; bytes count from the start of the block. */
  readonly runs: readonly BitRun[];
  readonly bits: number;
  readonly value: number;
}

/** One weight: value = scale · level − min, as an F32. */
export interface WeightAnatomy {
  /** In the order d or e, sc, dmin, m, q, sign, shift; only those the scheme has. */
  readonly numbers: readonly ReadNumber[];
  /** d·sc and the like: how much the level counts. */
  readonly scale: number;
  /** What the code stands for: q − 8, grid[q] with its sign. */
  readonly level: number;
  /** dmin·m; the m of Q4_1 and Q5_1, which is added, as −m; 0 where there is none. */
  readonly min: number;
  readonly value: number;
}

export interface Anatomy extends Pick<
  BlockLayout,
  'scaleWeights' | 'codeWeights' | 'codeCount' | 'levelSteps'
> {
  readonly hasMin: boolean;
  /** Weight `weight` of the block that begins at `byteOffset`. */
  weightAt(bytes: Uint8Array, byteOffset: number, weight: number): WeightAnatomy;
}

const LAYOUTS: ReadonlyMap<string, BlockLayout> = new Map(
  [PLAIN_BLOCK_LAYOUTS, K_QUANT_LAYOUTS, GRID_QUANT_LAYOUTS, SMALL_FLOAT_LAYOUTS].flatMap((layouts) =>
    Object.entries(layouts),
  ),
);

const NAMES: readonly NumberName[] = ['d', 'e', 'sc', 'dmin', 'm', 'q', 'sign', 'shift'];

/** The anatomy of a block type; null for plain numbers, which have no blocks, and for unknown types. */
export function anatomyOf(scheme: Scheme, endianness: Endianness): Anatomy | null {
  const layout = LAYOUTS.get(scheme.name);
  if (layout === undefined) return null;
  const { scaleWeights, codeWeights, codeCount, levelSteps } = layout;
  return {
    scaleWeights,
    codeWeights,
    codeCount,
    levelSteps,
    hasMin: layout.minOf !== noMin,
    weightAt(bytes, byteOffset, weight) {
      const numbers = readNumbers(layout, endianness, bytes, byteOffset, weight);
      const values = valuesByName(numbers);
      const scale = layout.scaleOf(values);
      const level = layout.levelOf(values, weight);
      const min = layout.minOf(values);
      return { numbers, scale, level, min, value: Math.fround(scale * level - min) };
    },
  };
}

function readNumbers(
  layout: BlockLayout,
  endianness: Endianness,
  bytes: Uint8Array,
  byteOffset: number,
  weight: number,
): ReadNumber[] {
  const numbers = layout.numbersOf(weight, endianness);
  return NAMES.flatMap((name) => {
    const number = numbers[name];
    if (number === undefined) return [];
    const { family, runs, valueOf } = number;
    const bits = bitsAt(runs, bytes, byteOffset);
    return [{ name, family, runs, bits, value: valueOf(bits) }];
  });
}

/** The number whose bits lie in `runs`, below 2^53. */
function bitsAt(runs: readonly BitRun[], bytes: Uint8Array, byteOffset: number): number {
  let bits = 0;
  let weightOfBit = 1;
  for (const { byte, shift, width } of runs) {
    const held = bytes[byteOffset + byte];
    if (held === undefined) throw new RangeError(`Byte ${byteOffset + byte} is not there.`);
    bits += ((held >> shift) & ((1 << width) - 1)) * weightOfBit;
    weightOfBit *= 2 ** width;
  }
  return bits;
}

function valuesByName(numbers: readonly ReadNumber[]): NumberValues {
  const values = { d: 0, e: 0, sc: 0, dmin: 0, m: 0, q: 0, sign: 0, shift: 0 };
  for (const { name, value } of numbers) values[name] = value;
  return values;
}
