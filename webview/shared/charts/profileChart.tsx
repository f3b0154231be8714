// The largest weight of every input channel, with the channels that stand out by their number.
import { formatCount } from '../../../src/core/base/units.ts';
import type { ChannelProfile } from '../../../src/protocol/tensorStats.ts';
import { maximaByPixel, placeLabels } from './bins.ts';
import { roundTicks } from './numbers.ts';

const PLOT_HEIGHT = 72;
const BELOW = 18;
const LEFT = 36;
/** Above the highest channel, for its number. */
const HEAD = 14;
/** Channels above so many medians stand out. */
export const OUTLIER_MEDIANS = 3;
/** Width of a channel's number. */
const LABEL_ROOM = 28;

interface Props {
  readonly width: number;
  readonly label: string;
  readonly profile: ChannelProfile;
}

export function ProfileChart({ width, label, profile }: Props) {
  const { channelCount, median, outliers } = profile;
  const plotWidth = width - LEFT;
  const columns = maximaByPixel(profile, plotWidth);
  const limit = OUTLIER_MEDIANS * median;
  const top = Math.max(limit, ...columns) || 1;
  const x = (channel: number): number => LEFT + ((channel + 0.5) / channelCount) * plotWidth;
  const y = (value: number): number => PLOT_HEIGHT - (value / top) * (PLOT_HEIGHT - HEAD);
  const named = placeLabels(outliers, ({ channel }) => x(channel), LABEL_ROOM);
  const ticks = roundTicks(0, channelCount - 1, Math.floor(plotWidth / 120));
  return (
    <svg role="img" aria-label={label} width={width} height={PLOT_HEIGHT + BELOW}>
      <path class="profile" d={Array.from(columns, pixelLine(y)).join('')} />
      {outliers.map(({ channel, absMax }) => (
        <rect
          key={channel}
          class="outlier"
          x={Math.floor(x(channel)) - 0.5}
          y={y(absMax)}
          width={2}
          height={PLOT_HEIGHT - y(absMax)}
        />
      ))}
      {[
        { value: median, text: 'med' },
        { value: limit, text: `${OUTLIER_MEDIANS}×` },
      ].map(({ value, text }) => (
        <g key={text}>
          <path class="reference" d={`M${LEFT},${Math.round(y(value)) + 0.5}H${width}`} />
          <text class="end" x={LEFT - 6} y={y(value) + 4}>
            {text}
          </text>
        </g>
      ))}
      {named.map(({ channel, absMax }) => (
        <text key={channel} class="outlier middle" x={x(channel)} y={y(absMax) - 3}>
          {formatCount(channel)}
        </text>
      ))}
      <path class="base" d={`M${LEFT},${PLOT_HEIGHT + 0.5}H${width}`} />
      {ticks.map((tick) => (
        <text key={tick} class="middle" x={x(tick)} y={PLOT_HEIGHT + 14}>
          {formatCount(tick)}
        </text>
      ))}
    </svg>
  );
}

/** One line of 1 px for each column: a single path, because there are hundreds. */
const pixelLine =
  (y: (value: number) => number) =>
  (value: number, column: number): string =>
    value > 0 ? `M${LEFT + column + 0.5},${PLOT_HEIGHT}V${y(value).toFixed(1)}` : '';
