// A scale of colors: where a value stands on it, which ticks are under it and which marks over it. That of bits per weight is the
// same in every map.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { scaleColor, scalePosition, type Color, type ThemeKind } from '../colors.ts';

export interface MeasureScale {
  /** Where a value stands, 0…1. */
  readonly position: (value: number) => number;
  readonly color: (theme: ThemeKind, position: number) => Color;
  readonly ticks: readonly Tick[];
  /** Triangles over the scale, explained on hover. */
  readonly marks: readonly Tick[];
}

export interface Tick {
  readonly position: number;
  readonly text: string;
}

export const ticksAt = (
  position: (value: number) => number,
  values: readonly number[],
  text = (value: number): string => String(value),
): Tick[] => values.map((value) => ({ position: position(value), text: text(value) }));

/** Nominal widths: a type's own bits stand between them. */
const BIT_TICKS = [2, 3, 4, 5, 6, 8, 16, 32];

/** The types of the model are its marks. */
export function bitsScale({ types }: Pick<ModelView, 'types'>): MeasureScale {
  return {
    position: scalePosition,
    color: scaleColor,
    ticks: ticksAt(scalePosition, BIT_TICKS),
    marks: types.flatMap(({ name, bitsPerWeight }) =>
      bitsPerWeight === null
        ? []
        : [{ position: scalePosition(bitsPerWeight), text: `${name}: ${bitsPerWeight} bits per weight` }],
    ),
  };
}
