// The groups of a packed matrix for the terminal: as lines of text, and as an object for JSON.
import { formatCount, formatPercent } from '../../core/base/units.ts';
import type { GroupMap, GroupsView } from '../../protocol/tensorGroups.ts';
import type { Histogram } from '../../protocol/tensorStats.ts';

/** A line for each thing there is: "Scales       2,048 (256 × 8), 0.0155 … 0.0807". */
export function groupsLines(view: GroupsView): string[] {
  if (view.unavailable !== null) return [view.unavailable];
  const { scales, zeros, zeroKind, zeroCounts, order, widths, superScales } = view;
  const lines: (readonly [string, string])[] = [];
  if (scales !== null) lines.push(['Scales', mapText(scales)]);
  if (zeros !== null && zeroKind === 'bias') lines.push(['Biases', mapText(zeros)]);
  if (zeroCounts !== null) lines.push(['Zero points', zeroText(zeroCounts)]);
  if (order !== null) lines.push(['Act-order', orderText(order)]);
  if (widths !== null) lines.push(['Bits', widthText(widths)]);
  if (superScales !== null)
    lines.push([superScales.name, `${formatCount(superScales.count)}, ${rangeText(superScales.values)}`]);
  const width = Math.max(...lines.map(([head]) => head.length));
  return lines.map(([head, text]) => `${head.padEnd(width)}  ${text}`);
}

/** Lists as they are; null where there is nothing of the kind. */
export function groupsReport({
  scales,
  zeros,
  zeroKind,
  zeroCounts,
  order,
  widths,
  superScales,
}: GroupsView) {
  return {
    scales: scales && { rows: scales.rows, groups: scales.groups, ...rangeOf(scales.cells) },
    zeros: zeros && { kind: zeroKind, ...rangeOf(zeros.cells) },
    zeroCounts: zeroCounts && { low: zeroCounts.low, high: zeroCounts.high, counts: [...zeroCounts.counts] },
    order: order && { everyInputChannel: order.perPoint, groupOf: [...order.groupOf] },
    bits: widths && { ...widths },
    superScales: superScales && {
      name: superScales.name,
      every: superScales.perPoint,
      values: [...superScales.values],
    },
  };
}

const mapText = (map: GroupMap): string =>
  `${formatCount(map.rows * map.groups)} (${formatCount(map.rows)} × ${formatCount(map.groups)}), ${rangeText(map.cells)}`;

function rangeText(numbers: Float32Array): string {
  const { least, most } = rangeOf(numbers);
  return least === most ? short(least) : `${short(least)} … ${short(most)}`;
}

function rangeOf(numbers: Float32Array): { readonly least: number; readonly most: number } {
  let [least, most] = [Infinity, -Infinity];
  for (const value of numbers) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least <= most ? { least, most } : { least: NaN, most: NaN };
}

/** So many of the zero points are told, the most frequent first. */
const MOST_TOLD = 4;

function zeroText({ low, high, counts }: Histogram): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (high - low !== counts.length) return `${formatCount(total)}, ${short(low)} … ${short(high)}`;
  const used = [...counts.keys()].filter((bin) => (counts[bin] ?? 0) > 0);
  const valueOf = (bin: number): string => short(low + 0.5 + bin);
  if (used.length === 1) return `all ${formatCount(total)} are ${valueOf(used[0] ?? 0)}`;
  const most = used.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0)).slice(0, MOST_TOLD);
  const told = most.map((bin) => `${valueOf(bin)}: ${formatPercent((counts[bin] ?? 0) / total)} %`);
  return `${formatCount(used.length)} of ${formatCount(counts.length)} values used; ${told.join(', ')}`;
}

function orderText({ groupOf, channels, groups, perPoint }: NonNullable<GroupsView['order']>): string {
  const what = `${formatCount(channels)} input channels in ${formatCount(groups)} groups`;
  if (perPoint > 1) return what;
  const together = groupOf.filter((group, channel) => channel > 0 && group === groupOf[channel - 1]).length;
  return `${what}; ${formatPercent(together / Math.max(1, channels - 1))} % of neighbors share one`;
}

function widthText({ bits, channels }: NonNullable<GroupsView['widths']>): string {
  const byBits = new Map<number, number>();
  bits.forEach((value, group) => byBits.set(value, (byBits.get(value) ?? 0) + (channels[group] ?? 0)));
  return [...byBits]
    .sort(([a], [b]) => a - b)
    .map(([value, count]) => `${value} bits: ${formatCount(count)} input channels`)
    .join(', ');
}

const short = (value: number): string => String(Number(value.toPrecision(4))).replaceAll('-', '−');
