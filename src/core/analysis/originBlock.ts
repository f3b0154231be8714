// One block of a sample as a block of a quantized type: the scales of its groups and the levels of its weights.
import { fitLattice, type Lattice, type LatticeFit, type Measured } from './originLattice.ts';
import { holdsHalf, isPowerOfTwo } from './originPrecision.ts';
import type { GridType } from './originTypes.ts';

/** Of numbers as coarse as the lattice more than one scale is possible. */
const SURE_BITS = 8;

/** A scale lies between these. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

export interface BlockFit {
  /** See LatticeFit. */
  readonly bits: number;
  /** Of the groups with so many levels that no other scale could be meant: 0, 2, 4 look as 0, 1, 2 do. */
  readonly scales: readonly Scale[];
  /** Levels that occur: signed; of types with a min above the least of the group; of floats without their exponent. */
  readonly levels: readonly number[];
  /** Most magnitudes in a group. */
  readonly magnitudes: number;
}

/** Null where the weights are not those of a block of this type. */
export function fitBlock(type: GridType, numbers: readonly Measured[]): BlockFit | null {
  const scales: Scale[] = [];
  const levels: number[] = [];
  const sureLevels = Math.min(4, type.levelCount - 1);
  let bits = 0;
  let magnitudes = 0;
  for (let first = 0; first < numbers.length; first += type.groupWeights) {
    const group = fitGroup(type, numbers.slice(first, first + type.groupWeights));
    if (group === null) return null;
    if (group === 'empty') continue;
    const { low, high, used } = group;
    if (type.scale === 'half' && !holdsHalf(low, high)) return null;
    if (type.scale === 'powerOfTwo' && !isPowerOfTwo(low, high)) return null;
    bits += Math.max(0, group.bits);
    magnitudes = Math.max(magnitudes, new Set(used.map(Math.abs)).size);
    if (used.length >= sureLevels && (sureLevels < 4 || group.bits >= SURE_BITS)) scales.push({ low, high });
    levels.push(...(type.isFloat === true ? used.map(withoutExponent) : used));
  }
  if (typeof type.scale === 'object' && scales.length > 1) {
    const measured = scales.map(({ low, high }) => ({
      value: (low + high) / 2,
      tolerance: (high - low) / 2,
    }));
    if (fitLattice(distinctOf(measured), type.scale) === null) return null;
  }
  return { bits, scales, levels, magnitudes };
}

/** `used`: each level once. */
type GroupFit = Pick<LatticeFit, 'low' | 'high' | 'bits'> & { readonly used: readonly number[] };

/** 'empty': zeros, or a single value of a type with min. */
function fitGroup(type: GridType, numbers: readonly Measured[]): GroupFit | 'empty' | null {
  const distinct = distinctOf(numbers);
  const [lattice] = type.lattices;
  if (type.hasMin === true && lattice !== undefined) return fitDistances(lattice, distinct);
  const nonZero = distinct.filter(({ value }) => value !== 0);
  if (nonZero.length === 0) return 'empty';
  const hasZero = nonZero.length < distinct.length;
  if (hasZero && type.hasZero !== true) return null;
  for (const candidate of type.lattices) {
    const fit = fitLattice(nonZero, candidate);
    if (fit === null) continue;
    const levelOf = new Map(nonZero.map(({ value }, index) => [value, fit.levels[index] ?? NaN]));
    if (type.isPattern?.(numbers.map(({ value }) => levelOf.get(value) ?? NaN)) === false) continue;
    return { ...fit, used: hasZero ? [0, ...fit.levels] : fit.levels };
  }
  return null;
}

/** All weights are the same min away from a lattice: their distances from the one nearest to zero, which is known best, lie on it. */
function fitDistances(lattice: Lattice, distinct: readonly Measured[]): GroupFit | 'empty' | null {
  if (distinct.length === 1) return 'empty';
  if (distinct.length > lattice.spread + 1) return null; // spares the search
  const nearest = distinct.reduce((a, b) => (Math.abs(b.value) < Math.abs(a.value) ? b : a));
  const distances = distinct
    .filter((each) => each !== nearest)
    .map(({ value, tolerance }) => ({
      value: value - nearest.value,
      tolerance: tolerance + nearest.tolerance,
    }));
  const fit = fitLattice(distances, lattice);
  if (fit === null) return null;
  const least = Math.min(0, ...fit.levels);
  return { ...fit, used: [0, ...fit.levels].map((level) => level - least) };
}

/** Each value once. */
function distinctOf(numbers: readonly Measured[]): Measured[] {
  return [...new Map(numbers.map((number) => [number.value, number])).values()];
}

function withoutExponent(level: number): number {
  return level === 0 ? 0 : level / 2 ** Math.floor(Math.log2(Math.abs(level)));
}
