// The scale of the map: bits per weight as colors, with marks over the types that occur.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { scaleColor, scalePosition, type ThemeKind } from '../../shared/colors.ts';

/** Numbers under the scale. Nominal widths: a type's own bits stand between them. */
const TICKS = [2, 3, 4, 5, 6, 8, 16, 32];
/** Stops of the gradient: CSS mixes linearly between them, and the scale does not. */
const GRADIENT_STEPS = 40;

export function Legend({ model, theme }: { readonly model: ModelView; readonly theme: ThemeKind }) {
  const colors = Array.from({ length: GRADIENT_STEPS + 1 }, (_, step) =>
    scaleColor(theme, step / GRADIENT_STEPS),
  );
  const types = model.types.filter(({ bitsPerWeight }) => bitsPerWeight !== null);
  const names = types.map(({ name, bitsPerWeight }) => `${name} ${bitsPerWeight}`).join(', ');
  const at = (bits: number) => ({ left: `${scalePosition(bits) * 100}%` });
  return (
    <div class="map-legend" role="img" aria-label={`Scale of bits per weight. Types in this file: ${names}`}>
      <span class="caption">bits per weight</span>
      <div class="ramp">
        <div class="colors" style={{ background: `linear-gradient(90deg, ${colors.join(', ')})` }} />
        {TICKS.map((bits) => (
          <span key={bits} class="tick" style={at(bits)}>
            {bits}
          </span>
        ))}
        {types.map(({ name, bitsPerWeight }) => (
          <i
            key={name}
            class="mark"
            style={at(bitsPerWeight ?? 0)}
            title={`${name}: ${bitsPerWeight} bits per weight`}
          />
        ))}
      </div>
    </div>
  );
}
