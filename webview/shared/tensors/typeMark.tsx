// The mark of a type: its color by bits per weight, hatched where they are not known.
import type { TypeView } from '../../../src/protocol/modelView.ts';
import { bitsColor, needsOutline, type Color } from '../colors.ts';
import { theme } from '../theme.ts';

export interface Mark {
  /** undefined: the style sheet hatches it. */
  readonly color: Color | undefined;
  readonly className: '' | 'outlined' | 'unknown';
}

export function typeMark({ bitsPerWeight }: TypeView): Mark {
  if (bitsPerWeight === null) return { color: undefined, className: 'unknown' };
  const color = bitsColor(theme.value, bitsPerWeight);
  return { color, className: needsOutline(theme.value, color) ? 'outlined' : '' };
}

/** The mark as a small square beside the name. */
export function TypeSwatch({ type }: { readonly type: TypeView }) {
  const { color, className } = typeMark(type);
  return <span class={`swatch ${className}`} style={{ background: color }} />;
}
