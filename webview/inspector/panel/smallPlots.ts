// The plots of scales, mins and codes: bars of a fixed kind over an axis of their own.
import { formatCount, formatPercent } from '../../../src/core/base/units.ts';
import type { CodeUse, Histogram } from '../../../src/protocol/tensorStats.ts';
import { barPlot } from '../../shared/charts/barPlot.ts';
import { mergeBins } from '../../shared/charts/bins.ts';
import { formatNumber, roundTicks } from '../../shared/charts/numbers.ts';
import type { Ink, Plot } from '../../shared/charts/plot.ts';
import { weightsText } from '../../shared/charts/valuePlot.ts';
import { sumOf } from './findings.ts';

/** Px of a bar and the gap to the next, at least. */
const LEAST_BAR = 4;
/** Px for a number and the space to the next. */
const TICK_ROOM = 64;
const CODE_ROOM = 32;

/** Bars over an axis of powers of two. @param word what is counted, "scale" */
export function logBarPlot(histogram: Histogram, ink: Ink, word: string, width: number): Plot {
  const { low, high, counts } = mergeBins(histogram, width / LEAST_BAR);
  const at = (exponent: number): number => ((exponent - low) / (high - low)) * counts.length;
  const total = Math.max(1, sumOf(counts));
  const ticks = roundTicks(low, high, Math.max(1, Math.floor(width / TICK_ROOM))).map((exponent) => ({
    at: at(exponent),
    text: formatNumber(2 ** exponent, 3),
  }));
  const edge = (bar: number): string => formatNumber(2 ** (low + (bar / counts.length) * (high - low)), 3);
  return barPlot(
    {
      counts,
      ink,
      // A range too short for a round power of two still says where it is.
      ticks: ticks.length > 0 ? ticks : [{ at: counts.length / 2, text: edge(counts.length / 2) }],
      read: (bar) => {
        const count = Math.round(counts[bar] ?? 0);
        return {
          head: `${edge(bar)} … ${edge(bar + 1)}`,
          text: `${formatCount(count)} ${word}${count === 1 ? '' : 's'} · ${formatPercent(count / total)} %`,
        };
      },
    },
    width,
  );
}

/** How often each code is used; the dashed line is even use. */
export function codePlot({ levels, counts }: CodeUse, ink: Ink, width: number): Plot {
  const every = 2 ** Math.max(0, Math.ceil(Math.log2((levels.length * CODE_ROOM) / width)));
  const total = sumOf(counts);
  return barPlot(
    {
      counts,
      ink,
      ticks: levels.flatMap((level, index) =>
        index % every === 0 ? [{ at: index + 0.5, text: formatNumber(level, 3) }] : [],
      ),
      lines: total > 0 ? [total / levels.length] : [],
      read: (bar) => ({
        head: `Code ${formatNumber(levels[bar] ?? 0)}`,
        text: weightsText(counts[bar] ?? 0, total),
      }),
    },
    width,
  );
}
