// The strongest channels of a tensor as a table.
import { formatCount, formatFixed, formatPercent } from '../../../src/core/base/units.ts';
import type { TopChannel } from '../../../src/protocol/imatrixView.ts';
import { OUTLIER_MEDIANS } from '../../shared/charts/profilePlot.ts';

interface Props {
  readonly top: readonly TopChannel[];
  readonly isExpert: boolean;
}

export function TopChannels({ top, isExpert }: Props) {
  const together = top.reduce((sum, { share }) => sum + share, 0);
  const decimals = decimalsFor(top[0]?.meanSquare ?? 0);
  return (
    <section class="chart" aria-label="Strongest channels">
      <div class="chart-title">
        <h3>Strongest channels</h3>
        <span class="finding">
          {formatCount(top.length)} with {formatPercent(together)} % of Σ(Act²)
          {isExpert ? ' of this expert' : ''}
        </span>
      </div>
      <table class="top-channels" aria-label="Strongest channels">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col" title="Mean squared activation">
              Act²
            </th>
            <th scope="col" title="Share of the sum over all channels">
              % of Σ(Act²)
            </th>
            <th scope="col" title="√Act² over that of the median channel">
              × median
            </th>
          </tr>
        </thead>
        <tbody>
          {top.map(({ channel, meanSquare, share, times }) => (
            <tr key={channel}>
              <th scope="row">{formatCount(channel)}</th>
              <td>{formatFixed(meanSquare, decimals)}</td>
              <td>{formatPercent(share)}</td>
              <td class={times !== null && times > OUTLIER_MEDIANS ? 'outlying' : undefined}>
                {times === null ? '–' : formatFixed(times, 2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** As many decimals as give the largest number four digits: those of a column stand below each other. */
function decimalsFor(largest: number): number {
  if (!(largest > 0)) return 0;
  return Math.max(0, Math.min(MAX_DECIMALS, DIGITS - 1 - Math.floor(Math.log10(largest))));
}

const DIGITS = 4;
const MAX_DECIMALS = 12;
