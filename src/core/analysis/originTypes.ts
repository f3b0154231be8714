// What the weights of every quantized type look like once they are floats: groups that share a scale, and levels in them.
import { evenSigns } from '../quant/decode/gridQuants.ts';
import {
  type Grid,
  IQ1_GRID,
  IQ2_S_GRID,
  IQ2_XS_GRID,
  IQ2_XXS_GRID,
  IQ3_S_GRID,
  IQ3_XXS_GRID,
  iq4Level,
  level,
} from '../quant/decode/grids.ts';
import { FP4_VALUES } from '../quant/decode/smallFloats.ts';
import { type Lattice, floatsOf, tableOf, wholeNumbers } from './originLattice.ts';

/** How a type spreads its levels. */
export interface GridType {
  /** Name of the scheme. */
  readonly name: string;
  readonly blockWeights: number;
  /** Weights that share a scale, and a min where there is one. */
  readonly groupWeights: number;
  /** Any of these; two for a table that is not symmetric, whose scale may be negative. */
  readonly lattices: readonly Lattice[];
  /** Levels that a tensor of this type can have; it must use most of them, or a narrower type says as much. */
  readonly levelCount: number;
  /** With a min: only distances between weights lie on the lattice. */
  readonly hasMin?: boolean;
  readonly hasZero?: boolean;
  readonly isFloat?: boolean;
  /** Different magnitudes that some group must have at least. */
  readonly magnitudes?: number;
  /** What the scale of a group may be: any number, a half, a power of two, or one of the block times a whole number. */
  readonly scale: 'any' | 'half' | 'powerOfTwo' | Lattice;
  /** Share of groups whose scale must at least differ from that of the group before: one lattice for a whole row is how tables
   * and ramps look, too. */
  readonly scaleChanges: number;
  /** Is this a pattern of the grid? Levels of a group, signed, −1 times all of them for a negative scale. */
  readonly isPattern?: (levels: readonly number[]) => boolean;
}

/** All of them, but for scales that have few bits, and for types of 128 weights in a block taken for narrower ones. */
const MANY_CHANGES = 0.1;

/** Codes −steps … steps − 1 times the scale, which may be negative. */
const symmetric = (
  name: string,
  blockWeights: number,
  groupWeights: number,
  steps: number,
  scale: GridType['scale'],
): GridType => ({
  name,
  blockWeights,
  groupWeights,
  lattices: [wholeNumbers(steps, 2 * steps - 1)],
  levelCount: 2 * steps,
  hasZero: true,
  scale,
  scaleChanges: MANY_CHANGES,
});

const withMin = (
  name: string,
  blockWeights: number,
  groupWeights: number,
  codes: number,
  scale: GridType['scale'],
): GridType => ({
  name,
  blockWeights,
  groupWeights,
  lattices: [wholeNumbers(codes - 1, codes - 1)],
  levelCount: codes,
  hasMin: true,
  scale,
  scaleChanges: MANY_CHANGES,
});

const table = (
  name: string,
  blockWeights: number,
  groupWeights: number,
  levels: readonly number[],
  more: Partial<GridType> = {},
): GridType => {
  const isSymmetric = levels.every((level) => levels.includes(-level));
  const flipped = levels.map((level) => -level);
  return {
    name,
    blockWeights,
    groupWeights,
    lattices: isSymmetric ? [tableOf(levels)] : [tableOf(levels), tableOf(flipped)],
    levelCount: levels.length,
    scale: 'any',
    scaleChanges: MANY_CHANGES,
    ...more,
  };
};

const both = (magnitudes: readonly number[]): number[] => magnitudes.flatMap((each) => [-each, each]);
const IQ2 = both([8, 25, 43]);
const IQ3_XXS = both([4, 12, 20, 28, 36, 44, 52, 62]);
const IQ3_S = both([1, 3, 5, 7, 9, 11, 13, 15]);
const IQ4 = Array.from({ length: 16 }, (_item, code) => iq4Level(code));
const FP4 = [...new Set(FP4_VALUES)];

/** The patterns of a grid as texts. */
function patternsOf(grid: Grid): ReadonlySet<string> {
  const count = grid.levels.byteLength / grid.width;
  const pattern = (index: number): number[] =>
    Array.from({ length: grid.width }, (_item, j) => level(grid, index, j));
  return new Set(Array.from({ length: count }, (_item, index) => pattern(index).join()));
}

/** Some levels at a time. */
function pieces(levels: readonly number[], width: number): (readonly number[])[] {
  return Array.from({ length: levels.length / width }, (_item, index) =>
    levels.slice(index * width, (index + 1) * width),
  );
}

/** Do the magnitudes stand in the grid, with signs as the type can write them? */
function inGrid(grid: Grid, signs: 'even' | 'free'): NonNullable<GridType['isPattern']> {
  const patterns = patternsOf(grid);
  const minuses = (eight: readonly number[]): number =>
    eight.reduce((bits, each, j) => bits | (each < 0 ? 1 << j : 0), 0);
  return (levels) =>
    pieces(levels, grid.width).every((piece) => patterns.has(piece.map(Math.abs).join())) &&
    (signs === 'free' ||
      pieces(levels, 8).every((eight) => minuses(eight) === evenSigns(minuses(eight) & 127)));
}

/** Eight times −1, 0 and 1, as they stand in the grid, with 1 added to all of them or taken from all of them. */
function inIq1Grid(): NonNullable<GridType['isPattern']> {
  const patterns = patternsOf(IQ1_GRID);
  const stands = (eight: readonly number[], sign: number): boolean =>
    [1, -1].some((shift) => patterns.has(eight.map((each) => (sign * each - shift) / 8).join()));
  return (levels) => [1, -1].some((sign) => pieces(levels, 8).every((eight) => stands(eight, sign)));
}

/** The narrowest first. Q8_1 and Q8_K are only ever made in computations. */
export const GRID_TYPES: readonly GridType[] = [
  table('Q1_0', 128, 128, [-1, 1]),
  table('IQ1_S', 256, 32, [-7, 1, 9], { isPattern: inIq1Grid() }),
  ternary('TQ1_0'),
  table('IQ1_M', 256, 16, both([1, 7, 9]), { isPattern: inIq1Grid() }),
  ternary('TQ2_0'),
  table('IQ2_XXS', 256, 32, IQ2, { isPattern: inGrid(IQ2_XXS_GRID, 'even') }),
  symmetric('Q2_0', 64, 64, 2, 'half'),
  table('IQ2_XS', 256, 16, IQ2, { isPattern: inGrid(IQ2_XS_GRID, 'even') }),
  table('IQ2_S', 256, 16, IQ2, { isPattern: inGrid(IQ2_S_GRID, 'free') }),
  withMin('Q2_K', 256, 16, 4, 'any'),
  table('IQ3_XXS', 256, 32, IQ3_XXS, { isPattern: inGrid(IQ3_XXS_GRID, 'even') }),
  symmetric('Q3_K', 256, 16, 4, 'any'),
  table('IQ3_S', 256, 32, IQ3_S, { isPattern: inGrid(IQ3_S_GRID, 'free') }),
  table('MXFP4', 32, 32, FP4, { hasZero: true, scale: 'powerOfTwo', scaleChanges: 0.01 }),
  table('IQ4_XS', 256, 32, IQ4, { scale: wholeNumbers(32, 32) }),
  symmetric('Q4_0', 32, 32, 8, 'half'),
  table('IQ4_NL', 32, 32, IQ4, { scale: 'half' }),
  withMin('Q4_K', 256, 32, 16, wholeNumbers(63, 63)),
  table('NVFP4', 64, 16, FP4, { hasZero: true }),
  withMin('Q4_1', 32, 32, 16, 'half'),
  symmetric('Q5_0', 32, 32, 16, 'half'),
  withMin('Q5_K', 256, 32, 32, wholeNumbers(63, 63)),
  withMin('Q5_1', 32, 32, 32, 'half'),
  symmetric('Q6_K', 256, 16, 32, 'any'),
  float8('F8_E5M2', 3),
  float8('F8_E4M3', 4),
  // Its scale is chosen so that the largest weight of every block is 127.
  { ...symmetric('Q8_0', 32, 32, 127, 'half'), lattices: [wholeNumbers(127, 254, [127])] },
];

/** −1, 0, 1. Models that were trained like that have one scale for a whole tensor. */
function ternary(name: string): GridType {
  return {
    ...symmetric(name, 256, 256, 1, 'any'),
    lattices: [wholeNumbers(1, 2)],
    levelCount: 3,
    scaleChanges: 0,
  };
}

/** One scale for the tensor, a row or a block of 128: none of them is narrower than 128 weights. */
function float8(name: string, significantBits: number): GridType {
  return {
    name,
    blockWeights: 128,
    groupWeights: 128,
    lattices: [floatsOf(significantBits)],
    levelCount: 2 ** significantBits,
    isFloat: true,
    magnitudes: 3 * 2 ** (significantBits - 1), // of three octaves: whole numbers have no gaps after the first
    hasZero: true,
    scale: 'any',
    scaleChanges: 0,
  };
}
