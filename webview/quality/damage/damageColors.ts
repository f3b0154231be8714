// The colors of damage: the scale of outliers, with ticks of its own for each measure.
import { inkOn, outlierColor, type Color, type ThemeKind } from '../../shared/colors.ts';
import type { DamageMeasure } from '../state.ts';

export interface DamageScale {
  /** In nat, from where a token is colored to where the scale ends; by their logarithm. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** Fixed, so that texts of different models can be compared. */
export const DAMAGE_SCALES: Readonly<Record<DamageMeasure, DamageScale>> = {
  kl: { low: 0.005, high: 2, ticks: [0.01, 0.1, 1] },
  lost: { low: 0.05, high: 5, ticks: [0.1, 1, 5] },
};

/** 0…1, or null for what is too little to be colored, or was not scored. */
export function damagePosition({ low, high }: DamageScale, nat: number): number | null {
  if (!(nat >= low)) return null;
  return Math.min(1, Math.log(nat / low) / Math.log(high / low));
}

export interface TokenColors {
  readonly background: Color;
  readonly color: Color;
}

export function tokenColors(theme: ThemeKind, measure: DamageMeasure, nat: number): TokenColors | null {
  const position = damagePosition(DAMAGE_SCALES[measure], nat);
  if (position === null) return null;
  const background = outlierColor(theme, position);
  return { background, color: inkOn(background) };
}
