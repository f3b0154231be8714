// A formula with this model's numbers in it, in pieces: a page explains each of them, a terminal joins them.
import { formatCount } from '../base/units.ts';

export interface PlanPiece {
  readonly text: string;
  /** What the number is: "layers", "KV heads"; '' for signs between numbers. */
  readonly meaning: string;
}

export type PlanFormula = readonly PlanPiece[];

/** The factors of a product; a factor of 1 that says nothing is left out by the caller. */
export function product(
  ...factors: readonly (readonly [value: number | string, meaning: string])[]
): PlanPiece[] {
  return factors.flatMap(([value, meaning], index) => [
    ...(index === 0 ? [] : [{ text: ' × ', meaning: '' }]),
    { text: typeof value === 'number' ? numberText(value) : value, meaning },
  ]);
}

export function sum(terms: readonly PlanFormula[]): PlanPiece[] {
  return terms.flatMap((term, index) => (index === 0 ? term : [{ text: ' + ', meaning: '' }, ...term]));
}

export const formulaText = (formula: PlanFormula): string => formula.map(({ text }) => text).join('');

/** 1.0625 stays what it is: rounded, the product would not come out. */
const numberText = (value: number): string => (Number.isInteger(value) ? formatCount(value) : String(value));
