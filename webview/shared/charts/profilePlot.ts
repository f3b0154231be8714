// The largest weight of every input channel, with the channels that stand out by their number.
import { formatCount } from '../../../src/core/base/units.ts';
import type { ChannelProfile } from '../../../src/protocol/tensorStats.ts';
import { placeLabels, profileColumns } from './bins.ts';
import { formatNumber, roundTicks } from './numbers.ts';
import { ticksThatFit, type Plot, type Reading } from './plot.ts';

/** Above the plot there is room for the number of the highest channel. */
const ROOM = { left: 36, right: 0, above: 16, below: 18 };
const PLOT_HEIGHT = 64;
/** Channels above so many medians stand out. */
export const OUTLIER_MEDIANS = 3;
/** Px of a channel's number, and between two numbers of the axis. */
const LABEL_ROOM = 28;
const TICK_ROOM = 100;
/** Px of a channel that stands out. */
const OUTLIER_WIDTH = 2;
/** Px between "med" and "3×", so that both can be read. */
const LEAST_APART = 11;

/** @param measure what the numbers of the profile are */
export function profilePlot(profile: ChannelProfile, width: number, measure = 'largest |w|'): Plot {
  const { channelCount, median, outliers } = profile;
  const plotWidth = Math.max(1, width - ROOM.left);
  const { maxima, channels } = profileColumns(profile, plotWidth);
  const limit = OUTLIER_MEDIANS * median;
  const top = maxima.reduce((most, value) => Math.max(most, value), limit) || 1;
  const axis = { low: 0, high: maxima.length * channels };
  const px = plotWidth / axis.high;
  const named = placeLabels(outliers, ({ channel }) => (channel + 0.5) * px, LABEL_ROOM);
  const heights = [
    { at: median, text: 'med' },
    { at: limit, text: `${OUTLIER_MEDIANS}×` },
  ];
  const areApart = ((limit - median) / top) * PLOT_HEIGHT >= LEAST_APART;
  const read = (column: number): Reading => {
    const start = (at: number): number =>
      Math.ceil((at * channels) / profile.perPoint - 0.5) * profile.perPoint;
    const first = start(column);
    const last = Math.max(first, Math.min(channelCount, start(column + 1)) - 1);
    const value = maxima[column] ?? 0;
    const times = median > 0 ? ` · ${formatNumber(value / median, 3)} × the median` : '';
    return {
      head:
        first === last
          ? `Channel ${formatCount(first)}`
          : `Channels ${formatCount(first)}–${formatCount(last)}`,
      text: `${measure} ${formatNumber(value)}${times}`,
    };
  };
  return {
    height: ROOM.above + PLOT_HEIGHT + ROOM.below,
    room: ROOM,
    x: {
      ...axis,
      ticks: ticksThatFit(
        roundTicks(0, channelCount - 1, Math.floor(plotWidth / TICK_ROOM)).flatMap((channel) =>
          Number.isInteger(channel) ? [{ at: channel + 0.5, text: formatCount(channel) }] : [],
        ),
        axis,
        plotWidth,
        ROOM,
      ),
    },
    y: { low: 0, high: top, ticks: areApart ? heights : heights.slice(1), kind: 'linear', hasGrid: false },
    series: [
      {
        kind: 'bars',
        points: Array.from(maxima, (y, column) => ({ x: (column + 0.5) * channels, y })).filter(
          ({ y }) => y > 0,
        ),
        width: channels,
        gap: 0,
        ink: 'histogram',
      },
      {
        kind: 'bars',
        points: outliers.map(({ channel, absMax }) => ({ x: channel + 0.5, y: absMax })),
        width: Math.max(1, OUTLIER_WIDTH / px),
        gap: 0,
        ink: 'outlier',
      },
    ],
    marks: [
      ...heights.map(({ at }) => ({ kind: 'horizontal' as const, at })),
      ...named.map(({ channel, absMax }) => ({
        kind: 'label' as const,
        x: channel + 0.5,
        y: absMax,
        text: formatCount(channel),
        ink: 'outlier' as const,
      })),
    ],
    parts: { low: 0, width: channels, count: maxima.length, read },
  };
}
