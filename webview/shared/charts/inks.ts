// The colors and the font of charts, as they stand in the style sheets at this moment: a canvas knows no variables.
import type { Ink } from './plot.ts';

export interface Inks {
  readonly color: (ink: Ink) => string;
  readonly fontFamily: string;
}

/** Reads them from the page; read them again when the theme changes. */
export function readInks(): Inks {
  const style = getComputedStyle(document.body);
  const known = new Map<Ink, string>();
  return {
    fontFamily: style.fontFamily,
    color(ink) {
      if (ink.startsWith('#')) return ink;
      const color = known.get(ink) ?? style.getPropertyValue(`--${ink}`).trim();
      known.set(ink, color);
      return color;
    },
  };
}
