// What the maps and plots of groups say, in words.
import { formatCount, formatPercent, plural } from '../../../../src/core/base/units.ts';
import type { ChannelOrder, GroupMap, GroupsView } from '../../../../src/protocol/tensorGroups.ts';
import type { Histogram } from '../../../../src/protocol/tensorStats.ts';
import { formatNumber } from '../../../shared/charts/numbers.ts';
import { sumOf } from '../findings.ts';
import { isWhole } from './groupPlots.ts';

/** "512 scales, largest ≈ 3.1 × the median". */
export function scaleMapFinding(map: GroupMap): string {
  const magnitudes = map.cells
    .filter((value) => Number.isFinite(value))
    .map(Math.abs)
    .sort();
  const [median = 0, largest = 0] = [magnitudes[magnitudes.length >> 1], magnitudes.at(-1)];
  const zeros = magnitudes.filter((value) => value === 0).length;
  return [
    plural(map.rows * map.groups, 'scale'),
    ...(median > 0 && magnitudes.length > 1
      ? [`largest ≈ ${formatNumber(largest / median, 2)} × the median`]
      : []),
    ...(zeros > 0 ? [`${formatCount(zeros)} zero`] : []),
  ].join(', ');
}

/** "from 5 to 10". */
export function zeroMapFinding({ cells }: GroupMap): string {
  const finite = cells.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return 'none is a number';
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
  return `from ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
}

/** "13 of 16 values used, most often 8 (21 %)". */
export function zeroFinding(histogram: Histogram): string {
  const { low, high, counts } = histogram;
  const total = Math.max(1, sumOf(counts));
  const most = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  if (!isWhole(histogram))
    return `${plural(total, 'group')}, from ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
  const used = counts.filter((count) => count > 0).length;
  const isMiddle = low + 0.5 === 0 && most === counts.length / 2;
  if (used === 1)
    return `all ${formatCount(total)} are ${formatNumber(low + 0.5 + most)}${isMiddle ? ': symmetric' : ''}`;
  return `${formatCount(used)} of ${formatCount(counts.length)} values used, most often ${formatNumber(low + 0.5 + most)} (${formatPercent((counts[most] ?? 0) / total)} %)`;
}

/** "2.74 % of neighbors share groups (in order 96.35 %)": how far from an order by input channels. */
export function orderFinding({ groupOf, perPoint, channels, groups }: ChannelOrder): string {
  const size = channels / groups;
  if (perPoint > 1) return `${formatCount(channels)} input channels in ${formatCount(groups)} groups`;
  let together = 0;
  for (let channel = 1; channel < groupOf.length; channel++)
    if (groupOf[channel] === groupOf[channel - 1]) together++;
  const share = together / Math.max(1, groupOf.length - 1);
  return `${formatPercent(share)} % of neighbors share groups (in order ${formatPercent((size - 1) / size)} %)`;
}

export function superScaleFinding({ values, count }: NonNullable<GroupsView['superScales']>): string {
  const magnitudes = values.map(Math.abs).filter((value) => value > 0);
  if (magnitudes.length === 0) return 'none';
  const [low, high] = [
    magnitudes.reduce((a, b) => Math.min(a, b)),
    magnitudes.reduce((a, b) => Math.max(a, b)),
  ];
  return count === 1
    ? formatNumber(values[0] ?? NaN)
    : `${formatCount(count)}, from ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
}
