// A small chart of bars side by side: scales, mins, codes.
import type { Color } from '../colors.ts';

const PLOT_HEIGHT = 66;
const BELOW = 18;
/** From here on a bar has room for a gap. */
const LEAST_WITH_GAP = 3;

interface Props {
  readonly width: number;
  readonly label: string;
  readonly counts: ArrayLike<number>;
  readonly color: Color;
  /** Names below bars: `at` counts bars, 0 is the left end of the first and 0.5 its middle. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** A count that all bars would have if nothing preferred any. */
  readonly even?: number;
}

export function BarChart({ width, label, counts, color, ticks, even = 0 }: Props) {
  const largest = Math.max(1, even, ...Array.from(counts));
  const barWidth = width / Math.max(1, counts.length);
  const gap = barWidth >= LEAST_WITH_GAP ? 1 : 0;
  const y = (count: number): number => PLOT_HEIGHT * (1 - count / largest);
  return (
    <svg role="img" aria-label={label} width={width} height={PLOT_HEIGHT + BELOW}>
      {Array.from(counts, (count, bin) =>
        count <= 0 ? null : (
          <rect
            key={bin}
            style={{ fill: color }}
            x={bin * barWidth}
            y={Math.min(y(count), PLOT_HEIGHT - 1)}
            width={barWidth - gap}
            height={Math.max(1, PLOT_HEIGHT - y(count))}
          />
        ),
      )}
      {even > 0 && <path class="reference" d={`M0,${Math.round(y(even)) + 0.5}H${width}`} />}
      <path class="base" d={`M0,${PLOT_HEIGHT + 0.5}H${width}`} />
      {ticks.map(({ at, text }) => (
        <text key={at} class={anchorOf(at / counts.length)} x={at * barWidth} y={PLOT_HEIGHT + 14}>
          {text}
        </text>
      ))}
    </svg>
  );
}

/** Names at the ends stay inside. */
const anchorOf = (position: number): 'middle' | 'end' | undefined =>
  position <= 0 ? undefined : position >= 1 ? 'end' : 'middle';
