// Plots of what a packed matrix has besides its maps: zero points, bits along the input channels, scales of scales.
import { formatCount, formatPercent } from '../../../../src/core/base/units.ts';
import type { ChannelOrder, GroupMap, GroupsView } from '../../../../src/protocol/tensorGroups.ts';
import type { Histogram } from '../../../../src/protocol/tensorStats.ts';
import { barPlot } from '../../../shared/charts/barPlot.ts';
import { formatNumber, roundTicks } from '../../../shared/charts/numbers.ts';
import type { Ink, Plot } from '../../../shared/charts/plot.ts';
import { bitsColor, type ThemeKind } from '../../../shared/colors.ts';
import { sumOf } from '../findings.ts';

type Widths = NonNullable<GroupsView['widths']>;
type SuperScales = NonNullable<GroupsView['superScales']>;

/** Px for a number and the space to the next. */
const TICK_ROOM = 64;
const SHORT_ROOM = 32;

/** Is each bin one whole number? */
export const isWhole = ({ low, high, counts }: Histogram): boolean => high - low === counts.length;

export function zeroPlot(histogram: Histogram, ink: Ink, width: number): Plot {
  const { low, high, counts } = histogram;
  const total = Math.max(1, sumOf(counts));
  const step = (high - low) / counts.length;
  const every = 2 ** Math.max(0, Math.ceil(Math.log2((counts.length * SHORT_ROOM) / width)));
  const whole = isWhole(histogram);
  const floatTicks = roundTicks(low, high, Math.max(1, Math.floor(width / TICK_ROOM))).map((value) => ({
    at: (value - low) / step,
    text: formatNumber(value, 3),
  }));
  const wholeTicks = Array.from(counts, (_count, bar) => ({
    at: bar + 0.5,
    text: formatNumber(low + 0.5 + bar),
  })).filter((_tick, bar) => bar % every === 0);
  return barPlot(
    {
      counts,
      ink,
      ticks: whole ? wholeTicks : floatTicks,
      read: (bar) => ({
        head: whole
          ? `Zero point ${formatNumber(low + 0.5 + bar)}`
          : `${formatNumber(low + bar * step, 3)} … ${formatNumber(low + (bar + 1) * step, 3)}`,
        text: `${formatCount(counts[bar] ?? 0)} groups · ${formatPercent((counts[bar] ?? 0) / total)} %`,
      }),
    },
    width,
  );
}

/** Bars that are as many as fit: each is the widest group within it. */
const BITS_BARS = 256;

/** @param theme colors a bar by its bits, as everywhere */
export function widthPlot({ bits, channels }: Widths, theme: ThemeKind, width: number): Plot {
  const total = sumOfNumbers(channels);
  const bars = Math.max(1, Math.min(BITS_BARS, total));
  const perBar = total / bars;
  const ofBar = barBits({ bits, channels }, bars);
  const plot = barPlot(
    {
      counts: ofBar,
      ink: 'histogram',
      ticks: roundTicks(0, total - 1, Math.max(1, Math.floor(width / TICK_ROOM)))
        .filter(Number.isInteger)
        .map((channel) => ({ at: channel / perBar, text: formatCount(channel) })),
      heights: [2, 4, 8].filter((value) => value <= Math.max(...ofBar)).map((at) => ({ at, text: `${at}` })),
      read: (bar) => ({
        head: `Stored input channels ${formatCount(Math.floor(bar * perBar))}–${formatCount(Math.ceil((bar + 1) * perBar) - 1)}`,
        text: `${formatNumber(ofBar[bar] ?? NaN)} bits`,
      }),
    },
    width,
  );
  const inks = ofBar.map((value): Ink => bitsColor(theme, value));
  return {
    ...plot,
    series: plot.series.map((series) => (series.kind === 'bars' ? { ...series, ink: inks, gap: 0 } : series)),
  };
}

function barBits({ bits, channels }: Widths, bars: number): number[] {
  const total = sumOfNumbers(channels);
  const widest = new Array<number>(bars).fill(0);
  let first = 0;
  channels.forEach((count, group) => {
    const from = Math.floor((first * bars) / total);
    const to = Math.ceil(((first + count) * bars) / total);
    for (let bar = from; bar < to; bar++) widest[bar] = Math.max(widest[bar] ?? 0, bits[group] ?? 0);
    first += count;
  });
  return widest;
}

/** "4.13 bits on average, 2 to 8, as they are stored". */
export function widthFinding({ bits, channels }: Widths): string {
  const total = sumOfNumbers(channels);
  const mean = bits.reduce((sum, value, group) => sum + value * (channels[group] ?? 0), 0) / total;
  const [least, most] = [bits.reduce((a, b) => Math.min(a, b)), bits.reduce((a, b) => Math.max(a, b))];
  return `${formatNumber(mean, 3)} bits on average, ${least} to ${most}, as they are stored`;
}

const sumOfNumbers = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0);

export function superScalePlot({ values, perPoint, name }: SuperScales, ink: Ink, width: number): Plot {
  const magnitudes = Array.from(values, Math.abs);
  return barPlot(
    {
      counts: magnitudes,
      ink,
      ticks: roundTicks(0, values.length * perPoint - 1, Math.max(1, Math.floor(width / TICK_ROOM)))
        .filter(Number.isInteger)
        .map((index) => ({ at: index / perPoint + 0.5, text: formatCount(index) })),
      read: (bar) => ({
        head: perPoint === 1 ? `${name} ${formatCount(bar)}` : `${name} from ${formatCount(bar * perPoint)}`,
        text: formatNumber(values[bar] ?? NaN),
      }),
    },
    width,
  );
}

/** Groups of a map of the order, at most; points of it, at most. */
const ORDER_ROWS = 96;
const ORDER_COLUMNS = 256;

/** Where the input channels of each group are: how many in each cell. */
export function orderMap({ channels, groups, perPoint, groupOf }: ChannelOrder): GroupMap {
  const rowsPerCell = Math.max(1, Math.ceil(groups / ORDER_ROWS));
  const groupsPerCell = perPoint * Math.max(1, Math.ceil(groupOf.length / ORDER_COLUMNS));
  const height = Math.ceil(groups / rowsPerCell);
  const width = Math.ceil(channels / groupsPerCell);
  const cells = new Float32Array(height * width);
  groupOf.forEach((group, point) => {
    const cell = Math.floor(group / rowsPerCell) * width + Math.floor((point * perPoint) / groupsPerCell);
    cells[cell] = (cells[cell] ?? 0) + perPoint;
  });
  return { rows: groups, groups: channels, rowsPerCell, groupsPerCell, height, width, cells };
}
