// Where in a block the numbers of a weight lie, bit by bit, and how scale, level and min come from them.
import type { Endianness } from '../decode/decoder.ts';
import { halfValue } from '../decode/floats.ts';
import type { FieldFamily } from '../scheme.ts';

/** Bits `shift` … `shift + width − 1` of byte `byte` of the block. */
export interface BitRun {
  readonly byte: number;
  readonly shift: number;
  readonly width: number;
}

/** Numbers by their names in the formula of the scheme. Beside them: `sign` (1 is a minus) where signs are stored apart from
 * the codes, and `shift` (1 is down) of the IQ1 types. */
export type NumberName = 'd' | 'e' | 'sc' | 'dmin' | 'm' | 'q' | 'sign' | 'shift';

/** A number in a block. */
export interface StoredNumber {
  readonly family: FieldFamily;
  /** Its bits, the lowest first. */
  readonly runs: readonly BitRun[];
  /** What the bits mean: the half, the signed byte, the digit. */
  readonly valueOf: (bits: number) => number;
}

export type StoredNumbers = Readonly<Partial<Record<NumberName, StoredNumber>>>;

/** Values by name; 0 for a number that the scheme does not have. */
export type NumberValues = Readonly<Record<NumberName, number>>;

/** A weight of any scheme is scale · level − min. */
export interface BlockLayout {
  /** How many neighbours share scale and min. */
  readonly scaleWeights: number;
  /** How many neighbours share a code: 4 or 8 where a code is the index of a pattern. */
  readonly codeWeights: number;
  /** How many codes there are: `q` (of a signed byte its bits) is 0 … codeCount − 1. */
  readonly codeCount: number;
  /** Levels are whole numbers (1), halves (2) or eighths (8). */
  readonly levelSteps: 1 | 2 | 8;
  readonly numbersOf: (weight: number, endianness: Endianness) => StoredNumbers;
  readonly scaleOf: (values: NumberValues) => number;
  /** What the code stands for. */
  readonly levelOf: (values: NumberValues, weight: number) => number;
  readonly minOf: (values: NumberValues) => number;
}

export const noMin = (): number => 0;
const asItIs = (bits: number): number => bits;

export const run = (byte: number, shift: number, width: number): BitRun => ({ byte, shift, width });

/** Bits `first` … `first + width − 1` of the number of `size` bytes at `at`, whose bytes are in the order of the file. */
export function wordRuns(
  at: number,
  size: number,
  first: number,
  width: number,
  endianness: Endianness,
): BitRun[] {
  const runs: BitRun[] = [];
  for (let bit = first; bit < first + width;) {
    const index = bit >> 3;
    const shift = bit & 7;
    const taken = Math.min(8 - shift, first + width - bit);
    runs.push(run(endianness === 'little' ? at + index : at + size - 1 - index, shift, taken));
    bit += taken;
  }
  return runs;
}

/** A number of family `family` made of `runs`. */
export const stored = (
  family: FieldFamily,
  runs: readonly BitRun[],
  valueOf: StoredNumber['valueOf'] = asItIs,
): StoredNumber => ({ family, runs, valueOf });

/** The code of a weight. */
export const code = (...runs: readonly BitRun[]): StoredNumber => stored('code', runs);

export const half = (at: number, endianness: Endianness, family: FieldFamily = 'superScale'): StoredNumber =>
  stored(family, wordRuns(at, 2, 0, 16, endianness), halfValue);

/** A byte as a signed number. */
export const signedByte = (bits: number): number => (bits << 24) >> 24;
