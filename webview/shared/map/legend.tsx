// The scale of the map: the measure as colors, with ticks under it and marks over it.
import type { ThemeKind } from '../colors.ts';
import type { MeasureScale } from './scale.ts';

/** Stops of the gradient: CSS mixes linearly between them, and the scale does not. */
const GRADIENT_STEPS = 40;

interface Props {
  /** What it is the scale of, in a sentence, and the caption beside it. */
  readonly name: string;
  readonly caption: string;
  readonly scale: MeasureScale;
  readonly theme: ThemeKind;
}

export function Legend({ name, caption, scale, theme }: Props) {
  const { color, ticks, marks } = scale;
  const colors = Array.from({ length: GRADIENT_STEPS + 1 }, (_, step) => color(theme, step / GRADIENT_STEPS));
  const ends = `from ${ticks[0]?.text} to ${ticks.at(-1)?.text}`;
  const inFile = marks.length === 0 ? '' : `. Marks: ${marks.map(({ text }) => text).join(', ')}`;
  const at = (position: number) => ({ left: `${position * 100}%` });
  return (
    <div class="map-legend" role="img" aria-label={`Scale of ${name} ${ends}${inFile}`}>
      <span class="caption">{caption}</span>
      <div class="ramp">
        <div class="colors" style={{ background: `linear-gradient(90deg, ${colors.join(', ')})` }} />
        {ticks.map(({ position, text }) => (
          <span key={text} class="tick" style={at(position)}>
            {text}
          </span>
        ))}
        {marks.map(({ position, text }) => (
          <i key={text} class="mark" style={at(position)} title={text} />
        ))}
      </div>
    </div>
  );
}
